// What people write to each other, as far as it concerns oneself, and how much of it was not read yet.

import type { ChatMessage } from "../../../sdk/src/index.ts";
import type { Stay } from "./stay.ts";

/** As many messages as the server keeps. */
const MOST = 200;

/** Follows the chat. */
export function hearChat(stay: Stay): void {
  const { session } = stay;
  session.on("room.joined", () => void read(stay));
  session.on("connection.changed", ({ state, signalling }) => {
    if (state === "connected" && signalling) void read(stay);
  });
  session.on("chat.message", ({ room_id: _room, room_session_id: _session, ...message }) => {
    const isNew = !stay.chat.value.some(({ id }) => id === message.id);
    stay.chat.value = put(stay.chat.value, message);
    if (isNew && message.from !== stay.selfId.value && stay.panel.value !== "chat") stay.unread.value += 1;
  });
}

function put(before: readonly ChatMessage[], message: ChatMessage): ChatMessage[] {
  const isKnown = before.some(({ id }) => id === message.id);
  const all = isKnown ? before.map((one) => (one.id === message.id ? message : one)) : [...before, message];
  return all.slice(-MOST);
}

/** What was written before one came, or while the connection was away. */
async function read(stay: Stay): Promise<void> {
  try {
    const messages = await stay.session.chat.list();
    stay.chat.value = messages.reduce<ChatMessage[]>(put, []);
    stay.hasChat.value = true;
  } catch {
    // Switched off for this room, or not for those who look on.
    stay.hasChat.value = stay.chat.value.length > 0;
  }
}

/** A text in pieces: words, and addresses that can be followed. */
export type Piece = { text: string; href?: string };

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** Finds the addresses of a text. Only http and https are ever followed. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: match[0], ...(URL.canParse(match[0]) ? { href: match[0] } : {}) });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}
