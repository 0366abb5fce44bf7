// How others come in: the link by which one came oneself, with its picture for telephones. Who came by a token of
// an application has none to pass on, and is told who has.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { otherWay } from "../address.ts";
import { invitation } from "../entry/model.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
import { Code } from "../ui/code.tsx";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { Part } from "./part.tsx";

type Role = "takesPart" | "watches";
const role = signal<Role>("takesPart");
const isCopied = signal(false);

function linkNow(): string | null {
  if (invitation.by === "token") return null;
  return invitation.by === "dev" ? otherWay(role.value === "watches") : location.href;
}

async function copy(link: string): Promise<void> {
  await navigator.clipboard?.writeText(link).then(() => (isCopied.value = true), () => {});
}

/** The part of the panel. */
export function Invite({ stay }: { stay: Stay }) {
  const link = linkNow();
  useEffect(() => void (isCopied.value = false), [link]);
  if (link === null) return <Part title={t("invite")}><p class="soft">{t("inviteNone")}</p></Part>;
  const roles = [["takesPart", t("inviteTakesPart")], ["watches", t("inviteWatches")]] as const;
  const isPowerful = invitation.by === "link" && may(stay, "member.remove");
  return (
    <Part title={t("invite")}>
      {invitation.by === "dev" && <Choice label={t("inviteAs")} value={role.value} options={roles} choose={(next) => (role.value = next)} />}
      {invitation.by === "link" && <p class="soft">{t(isPowerful ? "invitePowerful" : "inviteSame")}</p>}
      <Code text={link} />
      <div class="writing-line">
        <input type="text" readOnly value={link} aria-label={t("inviteLink")} dir="ltr" onFocus={({ currentTarget }) => currentTarget.select()} />
        <button type="button" class="quiet" onClick={() => void copy(link)}><Icon name={isCopied.value ? "check" : "copy"} /><span aria-live="polite">{t(isCopied.value ? "copied" : "copy")}</span></button>
      </div>
    </Part>
  );
}
