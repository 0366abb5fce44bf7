// A problem of the room's page, in words, with what to do.

import { inWords, type Problem } from "../failures.ts";
import { Warning } from "./warning.tsx";

/** A problem; with `close` it can be put away. */
export function Notice({ problem, close }: { problem: Problem | null; close?: () => void }) {
  return <Warning words={problem && inWords(problem)} {...(close && { close })} />;
}
