// Who may be in the room, and as what.

import type { VideoMemberEntity } from "../types/entities.js";
import type { DemoteOptions, PromoteOptions, RemoveOptions } from "../types/options.js";
import { Metas } from "./metas.js";

/** Members, the lock, removing, promoting and demoting. */
export abstract class Moderation extends Metas {
  /** Gives everybody who takes part, screens and devices included. People who look on are not among them. */
  async getMembers(): Promise<{ members: VideoMemberEntity[] }> {
    const { members } = await this.call("video.members.get");
    return { members };
  }

  /**
   * Keeps newcomers out.
   *
   * Permission: `room.lock`.
   * Event: `room.updated` with `locked`.
   */
  async lock(): Promise<void> {
    await this.call("video.lock");
  }

  /**
   * Lets newcomers in again.
   *
   * Permission: `room.unlock`.
   * Event: `room.updated` with `locked`.
   */
  async unlock(): Promise<void> {
    await this.call("video.unlock");
  }

  /**
   * Removes somebody from the room; with `keepOut` for as long as the session lasts.
   *
   * Permission: `room.member.remove`.
   * Events: `room.left` for them; `member.left` and `layout.changed` for the others.
   */
  async removeMember({ memberId, keepOut }: RemoveOptions): Promise<void> {
    this.need(memberId, "memberId");
    await this.call("video.member.remove", { member_id: memberId, keep_out: keepOut });
  }

  /**
   * Removes everybody, oneself included; the session is over.
   *
   * Permission: `room.member.remove`.
   * Event: `room.left` for all.
   */
  async removeAllMembers(): Promise<void> {
    await this.call("video.member.remove", { member_id: "all" });
  }

  /**
   * Lets somebody who looks on take part.
   *
   * Permission: `room.member.promote`.
   * Events: `member.promoted` for them; `member.joined`, `layout.changed` and `room.audience_count` for all.
   */
  async promote(params: PromoteOptions): Promise<void> {
    const { memberId, joinAudioMuted, joinVideoMuted, mediaAllowed, meta, permissions } = params;
    this.need(memberId, "memberId");
    await this.call("video.member.promote", {
      member_id: memberId,
      join_audio_muted: joinAudioMuted,
      join_video_muted: joinVideoMuted,
      media_allowed: mediaAllowed,
      meta,
      permissions,
    });
  }

  /**
   * Lets somebody look on only; oneself where nobody is named.
   *
   * Permission: `room.member.demote`.
   * Events: `member.demoted` for them; `member.left`, `layout.changed` and `room.audience_count` for all.
   */
  async demote(params: DemoteOptions = {}): Promise<void> {
    await this.ofMember("video.member.demote", { memberId: params.memberId, media_allowed: params.mediaAllowed });
  }
}
