// How others come in: links of their own that a host makes, else the link by which one came oneself. Who came by a
// token of an application without the right to make links has none to pass on, and is told who has.

import { signal } from "@preact/signals";
import { otherWay } from "../address.ts";
import { invitation } from "../entry/model.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
import { t } from "../words/index.ts";
import { LinkMaker } from "./links.tsx";
import { Part } from "./part.tsx";
import { ShownLink } from "./shown_link.tsx";

type Way = "takesPart" | "watches";
const way = signal<Way>("takesPart");

function linkNow(): string | null {
  if (invitation.by === "token") return null;
  return invitation.by === "dev" ? otherWay(way.value === "watches") : location.href;
}

/** The part of the panel. */
export function Invite({ stay }: { stay: Stay }) {
  // Dev's rooms are gone with their session, and so would be their links.
  if (invitation.by !== "dev" && may(stay, "links")) return <LinkMaker stay={stay} />;
  const link = linkNow();
  if (link === null) return <Part title={t("invite")}><p class="soft">{t("inviteNone")}</p></Part>;
  const ways = [["takesPart", t("inviteTakesPart")], ["watches", t("inviteWatches")]] as const;
  return (
    <Part title={t("invite")}>
      {invitation.by === "dev" && <Choice label={t("inviteAs")} value={way.value} options={ways} choose={(next) => (way.value = next)} />}
      {invitation.by === "link" && <p class="soft">{t("inviteSame")}</p>}
      <ShownLink link={link} />
    </Part>
  );
}
