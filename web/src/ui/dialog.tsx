// A dialog of the browser's own: it holds the focus, closes with Escape, and gives the focus back.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../words/index.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  /** Another width or place than the middle. */
  kind?: string;
}

/** It is open as long as it is drawn. */
export function Dialog({ title, close, children, kind = "" }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const outside = (event: MouseEvent) => event.target === dialog.current && close();
  return (
    <dialog ref={dialog} class={`dialog ${kind}`} aria-labelledby={heading} onClose={close} onClick={outside}>
      <div class="dialog-inside">
        <header class="dialog-head">
          <h2 id={heading} tabIndex={-1} autofocus>{title}</h2>
          <button type="button" class="icon-button" aria-label={t("close")} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
