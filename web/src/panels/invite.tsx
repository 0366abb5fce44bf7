// How others come in: the link by which one came oneself, with its picture for telephones. Who came by a token of
// an application has none to pass on, and is told who has.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { otherWay } from "../address.ts";
import { invitation } from "../entry/model.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
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

/** A QR code; what draws it is fetched when the panel is opened. */
function Code({ text }: { text: string }) {
  const [rows, setRows] = useState<boolean[][]>([]);
  useEffect(() => {
    let isCurrent = true;
    import("uqr").then(({ encode }) => isCurrent && setRows(encode(text, { border: 2 }).data), () => {});
    return () => {
      isCurrent = false;
    };
  }, [text]);
  const dark = rows.flatMap((row, y) => row.map((is, x) => (is ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="code" viewBox={`0 0 ${rows.length || 1} ${rows.length || 1}`} role="img" aria-label={t("inviteCode")} shape-rendering="crispEdges">
      <path d={dark} />
    </svg>
  );
}
