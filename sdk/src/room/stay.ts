// What a session knows of itself while somebody is in it: names that the join gave, and the last layout.

import type { JoinedRoomSession } from "../types/events.js";
import type { VideoLayout } from "../types/entities.js";
import type { RecordingEntity, PlaybackEntity, StreamEntity } from "../types/outputs.js";
import type { VideoMemberEntity } from "../types/entities.js";

/** Who and where one is. */
export interface Place {
  memberId: string;
  roomId: string;
  roomSessionId: string;
  previewUrl: string | undefined;
  layout: VideoLayout | undefined;
}

/** Nowhere. */
export const nowhere = (): Place => ({ memberId: "", roomId: "", roomSessionId: "", previewUrl: undefined, layout: undefined });

/** `video.room.subscribed` as it comes. */
export interface Subscribed {
  call_id: string;
  member_id: string;
  room_session: WireSession;
  room?: WireSession;
}

/** A session of the wire, with plain recordings, playbacks and streams. */
export type WireSession = Omit<JoinedRoomSession, "recordings" | "playbacks" | "streams"> & {
  members: VideoMemberEntity[];
  recordings?: RecordingEntity[];
  playbacks?: PlaybackEntity[];
  streams?: StreamEntity[];
};

/** Where one is after the join said so. */
export function placeOf({ member_id: memberId, room_session: session }: Subscribed): Place {
  return {
    memberId,
    roomId: session.room_id,
    roomSessionId: session.id ?? session.room_session_id,
    previewUrl: session.preview_url ?? undefined,
    layout: undefined,
  };
}
