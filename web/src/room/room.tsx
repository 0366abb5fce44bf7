// In the room: the picture, the controls below it, and one panel beside it.

import { useEffect, useRef } from "preact/hooks";
import { ChatPanel } from "../panels/chat.tsx";
import { LobbyCall } from "../panels/lobby.tsx";
import { ManagePanel } from "../panels/manage.tsx";
import { PeoplePanel } from "../panels/people.tsx";
import { current, problem } from "../state.ts";
import { Notice } from "../ui/notice.tsx";
import { t } from "../words/index.ts";
import { leave } from "./actions.ts";
import { Captions } from "./captions.tsx";
import { Controls, SideButtons } from "./controls.tsx";
import { isTalkKeyHeld, listenKeys } from "./keys.ts";
import { LayoutDialog } from "./layouts.tsx";
import { MoreDialog } from "./more.tsx";
import { dialog } from "./open.ts";
import { SettingsDialog } from "./settings.tsx";
import { Stage } from "./stage.tsx";
import type { Stay } from "./stay.ts";
import { TopBar } from "./top.tsx";

function follow(stay: Stay): () => void {
  const stopKeys = listenKeys(stay);
  // A closed tab says so; what it does not say leaves its picture there until the server knows.
  const goodbye = () => void stay.session.leave().catch(() => {});
  window.addEventListener("pagehide", goodbye);
  return () => {
    stopKeys();
    window.removeEventListener("pagehide", goodbye);
    dialog.value = null;
  };
}

/** The view in the room. */
export function Room({ stay }: { stay: Stay }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    stay.ended.value = (why) => {
      problem.value = why;
      current.value = null;
    };
    // The heading, not a button: whoever presses Enter once too often shall not hang up.
    heading.current?.focus({ preventScroll: true });
    if (!stay.session.active && !stay.isLeaving.value) void leave(stay);
    return follow(stay);
  }, [stay]);
  useEffect(() => {
    const before = document.title;
    document.title = `${stay.room.value.name} · ${before}`;
    return () => {
      document.title = before;
    };
  }, [stay.room.value.name]);
  return (
    <main class={stay.panel.value ? "room with-panel" : "room"}>
      <h1 ref={heading} class="unseen" tabIndex={-1}>{t("inRoom", { room: stay.room.value.name })}</h1>
      <TopBar stay={stay} />
      <div class="room-middle">
        <Banner stay={stay} />
        <LobbyCall stay={stay} />
        <Notice problem={stay.problem.value} close={() => (stay.problem.value = null)} />
        <Stage stay={stay} />
        <Captions />
      </div>
      <Controls stay={stay} />
      <SideButtons stay={stay} />
      <OpenPanel stay={stay} />
      <p class="unseen" role="log" aria-live="polite">{stay.said.value}</p>
      <OpenDialog stay={stay} />
    </main>
  );
}

/** The connection's trouble, one's own weak line, and the space bar that is held. */
function Banner({ stay }: { stay: Stay }) {
  const talking = isTalkKeyHeld.value ? t("talkNow") : "";
  const words = stay.banner.value || stay.weakness.value || talking;
  const kind = stay.banner.value ? "banner trouble" : "banner";
  return <p class={kind} role="status" aria-live="polite">{words}</p>;
}

function OpenPanel({ stay }: { stay: Stay }) {
  if (stay.panel.value === "people") return <PeoplePanel stay={stay} />;
  if (stay.panel.value === "chat") return <ChatPanel stay={stay} />;
  return stay.panel.value === "manage" ? <ManagePanel stay={stay} /> : null;
}

function OpenDialog({ stay }: { stay: Stay }) {
  const close = () => (dialog.value = null);
  if (dialog.value === "layout") return <LayoutDialog stay={stay} close={close} />;
  if (dialog.value === "settings") return <SettingsDialog stay={stay} close={close} />;
  if (dialog.value === "more") return <MoreDialog stay={stay} close={close} />;
  return null;
}
