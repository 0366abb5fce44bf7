// An address that is passed on: as text to copy, and as a picture for telephones.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Code } from "../ui/code.tsx";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";

const isCopied = signal(false);

async function copy(link: string): Promise<void> {
  await navigator.clipboard?.writeText(link).then(() => (isCopied.value = true), () => {});
}

/** The address. */
export function ShownLink({ link }: { link: string }) {
  useEffect(() => void (isCopied.value = false), [link]);
  return (
    <>
      <Code text={link} />
      <div class="writing-line">
        <input type="text" readOnly value={link} aria-label={t("inviteLink")} dir="ltr" onFocus={({ currentTarget }) => currentTarget.select()} />
        <button type="button" class="quiet" onClick={() => void copy(link)}><Icon name={isCopied.value ? "check" : "copy"} /><span aria-live="polite">{t(isCopied.value ? "copied" : "copy")}</span></button>
      </div>
    </>
  );
}
