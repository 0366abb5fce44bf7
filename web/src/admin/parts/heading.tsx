// The name of a view, which is also the name of the tab.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** The heading of a view, with what stands beside it. */
export function Heading({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => void (document.title = `${text} – Rotunda`), [text]);
  return (
    <div class="heading">
      <h1 tabIndex={-1}>{text}</h1>
      {children}
    </div>
  );
}
