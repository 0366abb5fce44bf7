// What is not needed every minute; on a phone also what has no room below the picture.

import { Dialog } from "../ui/dialog.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { share, unshare } from "./actions.ts";
import { areWanted, came } from "./captions.tsx";
import { may } from "./people.ts";
import { dialog, type DialogName } from "./open.ts";
import type { Stay } from "./stay.ts";

const isFull = (): boolean => document.fullscreenElement !== null;

function toggleFullScreen(): void {
  if (isFull()) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen().catch(() => {});
}

/** The canvas in a small window above all others. */
function float(stay: Stay): void {
  const video = stay.stage.querySelector("video");
  if (document.pictureInPictureElement) void document.exitPictureInPicture();
  else void video?.requestPictureInPicture().catch(() => {});
}

/** The dialog. */
export function MoreDialog({ stay, close }: { stay: Stay; close: () => void }) {
  const then = (act: () => void) => () => {
    close();
    act();
  };
  const open = (name: DialogName) => () => (dialog.value = name);
  const shares = may(stay, "self.screenshare") && "getDisplayMedia" in (navigator.mediaDevices ?? {});
  return (
    <Dialog title={t("more")} close={close} kind="menu">
      <ul class="menu-list">
        {shares && !stay.isAudience.value && (
          <Entry narrow icon="screen" words={t(stay.share.value ? "stopSharing" : "shareScreen")} press={then(() => void (stay.share.value ? unshare(stay) : share(stay)))} />
        )}
        {may(stay, "set_layout") && <Entry narrow icon="layout" words={t("layout")} press={open("layout")} />}
        {came.value && <Entry icon="captions" words={t(areWanted.value ? "hideCaptions" : "showCaptions")} press={then(() => (areWanted.value = !areWanted.value))} />}
        <Entry icon="settings" words={t("settings")} press={open("settings")} />
        {document.fullscreenEnabled && <Entry icon="fullScreen" words={t(isFull() ? "leaveFullScreen" : "fullScreen")} press={then(toggleFullScreen)} />}
        {document.pictureInPictureEnabled && <Entry icon="pictureInPicture" words={t("pictureInPicture")} press={then(() => float(stay))} />}
      </ul>
    </Dialog>
  );
}

/** One line of the menu; `narrow` where it stands elsewhere on a wide window. */
export function Entry({ icon, words, press, narrow = false }: { icon: IconName; words: string; press: () => void; narrow?: boolean }) {
  return (
    <li class={narrow ? "narrow-only" : ""}>
      <button type="button" class="menu-entry" onClick={press}><Icon name={icon} />{words}</button>
    </li>
  );
}
