// How much of one's own picture is sent: as large as one's own cell and no larger. The server draws it
// into that cell and nowhere else, so that every further pixel would be paid for and thrown away.

import type { VideoLayout } from "../types/entities.js";

/** Smallest canvas there is; a weak line is sent a smaller picture of it, so that its size says little. */
const CANVAS = { width: 1280, height: 720 };
/** Bits for one pixel of one frame; VP8 and H.264 look good from about here. */
const BITS = 0.09;
const FRAMES = 30;
/** Without a cell: enough that the server sees that one is there, and that the first picture is there at once. */
const UNSEEN: Uplink = { height: 90, kbps: 60, framesPerSecond: 5 };
const LEAST_KBPS = 120;
const MOST_KBPS = 2_500;
/** Cells that differ by less are not worth a key frame. */
const STEP = 0.1;

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
  const kbps = Math.round((width * height * FRAMES * BITS) / 1000);
  return { height: Math.ceil(height), kbps: Math.min(MOST_KBPS, Math.max(LEAST_KBPS, kbps)), framesPerSecond: FRAMES };
}

/** Asks the browser to send no more than that; does nothing where it sends that already. */
export async function apply(sender: RTCRtpSender, uplink: Uplink): Promise<void> {
  const { height = 0 } = sender.track?.getSettings?.() ?? {};
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  if (!encoding || height === 0) return;
  const wanted = height / uplink.height;
  // A few lines less are not worth a scaler.
  const scale = wanted < 1 + STEP ? 1 : wanted;
  const before = encoding.scaleResolutionDownBy ?? 1;
  const isSame = Math.abs(scale / before - 1) < STEP && encoding.maxFramerate === uplink.framesPerSecond;
  if (isSame && encoding.maxBitrate !== undefined) return;
  encoding.scaleResolutionDownBy = scale;
  encoding.maxBitrate = uplink.kbps * 1000;
  encoding.maxFramerate = uplink.framesPerSecond;
  await sender.setParameters(parameters);
}
