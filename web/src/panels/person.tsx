// The actions for one member: mutes, pin, place, audience, and removing, which is asked about first.

import { useState } from "preact/hooks";
import type { VideoMemberEntity, VideoPosition } from "../../../sdk/src/index.ts";
import { attempt } from "../room/actions.ts";
import { mayTo, nameOf } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { actionsOf, mayRemove } from "./acts.ts";

interface PersonProps {
  stay: Stay;
  member: VideoMemberEntity;
  close: () => void;
}

/** The list of actions, below its member. */
export function PersonActions({ stay, member, close }: PersonProps) {
  const [isAsking, setAsking] = useState(false);
  const then = (act: () => void) => () => {
    act();
    close();
  };
  return (
    <div class="acts">
      {actionsOf(stay, member).map(({ icon, words, press }) => (
        <button key={words} type="button" class="menu-entry" onClick={then(press)}><Icon name={icon} />{t(words)}</button>
      ))}
      {mayTo(stay, "set_position", member) && <Place stay={stay} member={member} />}
      {mayRemove(stay, member) && (
        <button type="button" class="menu-entry danger" onClick={() => setAsking(true)}><Icon name="close" />{t("remove")}</button>
      )}
      {isAsking && <RemoveDialog stay={stay} member={member} close={() => setAsking(false)} />}
    </div>
  );
}

function placeName(position: string): string {
  const [, kind, n = ""] = /^(reserved|standard)-(\d+)$/.exec(position) ?? [];
  if (kind === "reserved") return t("placeLarge", { n });
  if (kind === "standard") return t("placeSeat", { n });
  return t(position === "off-canvas" ? "placeOff" : "placeAuto");
}

function Place({ stay, member }: Pick<PersonProps, "stay" | "member">) {
  const seats = (stay.layout.value?.layers ?? []).map(({ reservation }) => reservation).filter((name) => /^(reserved|standard)-\d+$/.test(name));
  const all = [...new Set(["auto", ...seats, "off-canvas", member.requested_position ?? "auto"])];
  const options = all.map((position) => [position as VideoPosition, placeName(position)] as const);
  const move = (position: VideoPosition) => void attempt(stay, () => stay.session.setMemberPosition({ memberId: member.id, position }));
  return <Choice label={t("place")} value={member.requested_position ?? "auto"} options={options} choose={move} />;
}

function RemoveDialog({ stay, member, close }: PersonProps) {
  const [keepOut, setKeepOut] = useState(false);
  const isPerson = member.type === "member";
  const remove = async () => {
    await attempt(stay, () => stay.session.removeMember({ memberId: member.id, ...(keepOut ? { keepOut } : {}) }));
    close();
  };
  return (
    <Dialog title={t("removeTitle", { name: nameOf(stay, member) })} close={close}>
      <p>{t("removeText")}</p>
      {isPerson && (
        <label class="check">
          <input type="checkbox" checked={keepOut} onChange={({ currentTarget }) => setKeepOut(currentTarget.checked)} />
          {t("keepOut")}
        </label>
      )}
      <div class="dialog-buttons">
        <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
        <button type="button" class="primary stop" onClick={() => void remove()}>{t("remove")}</button>
      </div>
    </Dialog>
  );
}
