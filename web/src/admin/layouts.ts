// Names of the layouts, which are the same for as long as the server runs.

import { useEffect, useState } from "preact/hooks";
import { get } from "./call.ts";

interface Named {
  name: string;
  /** A room may begin with it. */
  initial: boolean;
}

/** The names as options, and the one that is in force at the least. */
export function useLayouts(present: string, suits: (layout: Named) => boolean = () => true): ReadonlyArray<readonly [string, string]> {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    const asked = get<{ data: Named[] }>("layouts");
    void asked.then(({ data }) => setNames(data.filter(suits).map(({ name }) => name)), () => {});
  }, []);
  return [...new Set([present, ...names])].sort().map((name) => [name, name] as const);
}
