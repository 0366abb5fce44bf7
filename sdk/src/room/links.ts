// The links that open the room, for whoever may make them: an object of a session with its few methods.

import { problem } from "../errors.js";
import type { RoomLink } from "../types/entities.js";
import type { RoomLinkOptions } from "../types/options.js";
import type { Call } from "./call.js";

/** The links of a room: `room.links`. `exchangeLink()` is what a visitor does with one. */
export class RoomSessionLinks {
  readonly #call: Call;

  /** @internal */
  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Makes a link that opens the room, at `/r/NAME#KEY` of the server; its `key` is told this once. A room has at most
   * 100.
   *
   * Permission: `room.links`, and all that the role may: nobody lets others in as more than they are.
   * @returns the link with its key. Rejected with the kind `invalid` (a hundred are there already, or a bound is passed) or `permission`.
   */
  async create({ role, expiresAt, maxUses }: RoomLinkOptions): Promise<RoomLink> {
    if (!role) throw problem("invalid", "role is missing");
    const expires = expiresAt && Math.floor(expiresAt.getTime() / 1000);
    const { link } = await this.#call("video.links.create", { role, expires_at: expires, max_uses: maxUses });
    return link as RoomLink;
  }

  /**
   * Gives the room's links without their keys, the oldest first, those that are over too.
   *
   * Permission: `room.links`.
   */
  async list(): Promise<RoomLink[]> {
    const { links } = await this.#call("video.links.list");
    return links as RoomLink[];
  }

  /**
   * Revokes a link: it opens nothing any more, and whoever came by it is removed within a second.
   *
   * Permission: `room.links`.
   * Event: `member.left` of whoever came by it.
   */
  async revoke(id: string): Promise<void> {
    if (!id) throw problem("invalid", "id is missing");
    await this.#call("video.links.revoke", { link_id: id });
  }
}
