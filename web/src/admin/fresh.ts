// What a view shows is read when it opens, again after each burst of events, else every five seconds while somebody
// can see the page; never twice at a time.

import { useEffect, useRef, useState } from "preact/hooks";
import { account, project } from "./account/state.ts";
import { Trouble } from "./call.ts";
import { bump, pulse } from "./happenings.ts";
import { problem } from "./problem.ts";

const EVERY_MS = 5_000;

/** What was read last, or why nothing could be. */
export interface Fresh<Value> {
  value: Value | null;
  trouble: Trouble | null;
}

/** Keeps reading; another `key` begins anew. */
export function useFresh<Value>(read: () => Promise<Value>, key: string): Fresh<Value> {
  const [fresh, setFresh] = useState<Fresh<Value>>({ value: null, trouble: null });
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    setFresh({ value: null, trouble: null });
    return keepReading(() => latest.current(), setFresh);
  }, [key, project.value, account.value]);
  return fresh;
}

type Show<Value> = (next: (before: Fresh<Value>) => Fresh<Value>) => void;

function keepReading<Value>(read: () => Promise<Value>, show: Show<Value>): () => void {
  let [isOver, isReading, isDue] = [false, false, false];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const once = async () => {
    const next = await read().then((value) => ({ value, trouble: null }), (trouble: unknown) => ({ trouble: trouble instanceof Trouble ? trouble : new Trouble(0) }));
    if (!isOver) show((before) => ({ ...before, ...next }));
  };
  const turn = async () => {
    isDue = true;
    if (isReading || isOver || document.visibilityState !== "visible") return;
    clearTimeout(timer);
    isReading = true;
    while (isDue && !isOver) {
      isDue = false;
      await once();
    }
    isReading = false;
    if (!isOver) timer = setTimeout(() => void turn(), EVERY_MS);
  };
  const turnAgain = () => void turn();
  // A signal calls at once whoever subscribes, which is the first reading.
  const leave = pulse.subscribe(turnAgain);
  document.addEventListener("visibilitychange", turnAgain);
  return () => {
    isOver = true;
    clearTimeout(timer);
    leave();
    document.removeEventListener("visibilitychange", turnAgain);
  };
}

/** Does something, and has all that is shown read again. What goes wrong is told on top of the page. */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    problem.value = null;
    bump();
    return true;
  } catch (trouble) {
    problem.value = trouble instanceof Error ? trouble : new Trouble(0);
    return false;
  }
}
