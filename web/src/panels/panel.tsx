// What stands beside the picture, or below it on a phone.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Stay } from "../room/stay.ts";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";

interface PanelProps {
  stay: Stay;
  title: string;
  children: ComponentChildren;
}

/** A panel; Escape and its button close it, and the focus is at its heading when it opens. */
export function Panel({ stay, title, children }: PanelProps) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const close = () => (stay.panel.value = null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const key = (event: KeyboardEvent) => event.key === "Escape" && close();
  return (
    <aside class="panel" aria-labelledby={id} onKeyDown={key}>
      <header class="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>{title}</h2>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={close}><Icon name="close" /></button>
      </header>
      {children}
    </aside>
  );
}
