// React's way into a room: a stay that begins and ends with a component, and the people in it.

import { createElement, useEffect, useMemo, useRef, useState, type CSSProperties, type ReactElement, type ReactNode, type RefObject } from "react";
import { RoomSession, type JoinOptions, type RoomSessionError, type RoomSessionOptions, type VideoMemberEntity } from "@rotunda/js";

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
