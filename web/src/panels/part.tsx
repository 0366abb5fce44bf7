// One subject of a panel.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A part with its heading. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return <section class="part" aria-labelledby={id}><h3 id={id}>{title}</h3>{children}</section>;
}
