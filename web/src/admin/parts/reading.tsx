// What a view shows while it has nothing to show: it is being read, it could not be, or there is nothing.

import type { ComponentChildren } from "preact";
import { Warning } from "../../ui/warning.tsx";
import type { Fresh } from "../fresh.ts";
import { inWords } from "../problem.ts";
import { a } from "../words/index.ts";

interface ReadingProps<Value> {
  fresh: Fresh<Value>;
  children: (value: Value) => ComponentChildren;
}

/** Shows what was read; a later failure is told above it. */
export function Reading<Value>({ fresh: { value, trouble }, children }: ReadingProps<Value>) {
  return (
    <>
      <Warning words={trouble && inWords(trouble)} />
      {value === null ? !trouble && <p class="soft" role="status">{a("reading")}</p> : children(value)}
    </>
  );
}

/** A list that is empty, in words. */
export const Empty = ({ words }: { words: string }) => <p class="empty">{words}</p>;
