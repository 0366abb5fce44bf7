// Something to pass on: as text to be copied, and for telephones as a picture.

import { useEffect, useState } from "preact/hooks";
import { Code } from "../../ui/code.tsx";
import { Icon } from "../../ui/icon.tsx";
import { t } from "../../words/index.ts";

/** A text with a button that copies it; with `code` its QR code, too. */
export function Copy({ label, text, code = false }: { label: string; text: string; code?: boolean }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => setCopied(false), [text]);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => {});
  return (
    <div class="copy">
      {code && <Code text={text} />}
      <div class="copy-line">
        <input type="text" readOnly value={text} aria-label={label} dir="ltr" onFocus={({ currentTarget }) => currentTarget.select()} />
        <button type="button" class="quiet" onClick={copy}><Icon name={isCopied ? "check" : "copy"} /><span aria-live="polite">{t(isCopied ? "copied" : "copy")}</span></button>
      </div>
    </div>
  );
}
