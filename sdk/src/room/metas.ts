// What an application keeps with a session and its members; the server reads none of it.

import type { Meta } from "../types/entities.js";
import type { DeleteMemberMetaOptions, MemberMetaOptions, MemberOptions } from "../types/options.js";
import { Places } from "./places.js";

/** Metadata. */
export abstract class Metas extends Places {
  /** Gives the session's metadata. */
  async getMeta(): Promise<{ meta: Meta }> {
    const { meta } = await this.call("video.get_meta");
    return { meta };
  }

  /**
   * Replaces the session's metadata.
   *
   * Permission: `room.set_meta`.
   * Event: `room.updated` with `meta`.
   */
  async setMeta(meta: Meta): Promise<void> {
    await this.call("video.set_meta", { meta });
  }

  /**
   * Sets some keys of the session's metadata and leaves the others.
   *
   * Permission: `room.set_meta`.
   * Event: `room.updated` with `meta`.
   */
  async updateMeta(meta: Meta): Promise<void> {
    await this.call("video.update_meta", { meta });
  }

  /**
   * Takes keys out of the session's metadata.
   *
   * Permission: `room.set_meta`.
   * Event: `room.updated` with `meta`.
   */
  async deleteMeta(keys: string[]): Promise<void> {
    await this.call("video.delete_meta", { keys });
  }

  /** Gives a member's metadata; one's own where nobody is named. */
  async getMemberMeta(params?: MemberOptions): Promise<{ meta: Meta }> {
    const { meta } = await this.ofMember("video.member.get_meta", { ...params });
    return { meta };
  }

  /**
   * Replaces a member's metadata.
   *
   * Permission: `room.self.set_meta` for oneself, `room.member.set_meta` for others.
   * Event: `member.updated` with `meta`.
   */
  async setMemberMeta(params: MemberMetaOptions): Promise<void> {
    await this.ofMember("video.member.set_meta", { ...params });
  }

  /**
   * Sets some keys of a member's metadata and leaves the others.
   *
   * Permission: `room.set_meta`, or `room.self.set_meta` for oneself, `room.member.set_meta` for others.
   * Event: `member.updated` with `meta`.
   */
  async updateMemberMeta(params: MemberMetaOptions): Promise<void> {
    await this.ofMember("video.member.update_meta", { ...params });
  }

  /**
   * Takes keys out of a member's metadata.
   *
   * Permission: `room.set_meta`, or `room.self.set_meta` for oneself, `room.member.set_meta` for others.
   * Event: `member.updated` with `meta`.
   */
  async deleteMemberMeta(params: DeleteMemberMetaOptions): Promise<void> {
    await this.ofMember("video.member.delete_meta", { ...params });
  }
}
