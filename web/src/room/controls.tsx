// The controls below the picture. Words name what a press does, colour and picture how it is.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { isHeard, isSeen, leave, setHeard, setSeen, share, toggleHand, unshare } from "./actions.ts";
import { handPlace, may, self } from "./people.ts";
import { dialog } from "./open.ts";
import type { Panel, Stay } from "./stay.ts";

interface ControlProps {
  icon: IconName;
  /** What a press does, as it is read aloud. */
  words: string;
  /** The part of it that is seen, where all of it is too long. */
  short?: string;
  press: () => void;
  kind?: string;
  isPressed?: boolean;
  hint?: string;
  children?: ComponentChildren;
}

/** One button; a pointer that pressed it does not leave the focus on it, so that the space bar goes on to talk. */
export function Control({ icon, words, short = words, press, kind = "", isPressed, hint, children }: ControlProps) {
  const pressed = (event: MouseEvent) => {
    if (event.detail > 0 && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
    press();
  };
  return (
    <button type="button" class={`control ${kind}`} title={hint ? `${words} (${hint})` : words} aria-pressed={isPressed} onClick={pressed}>
      <Icon name={icon} />
      {short !== words && <span class="unseen">{words}</span>}
      <span class="control-words" aria-hidden={short !== words}>{short}</span>
      {children}
    </button>
  );
}

/** Whether this browser lets people share a screen. */
const canShare = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === "function";

/** The bar below. */
export function Controls({ stay }: { stay: Stay }) {
  return (
    <div class="controls" role="toolbar" aria-label={t("controls")}>
      {!stay.isAudience.value && <OwnControls stay={stay} />}
      <Control icon="more" words={t("more")} press={() => (dialog.value = "more")} />
      <Control icon="leave" words={t("leave")} kind="leave" press={() => void leave(stay)} />
    </div>
  );
}

function OwnControls({ stay }: { stay: Stay }) {
  const [heard, seen] = [isHeard(stay), isSeen(stay)];
  return (
    <>
      <Control
        icon={heard ? "microphone" : "microphoneOff"} words={t(heard ? "mute" : "unmute")} short={t(heard ? "muteShort" : "unmuteShort")} hint="M"
        kind={heard ? "" : "off"} press={() => void setHeard(stay, !heard)}
      />
      <Control
        icon={seen ? "camera" : "cameraOff"} words={t(seen ? "cameraOff" : "cameraOn")} short={t("camera")} hint="V"
        kind={seen ? "" : "off"} press={() => void setSeen(stay, !seen)}
      />
      <ShareControl stay={stay} />
      <HandControl stay={stay} />
    </>
  );
}

function ShareControl({ stay }: { stay: Stay }) {
  if (!may(stay, "self.screenshare") || !canShare()) return null;
  if (stay.share.value) return <Control icon="screenOff" words={t("stopSharing")} kind="on wide" press={() => void unshare(stay)} />;
  return <Control icon="screen" words={t("shareScreen")} kind="wide" press={() => void share(stay)} />;
}

function HandControl({ stay }: { stay: Stay }) {
  const isUp = self(stay)?.handraised === true;
  if (!may(stay, isUp ? "self.lowerhand" : "self.raisehand")) return null;
  const place = handPlace(stay, stay.selfId.value);
  return (
    <Control icon="hand" words={t(isUp ? "lowerHand" : "raiseHand")} short={t("handShort")} hint="H" kind={isUp ? "on" : ""} press={() => void toggleHand(stay)}>
      {place > 0 && <span class="count" aria-hidden="true">{place}</span>}
      {place > 0 && <span class="unseen">{t("handPlace", { n: place })}</span>}
    </Control>
  );
}

/** Layouts and panels; on a phone they stand above the picture. */
export function SideButtons({ stay }: { stay: Stay }) {
  const people = stay.members.value.filter(({ type }) => type === "member").length;
  return (
    <div class="side-buttons">
      {may(stay, "set_layout") && <Control icon="layout" words={t("layout")} kind="small wide" press={() => (dialog.value = "layout")} />}
      <PanelControl stay={stay} panel="manage" icon="invite" words={t("manage")} count={0} />
      {stay.hasChat.value && <PanelControl stay={stay} panel="chat" icon="chat" words={t("chat")} count={stay.unread.value} />}
      <PanelControl stay={stay} panel="people" icon="people" words={t("people")} count={people} />
    </div>
  );
}

interface PanelControlProps {
  stay: Stay;
  panel: Panel;
  icon: IconName;
  words: string;
  count: number;
}

/** Opens and closes a panel. */
export function PanelControl({ stay, panel, icon, words, count }: PanelControlProps) {
  const isOpen = stay.panel.value === panel;
  const press = () => (stay.panel.value = isOpen ? null : panel);
  return (
    <Control icon={icon} words={words} kind={isOpen ? "small on" : "small"} isPressed={isOpen} press={press}>
      {count > 0 && <span class="count">{count}</span>}
    </Control>
  );
}
