// Events of the wire, what they change here, and under which name and with what they are told.

import type { Authorization, VideoLayout, VideoMemberEntity } from "../types/entities.js";
import type { PlaybackEntity, RecordingEntity, StreamEntity } from "../types/outputs.js";
import type { Kind } from "../media/leg.js";
import type { Members } from "./members.js";
import type { Outputs } from "./outputs.js";
import type { Place, Subscribed, WireSession } from "./stay.js";
import type { ChildLeg } from "./child.js";

/** What events change. */
export interface Hearing {
  engine: { members: Members; outputs: Outputs; place: Place; children: Set<ChildLeg> };
  tell(event: string, ...args: readonly unknown[]): void;
  subscribed(payload: Subscribed, tellJoined: () => void): void;
  standing(authorization: Authorization): void;
  arranged(): void;
  ownMuted(kind: Kind, isMuted: boolean): void;
  childCame(member: VideoMemberEntity): void;
}

type Params = Record<string, unknown>;

/** Takes one event; `name` is without its `video.`. */
export function hear(name: string, params: Params, to: Hearing): void {
  const taken = HEARD[name];
  if (taken) taken(params, to, name);
  else to.tell(name, params);
}

const HEARD: Record<string, (params: Params, to: Hearing, name: string) => void> = {
  "room.subscribed": (params, to) => {
    const payload = params as unknown as Subscribed;
    to.subscribed(payload, () => {
      to.tell("room.subscribed", params);
      const joined = { ...params, room_session: withObjects(payload.room_session, to.engine.outputs) } as Params;
      if (payload.room) joined.room = withObjects(payload.room, to.engine.outputs);
      to.tell("room.joined", joined);
    });
  },
  "layout.changed": (params, to) => {
    to.engine.place.layout = params.layout as VideoLayout;
    to.arranged();
    to.tell("layout.changed", params);
  },
  "member.joined": (params, to) => {
    const member = params.member as VideoMemberEntity;
    to.engine.members.put(member);
    to.childCame(member);
    to.tell("member.joined", params);
    tellList(to);
  },
  "member.updated": (params, to) => {
    const member = params.member as VideoMemberEntity & { updated?: string[] };
    const { updated = [] } = member;
    to.engine.members.put(member);
    mutes(member, updated, to);
    // A list that is only made complete is no change of anybody.
    if (updated.length > 0) {
      for (const key of updated) to.tell(`member.updated.${key}`, params);
      // Told where it was named, and of the same change.
      if (updated.includes("handraised") && "hand_raised_at" in member) to.tell("member.updated.hand_raised_at", params);
      to.tell("member.updated", params);
    }
    tellList(to);
  },
  "member.left": (params, to) => {
    const { id } = params.member as VideoMemberEntity;
    to.engine.members.remove(id);
    for (const child of [...to.engine.children]) if (child.memberId === id) child.ended();
    to.tell("member.left", params);
    tellList(to);
  },
  "member.promoted": standing,
  "member.demoted": standing,
  "recording.started": output,
  "recording.updated": output,
  "recording.ended": output,
  "playback.started": output,
  "playback.updated": output,
  "playback.ended": output,
  "stream.started": output,
  "stream.ended": output,
};

function standing(params: Params, to: Hearing, name: string): void {
  to.tell(name, params);
  if (params.member_id === to.engine.place.memberId) to.standing(params.authorization as Authorization);
}

function output(params: Params, to: Hearing, name: string): void {
  const { recording, playback, stream } = to.engine.outputs;
  const [kind] = name.split(".");
  if (kind === "recording") to.tell(name, recording.of(params.recording as RecordingEntity));
  else if (kind === "playback") to.tell(name, playback.of(params.playback as PlaybackEntity));
  else to.tell(name, stream.of(params.stream as StreamEntity));
}

function mutes(member: VideoMemberEntity, updated: string[], to: Hearing): void {
  const kinds = [["audio", "audio_muted"], ["video", "video_muted"]] as const;
  for (const [kind, key] of kinds) {
    if (!updated.includes(key)) continue;
    if (member.id === to.engine.place.memberId) to.ownMuted(kind, member[key]);
    for (const child of to.engine.children) if (child.memberId === member.id) child.muted(kind, member[key]);
  }
}

function tellList(to: Hearing): void {
  if (to.engine.place.memberId) to.tell("memberList.updated", { members: to.engine.members.list() });
}

function withObjects(session: WireSession, { recording, playback, stream }: Outputs): unknown {
  return {
    ...session,
    recordings: (session.recordings ?? []).map((entity) => recording.of(entity)),
    playbacks: (session.playbacks ?? []).map((entity) => playback.of(entity)),
    streams: (session.streams ?? []).map((entity) => stream.of(entity)),
  };
}
