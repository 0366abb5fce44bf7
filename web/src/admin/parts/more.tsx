// Lists are read from their beginning; who wants more of one reads a longer beginning.

import { useState } from "preact/hooks";
import { a } from "../words/index.ts";

const STEP = 30;
/** More than this REST does not give at once. */
const MOST = 1000;

/** How many are to be read, and the way to more. */
export function useMore(): { count: number; more: () => void } {
  const [count, setCount] = useState(STEP);
  return { count, more: () => setCount(Math.min(count * 2, MOST)) };
}

/** The button, where there is more. */
export function More({ has, more }: { has: boolean; more: () => void }) {
  return has ? <button type="button" class="quiet more" onClick={more}>{a("more")}</button> : null;
}
