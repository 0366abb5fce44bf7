// A question before something that cannot be undone.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../../ui/dialog.tsx";
import { t } from "../../words/index.ts";
import { attempt } from "../fresh.ts";

interface AskProps {
  title: string;
  /** The button that does it. */
  verb: string;
  act: () => Promise<unknown>;
  close: () => void;
  children: ComponentChildren;
}

/** The dialog; it closes when the answer was carried out, or could not be, which the page tells. */
export function Ask({ title, verb, act, close, children }: AskProps) {
  const [isBusy, setBusy] = useState(false);
  const doIt = async () => {
    if (isBusy) return;
    setBusy(true);
    await attempt(act);
    close();
  };
  return (
    <Dialog title={title} close={close}>
      <div>{children}</div>
      <div class="dialog-buttons">
        <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
        <button type="button" class="primary stop" aria-disabled={isBusy} onClick={() => void doIt()}>{verb}</button>
      </div>
    </Dialog>
  );
}
