// Links that a host makes for others: one for each role at a press, and all there are, to be revoked.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LinkRole, RoomLink } from "../../../sdk/src/index.ts";
import { linkAddress } from "../address.ts";
import { attempt } from "../room/actions.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { t, type Word } from "../words/index.ts";
import { Part } from "./part.tsx";
import { ShownLink } from "./shown_link.tsx";

const ROLES: Record<LinkRole, readonly [name: Word, meaning: Word]> = {
  guest: ["roleGuest", "roleGuestMeans"],
  member: ["roleMember", "roleMemberMeans"],
  audience: ["roleAudience", "roleAudienceMeans"],
  host: ["roleHost", "invitePowerful"],
};
const NAMES: readonly LinkRole[] = ["guest", "member", "audience", "host"];

const role = signal<LinkRole>("guest");
/** The link that was made last, and its address, which nobody can ask for again. */
const made = signal<{ id: string; address: string; role: LinkRole } | null>(null);
const links = signal<readonly RoomLink[]>([]);
/** The link about which it is asked whether to revoke it. */
const revoking = signal<RoomLink | null>(null);

const read = ({ session }: Stay): Promise<void> => session.links.list().then((list) => void (links.value = list), () => {});

async function make(stay: Stay): Promise<void> {
  await attempt(stay, async () => {
    const { id, key = "", role: its } = await stay.session.links.create({ role: role.value });
    made.value = { id, address: linkAddress(stay.pass.facts.room, key), role: its };
  });
  await read(stay);
}

async function revoke(stay: Stay, { id }: RoomLink): Promise<void> {
  revoking.value = null;
  if (made.value?.id === id) made.value = null;
  await attempt(stay, () => stay.session.links.revoke(id));
  await read(stay);
}

/** The part of the panel. */
export function LinkMaker({ stay }: { stay: Stay }) {
  useEffect(() => {
    void read(stay);
    return () => {
      [made.value, revoking.value] = [null, null];
    };
  }, [stay]);
  const options = NAMES.map((name) => [name, t(ROLES[name][0])] as const);
  return (
    <Part title={t("invite")}>
      <Choice label={t("linkFor")} value={role.value} options={options} choose={(next) => (role.value = next)} />
      <p class="soft">{t(ROLES[role.value][1])}</p>
      <button type="button" class="quiet" onClick={() => void make(stay)}><Icon name="invite" />{t("makeLink")}</button>
      <div role="status">
        {made.value && <p>{t("linkMade", { role: t(ROLES[made.value.role][0]) })}</p>}
      </div>
      {made.value && <ShownLink link={made.value.address} />}
      {links.value.length > 0 && <Links />}
      {revoking.value && <RevokeDialog stay={stay} link={revoking.value} />}
    </Part>
  );
}

function Links() {
  return (
    <details class="fold links-fold">
      <summary>{t("linksOfRoom", { n: links.value.length })}</summary>
      <ul class="links">
        {links.value.map((link) => (
          <li key={link.id}>
            <span>{t("linkUsed", { role: t(ROLES[link.role][0]), n: link.uses })}</span>
            <button type="button" class="quiet" onClick={() => (revoking.value = link)}>{t("revoke")}</button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function RevokeDialog({ stay, link }: { stay: Stay; link: RoomLink }) {
  const close = () => (revoking.value = null);
  return (
    <Dialog title={t("revokeTitle")} close={close}>
      <p>{t("revokeText")}</p>
      <div class="dialog-buttons">
        <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
        <button type="button" class="primary stop" onClick={() => void revoke(stay, link)}>{t("revoke")}</button>
      </div>
    </Dialog>
  );
}
