// What happens in the project, as it happens: a stream of server-sent events, read by fetch because a page cannot
// give an EventSource its credentials. A line that breaks is opened again after growing pauses.

import { effect, signal } from "@preact/signals";
import { account, project } from "./account/state.ts";
import { rest } from "./address.ts";
import { credentials, shutOut } from "./call.ts";

/** Something that happened. */
export interface Happening {
  key: number;
  type: string;
  /** Milliseconds since 1970 UTC. */
  at: number;
  data: unknown;
}

/** Kept for looking at; the oldest go first. */
const KEPT = 200;
/** A line that held so long was a good one: the next pause is a short one again. */
const GOOD_MS = 10_000;
/** Events closer together than this are one burst. */
const BURST_MS = 400;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** More of an unfinished event than any has; then the line is opened anew. */
const LONGEST_EVENT = 1_000_000;

/** The latest first. */
export const happenings = signal<Happening[]>([]);
/** Whether they are heard of; null where the server tells of none. */
export const hears = signal<boolean | null>(false);
/** Rises after each burst: what is shown is to be read again. */
export const pulse = signal(0);

let burst: ReturnType<typeof setTimeout> | undefined;
let count = 0;

/** What is shown is to be read again, soon and once. */
export function bump(): void {
  burst ??= setTimeout(() => {
    burst = undefined;
    pulse.value += 1;
  }, BURST_MS);
}

interface Written {
  type?: string;
  timestamp?: number | string;
  data?: unknown;
}

function moment(timestamp: number | string | undefined): number {
  if (typeof timestamp === "number") return timestamp < 1e11 ? timestamp * 1000 : timestamp;
  return (timestamp && Date.parse(timestamp)) || Date.now();
}

function take(block: string): void {
  const field = (name: string) => block.split(/\r?\n/).filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
  const written = field("data");
  if (!written) return;
  let event: Written = {};
  try {
    event = JSON.parse(written) as Written;
  } catch {
    return;
  }
  const happening = { key: (count += 1), type: event.type ?? field("event"), at: moment(event.timestamp), data: event.data ?? null };
  happenings.value = [happening, ...happenings.value].slice(0, KEPT);
  bump();
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; rest.length < LONGEST_EVENT; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    blocks.forEach(take);
  }
  await reader.cancel();
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Opens the line once, and gives how many milliseconds it held; null where it is not worth trying again. */
async function listen(signal: AbortSignal): Promise<number | null> {
  const answer = await fetch(rest("events"), { ...credentials(account.value), cache: "no-store", signal }).catch(() => null);
  if (answer?.status === 401 && !signal.aborted) shutOut();
  if (answer?.status === 401 || answer?.status === 404) return null;
  if (!answer?.ok || !answer.body) return 0;
  const since = performance.now();
  hears.value = true;
  bump();
  await read(answer.body).catch(() => {});
  return performance.now() - since;
}

async function keepListening(signal: AbortSignal): Promise<void> {
  for (let ms = FIRST_PAUSE_MS; !signal.aborted; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    const held = await listen(signal);
    if (signal.aborted) return;
    hears.value = held === null ? null : false;
    if (held === null) return;
    if (held >= GOOD_MS) ms = FIRST_PAUSE_MS;
    await pause(ms, signal);
  }
}

/** Listens to the project that is looked at, as long as somebody is signed in. */
export function listenAlways(): void {
  effect(() => {
    happenings.value = [];
    hears.value = false;
    if (!account.value || !project.value) return;
    const line = new AbortController();
    void keepListening(line.signal);
    return () => line.abort();
  });
}
