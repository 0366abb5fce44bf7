// A part of a view, with its own heading.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A card that has a name. */
export function Section({ title, children, kind = "" }: { title: string; children: ComponentChildren; kind?: string }) {
  const id = useId();
  return (
    <section class={`card section ${kind}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
