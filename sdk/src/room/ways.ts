// Who sends and receives what: what the token allows and what was asked for when joining.

import { problem } from "../errors.js";
import { type Kind, KINDS, type Way } from "../media/leg.js";
import type { Authorization } from "../types/entities.js";
import type { JoinOptions, RoomSessionOptions } from "../types/options.js";

/** Of one kind. */
export interface KindPlan {
  /** What to ask the browser for; `null` where nothing is sent. */
  constraints: MediaTrackConstraints | true | null;
  direction: RTCRtpTransceiverDirection | null;
}

/** What is asked for, or the token allows at least. */
export type Ways = Record<Kind, KindPlan>;

export function ways(authorization: Authorization, join: JoinOptions, options: RoomSessionOptions): Ways {
  const { join_as: joinAs, audio_allowed: audio, video_allowed: video } = authorization;
  const isMember = joinAs !== "audience";
  const plan = {
    audio: kind(isMember, audio, join.audio ?? options.audio ?? true, join.sendAudio, join.receiveAudio),
    video: kind(isMember, video, join.video ?? options.video ?? true, join.sendVideo, join.receiveVideo),
  };
  if (!plan.audio.direction && !plan.video.direction) {
    throw problem("invalid", "nothing is to be sent or received: neither sound nor picture");
  }
  return plan;
}

/** The same as a leg takes it, with the tracks that are there and the sizes in which a camera is offered. */
export function agree(
  plan: Ways,
  trackOf: (kind: Kind) => MediaStreamTrack | null,
  sizesOf: (track: MediaStreamTrack | null) => RTCRtpEncodingParameters[] | undefined,
): Partial<Record<Kind, Way>> {
  const agreed: Partial<Record<Kind, Way>> = {};
  for (const kind of KINDS) {
    const { direction, constraints } = plan[kind];
    const track = constraints ? trackOf(kind) : null;
    if (direction) agreed[kind] = { direction, track, sizes: kind === "video" ? sizesOf(track) : undefined };
  }
  return agreed;
}

function kind(
  isMember: boolean,
  allowed: Authorization["audio_allowed"],
  wanted: boolean | MediaTrackConstraints,
  send: boolean | undefined,
  receive: boolean | undefined,
): KindPlan {
  // What is said of one direction goes before what is said of both.
  const sends = isMember && allowed === "both" && (send ?? Boolean(wanted));
  const receives = allowed !== "none" && (receive ?? Boolean(wanted));
  const constraints = sends ? (typeof wanted === "object" ? wanted : true) : null;
  if (sends) return { constraints, direction: receives ? "sendrecv" : "sendonly" };
  return { constraints, direction: receives ? "recvonly" : null };
}
