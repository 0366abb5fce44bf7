// React's way into a room: a stay that begins and ends with a component, and the people in it.

import { createElement, useEffect, useMemo, useRef, useState, type CSSProperties, type ReactElement, type ReactNode, type RefObject } from "react";
import {
  RoomSession, type CaptionEvent, type ChatMessage, type ChatOptions, type JoinOptions, type LobbyWaiter, type RoomSessionError,
  type RoomSessionOptions, type VideoMemberEntity,
} from "@rotunda/js";

/** How a stay does. */
export type RoomState = "idle" | "joining" | "joined" | "interrupted" | "left" | "failed";

/** What a stay begins with. It begins anew when `token` or `host` changes, and not for anything else. */
export interface UseRoomSessionOptions extends Omit<RoomSessionOptions, "rootElement"> {
  /** Where the picture goes. */
  root?: RefObject<HTMLElement | null>;
  /** Of `join()`. */
  join?: JoinOptions;
}

/** A stay. */
export interface UsedRoomSession {
  /** Null until there is one. */
  session: RoomSession | null;
  state: RoomState;
  /** Why it failed. */
  error: RoomSessionError | null;
}

/** Joins when the component is there and leaves when it goes; `null` joins nothing. */
export function useRoomSession(options: UseRoomSessionOptions | null): UsedRoomSession {
  const [stay, setStay] = useState<UsedRoomSession>({ session: null, state: "idle", error: null });
  const latest = useRef(options);
  latest.current = options;
  const { token, host } = options ?? {};
  useEffect(() => {
    if (!token || !latest.current) return setStay({ session: null, state: "idle", error: null });
    const { root, join, ...others } = latest.current;
    const giveUp = new AbortController();
    const session = new RoomSession({ ...others, rootElement: root?.current ?? null });
    // Of a component that is gone nothing is told.
    const tell = (state: RoomState, error: RoomSessionError | null = null) => giveUp.signal.aborted || setStay({ session, state, error });
    session.on("room.left", () => tell("left"));
    session.on("connection.changed", ({ state }) => state !== "lost" && tell(state === "connected" ? "joined" : "interrupted"));
    tell("joining");
    session.join({ ...join, signal: giveUp.signal }).then(() => tell("joined"), (error) => tell("failed", error));
    return () => {
      giveUp.abort();
      void session.leave().finally(() => session.destroy());
    };
  }, [token, host]);
  return stay;
}

/** Everybody who takes part, oneself, screens and devices included; empty before the join. */
export function useMembers(session: RoomSession | null): VideoMemberEntity[] {
  const [members, setMembers] = useState<VideoMemberEntity[]>([]);
  useEffect(() => {
    setMembers(session?.memberList ?? []);
    if (!session) return;
    const hear = (e: { members: VideoMemberEntity[] }) => setMembers(e.members);
    session.on("memberList.updated", hear);
    return () => void session.off("memberList.updated", hear);
  }, [session]);
  return members;
}

/** Whoever talks just now, by id. */
export function useTalking(session: RoomSession | null): ReadonlySet<string> {
  const [talking, setTalking] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    setTalking(new Set());
    if (!session) return;
    const hear = ({ member }: { member: { id: string; talking: boolean } }) =>
      setTalking((before) => new Set([...before].filter((id) => id !== member.id).concat(member.talking ? member.id : [])));
    session.on("member.talking", hear);
    return () => void session.off("member.talking", hear);
  }, [session]);
  return talking;
}

/** The chat of a room. */
export interface Chat {
  /** The latest 200 that concern oneself, the oldest first; one that was deleted says so. */
  messages: readonly ChatMessage[];
  /** Sends a message to everybody, or to one person; rejects as `chat.send()` does. */
  send(options: ChatOptions): Promise<ChatMessage>;
  /** Takes away what a message says; for whoever may remove members. */
  remove(id: string): Promise<void>;
}

/** As many as the server keeps. */
const MESSAGES = 200;

/** What people write to each other: what was written before, and everything since, through lost connections as well. */
export function useChat(session: RoomSession | null): Chat {
  const [messages, setMessages] = useState<readonly ChatMessage[]>([]);
  useEffect(() => {
    setMessages([]);
    if (!session) return;
    const put = (...more: ChatMessage[]) => setMessages((before) => [...before.filter(({ id }) => more.every((one) => one.id !== id)), ...more].sort((a, b) => a.at - b.at).slice(-MESSAGES));
    // Where the chat is not for oneself there is nothing to be shown.
    const list = () => void session.chat.list().then((all) => put(...all), () => {});
    const back = ({ state }: { state: string }) => state === "connected" && list();
    session.on("chat.message", put).on("room.joined", list).on("connection.changed", back);
    if (session.active) list();
    return () => void session.off("chat.message", put).off("room.joined", list).off("connection.changed", back);
  }, [session]);
  return useMemo(() => ({
    messages,
    send: (options) => joined(session).chat.send(options),
    remove: (id) => joined(session).chat.delete(id),
  }), [session, messages]);
}

const joined = (session: RoomSession | null): RoomSession => {
  if (!session) throw new Error("there is no session yet");
  return session;
};

/** What is said, in letters: the last pieces of everybody, a piece that was not final replaced by the next. */
export function useCaptions(session: RoomSession | null, most = 3): readonly CaptionEvent[] {
  const [pieces, setPieces] = useState<readonly CaptionEvent[]>([]);
  useEffect(() => {
    setPieces([]);
    if (!session) return;
    const hear = (piece: CaptionEvent) =>
      setPieces((before) => [...before.filter((one) => one.final || one.member_id !== piece.member_id), piece].slice(-most));
    session.on("captions.pushed", hear);
    return () => void session.off("captions.pushed", hear);
  }, [session, most]);
  return pieces;
}

/** Who waits to be let in, the first first, for whoever lets in; `session.lobby` answers them. */
export function useLobby(session: RoomSession | null): readonly LobbyWaiter[] {
  const [waiting, setWaiting] = useState<readonly LobbyWaiter[]>([]);
  useEffect(() => {
    setWaiting([]);
    if (!session) return;
    const hear = (e: { waiting: LobbyWaiter[] }) => setWaiting(e.waiting);
    session.on("lobby.updated", hear);
    return () => void session.off("lobby.updated", hear);
  }, [session]);
  return waiting;
}

/** Of {@link Room}. */
export interface RoomProps extends Omit<UseRoomSessionOptions, "root"> {
  className?: string;
  style?: CSSProperties;
  /** What is shown beside the picture, given the stay: controls, a list of members, words for an error. */
  children?: ReactNode | ((stay: UsedRoomSession) => ReactNode);
}

/** A room: joins when it is shown, shows the canvas, and leaves when it goes. */
export function Room({ className, style, children, ...options }: RoomProps): ReactElement {
  const root = useRef<HTMLDivElement>(null);
  const stay = useRoomSession({ ...options, root });
  const beside = useMemo(() => (typeof children === "function" ? children(stay) : children), [children, stay]);
  return createElement("div", { className, style }, createElement("div", { ref: root }), beside);
}
