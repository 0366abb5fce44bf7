// What people write to each other, and captions: two objects of a session, each with its few methods.

import type { CaptionOptions, ChatOptions } from "../types/options.js";
import type { ChatMessage } from "../types/entities.js";
import { problem } from "../errors.js";
import type { Call } from "./call.js";

/** The chat of a room session: `room.chat`. What is written is told as `chat.message`. */
export class RoomSessionChat {
  readonly #call: Call;

  /** @internal */
  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Sends a message to everybody, or to one person alone: 1 to 2000 characters, at most five in five seconds.
   *
   * Permission: none. Who only looks on may where the room's `enable_chat` is `all`; nobody may where it is `off`.
   * Event: `chat.message` for those whom it is for, oneself included.
   * @returns the message as everybody is told it. Rejected with the kind `too_long`, `too_often`, `off` or `permission`.
   */
  async send({ text, to }: ChatOptions): Promise<ChatMessage> {
    if (!text) throw problem("invalid", "text is missing");
    const { chat_message: message } = await this.#call("video.chat.send", { text, to });
    return message;
  }

  /**
   * Gives the latest 200 messages of the session that concern oneself, the oldest first. What was written while the
   * connection was away is found here alone: ask again after `connection.changed` said `connected`.
   *
   * Permission: none; as for `send()`.
   */
  async list(): Promise<ChatMessage[]> {
    const { messages } = await this.#call("video.chat.list");
    return messages;
  }

  /**
   * Takes away what a message says; that it was there stays.
   *
   * Permission: `room.member.remove`.
   * Event: `chat.message` once more, with `deleted` and an empty `text`.
   */
  async delete(id: string): Promise<void> {
    if (!id) throw problem("invalid", "id is missing");
    await this.#call("video.chat.delete", { message_id: id });
  }
}

/** Captions of a room session: `room.captions`. What is said in letters is told as `captions.pushed`. */
export class RoomSessionCaptions {
  readonly #call: Call;

  /** @internal */
  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Shows everybody what is said, in letters: at most 1000 characters, at most a hundred pieces in five seconds. A
   * piece that is not `final` is replaced by the next one.
   *
   * Permission: `room.captions.push`.
   * Event: `captions.pushed` for everybody who listens, audience too.
   */
  async push({ text, final, lang }: CaptionOptions): Promise<void> {
    if (!text) throw problem("invalid", "text is missing");
    await this.#call("video.captions.push", { text, final, lang });
  }
}
