// What rooms are made of, in the spelling of the wire. Which fields there are is the server's word
// (wire.generated.ts); what a class of its own is made of stands beside it.

import type * as Wire from "./wire.generated.js";

/** Anything that JSON can say, under names. */
export type Meta = Record<string, unknown>;

/** Where somebody sits, or asks to sit, in a layout. */
export type VideoPosition = "auto" | `reserved-${number}` | `standard-${number}` | "off-canvas";

/** Positions by member id; `self` is the one that is about to be made. */
export type VideoPositions = Record<string, VideoPosition>;

/** What kind of member it is: a person, somebody who only looks on, or a person's screen or device. */
export type MemberType = Wire.Member["type"];

/**
 * A member as the server describes it. `hand_raised_at` is there while somebody listens to
 * `member.updated.hand_raised_at`: whoever has the smallest is first in the line.
 */
export interface VideoMemberEntity extends Wire.Member {}

/** A member of whom some fields are told. */
export type VideoMemberUpdate = Pick<VideoMemberEntity, "id" | "room_id" | "room_session_id" | "type"> &
  Partial<VideoMemberEntity> & { updated: string[] };

/** One rectangle of a layout, in percent of the canvas. */
export interface VideoLayoutLayer extends Wire.Layer {}

/** A layout with everybody in it. */
export interface VideoLayout extends Wire.Layout {}

/** What is told of a session beside its members. */
export interface RoomSessionFacts extends Wire.SessionFacts {}

/** A room of which some fields are told. */
export interface RoomUpdate extends Wire.ChangedRoom {}

/** Which media somebody may send (members) or receive (audience). */
export type MediaAllowed = Wire.Authorization["media_allowed"];

/** What the room token stands for, as the server tells it. */
export interface Authorization extends Wire.Authorization {}

/** A message of the chat. */
export interface ChatMessage extends Wire.ChatMessage {}

/** Somebody who waits in the lobby; `id` is that of their place in the line, and no member's. */
export interface LobbyWaiter extends Wire.Waiting {}

/** A link that opens the room; `key` is there in what `links.create()` gives, and never again. */
export interface RoomLink extends Wire.RoomLink {}

/** As what a link lets in. */
export type LinkRole = Wire.RoomLink["role"];
