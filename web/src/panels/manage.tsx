// The room itself: who may come in, what is recorded, streamed and played, and its end.

import { signal } from "@preact/signals";
import { attempt } from "../room/actions.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { Invite } from "./invite.tsx";
import { PlaybackPart, RecordingPart, StreamPart } from "./outputs.tsx";
import { Panel } from "./panel.tsx";
import { Part } from "./part.tsx";

const isEnding = signal(false);

/** The panel. */
export function ManagePanel({ stay }: { stay: Stay }) {
  return (
    <Panel stay={stay} title={t("manage")}>
      <div class="panel-body parts">
        <Invite stay={stay} />
        {(may(stay, "lock") || may(stay, "unlock")) && <Lock stay={stay} />}
        {may(stay, "recording") && <RecordingPart stay={stay} />}
        {(may(stay, "stream") || may(stay, "stream.start")) && <StreamPart stay={stay} />}
        {may(stay, "playback") && <PlaybackPart stay={stay} />}
        {may(stay, "member.remove") && (
          <button type="button" class="menu-entry danger" onClick={() => (isEnding.value = true)}><Icon name="leave" />{t("endForAll")}</button>
        )}
        {isEnding.value && <EndDialog stay={stay} />}
      </div>
    </Panel>
  );
}

function Lock({ stay }: { stay: Stay }) {
  const { locked } = stay.room.value;
  if (!may(stay, locked ? "unlock" : "lock")) return null;
  const turn = () => void attempt(stay, () => (locked ? stay.session.unlock() : stay.session.lock()));
  return (
    <Part title={t("door")}>
      <p class="soft">{t(locked ? "doorLocked" : "doorOpen")}</p>
      <button type="button" class="quiet" onClick={turn}><Icon name="lock" />{t(locked ? "unlockRoom" : "lockRoom")}</button>
    </Part>
  );
}

function EndDialog({ stay }: { stay: Stay }) {
  const close = () => (isEnding.value = false);
  const end = async () => {
    close();
    stay.isLeaving.value = true;
    if (!(await attempt(stay, () => stay.session.removeAllMembers()))) stay.isLeaving.value = false;
  };
  return (
    <Dialog title={t("endTitle")} close={close}>
      <p>{t("endText")}</p>
      <div class="dialog-buttons">
        <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
        <button type="button" class="primary stop" onClick={() => void end()}>{t("endForAll")}</button>
      </div>
    </Dialog>
  );
}
