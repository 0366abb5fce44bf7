// How much of one's own picture is sent: as large as one's own cell and no larger, for the server draws it into that
// cell and nowhere else, so that every further pixel would be paid for and thrown away; and in which sizes, of which
// the server takes the smallest that fills the cell, and a smaller one when a narrow line leaves the larger ones out.

import type { VideoLayout } from "../types/entities.js";

/** Smallest canvas there is; a weak line is sent a smaller picture of it, so that its size says little. */
const CANVAS = { width: 1280, height: 720 };
/** Bits for one pixel of one frame; VP8 and H.264 look good from about here. */
const BITS = 0.11;
/** The canvas is drawn so often: at 720 lines, and larger. */
const FRAMES = { small: 20, large: 30 };
/** Without a cell: enough that the server sees that one is there, and that the first picture is there at once. */
const UNSEEN: Uplink = { height: 90, kbps: 60, framesPerSecond: 5 };
const LEAST_KBPS = 120;
const MOST_KBPS = 2_500;
/** Cells that differ by less are not worth a key frame. */
const STEP = 0.1;
/** Nobody recognises a face in fewer lines: a smaller size is not sent. */
const LEAST_LINES = 80;
/** Sizes by name, the smallest first: what Chromium drops of them are the last, and Safari keeps no other order. */
const RIDS = ["q", "h", "f"];
/** A camera of fewer pixels is sent in one size, in two, else in three; browsers make no more of it. */
const ENOUGH_FOR = [480 * 270, 960 * 540];

/** What is sent. */
export interface Uplink {
  height: number;
  kbps: number;
  framesPerSecond: number;
}

/** What a member is to send for the cell that the layout gives it. */
export function uplinkFor(layout: VideoLayout, memberId: string, canvas: { width: number; height: number }): Uplink {
  const layer = layout.layers.find(({ member_id: id }) => id === memberId);
  if (!layer) return UNSEEN;
  const width = (layer.width / 100) * Math.max(CANVAS.width, canvas.width);
  const height = (layer.height / 100) * Math.max(CANVAS.height, canvas.height);
  const framesPerSecond = canvas.height > CANVAS.height ? FRAMES.large : FRAMES.small;
  const kbps = Math.round((width * height * framesPerSecond * BITS) / 1000);
  return { height: Math.round(height), kbps: Math.min(MOST_KBPS, Math.max(LEAST_KBPS, kbps)), framesPerSecond };
}

/**
 * Sizes in which a camera is offered, the smallest first; `undefined` for one alone: of a small camera, of one that is
 * not open, and in browsers of WebKit, whose layers are not to be relied upon.
 */
export function sizesOf(track: MediaStreamTrack | null): RTCRtpEncodingParameters[] | undefined {
  const count = sizesFor(track);
  if (count === 1 || isWebKit()) return undefined;
  const rids = RIDS.slice(-count);
  return rids.map((rid, at) => ({ rid, scaleResolutionDownBy: 2 ** (count - 1 - at) }));
}

/** In how many sizes a camera is sent. */
function sizesFor(track: MediaStreamTrack | null): number {
  const { width = 0, height = 0 } = track?.getSettings?.() ?? {};
  return 1 + ENOUGH_FOR.filter((pixels) => width * height >= pixels).length;
}

/** All browsers of iOS are. */
const isWebKit = (): boolean => /^Apple/.test(navigator.vendor ?? "");

/** One change after the other, the latest of those that wait: parameters that were read are good for one change. */
const turns = new WeakMap<RTCRtpSender, { next: Uplink | undefined }>();

/** Asks the browser to send no more than that; does nothing where it sends that already. */
export async function apply(sender: RTCRtpSender, uplink: Uplink): Promise<void> {
  const waiting = turns.get(sender);
  if (waiting) {
    waiting.next = uplink;
    return;
  }
  const turn: { next: Uplink | undefined } = { next: uplink };
  turns.set(sender, turn);
  try {
    while (turn.next) {
      const { next } = turn;
      turn.next = undefined;
      await change(sender, next);
    }
  } finally {
    turns.delete(sender);
  }
}

async function change(sender: RTCRtpSender, uplink: Uplink): Promise<void> {
  const { height = 0 } = sender.track?.getSettings?.() ?? {};
  const parameters = sender.getParameters();
  // Before the answer there may be none: Safari knows of them only then, and takes none of ours.
  const encodings = parameters.encodings ?? [];
  if (encodings.length === 0 || height === 0) return;
  const wanted = sized(encodings.length, Math.min(encodings.length, sizesFor(sender.track)), height, uplink);
  if (wanted.every((one, at) => isSame(encodings[at] ?? {}, one))) return;
  // Their number, names and order stay as they are.
  encodings.forEach((encoding, at) => Object.assign(encoding, wanted[at]));
  await sender.setParameters(parameters);
}

/** The largest size fills the cell; each before it has half the lines. Those that a smaller camera is too small for rest. */
function sized(count: number, used: number, height: number, { height: lines, kbps, framesPerSecond }: Uplink): RTCRtpEncodingParameters[] {
  const fits = height / lines;
  // A few lines less are not worth a scaler.
  const scale = fits < 1 + STEP ? 1 : fits;
  return Array.from({ length: count }, (_, at) => {
    const by = 2 ** Math.max(0, used - 1 - at);
    return {
      active: at === used - 1 || (at < used && height / (scale * by) >= LEAST_LINES),
      scaleResolutionDownBy: scale * by,
      maxBitrate: Math.round((kbps * 1000) / by ** 2),
      maxFramerate: framesPerSecond,
    };
  });
}

function isSame(before: RTCRtpEncodingParameters, { active, scaleResolutionDownBy = 1, maxFramerate }: RTCRtpEncodingParameters): boolean {
  const isNear = Math.abs(scaleResolutionDownBy / (before.scaleResolutionDownBy ?? 1) - 1) < STEP;
  return isNear && before.maxBitrate !== undefined && before.maxFramerate === maxFramerate && (before.active ?? true) === active;
}
