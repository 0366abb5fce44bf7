// Before joining: who one is, by which devices one is seen and heard, and what stands in the way.

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { base } from "../address.ts";
import { inWords, type Problem } from "../failures.ts";
import type { Stay } from "../room/stay.ts";
import { Looks } from "../ui/looks.tsx";
import { Notice } from "../ui/notice.tsx";
import { t } from "../words/index.ts";
import { Card } from "./card.tsx";
import * as devices from "./devices.ts";
import { begin, giveUp, isBusy, isSealed, join, pass, shut, unseal, watches } from "./model.ts";
import { Preview } from "./preview.tsx";

interface EntryProps {
  joined: (stay: Stay) => void;
  problem: Signal<Problem | null>;
}

/** The view before joining. */
export function Entry({ joined, problem }: EntryProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const needsDevices = !shut.value && !isSealed() && !watches() && !giveUp.value;
  useEffect(() => void begin(), []);
  useEffect(() => {
    if (needsDevices) void devices.open();
    return devices.close;
  }, [needsDevices]);
  useEffect(() => {
    const field = document.querySelector<HTMLInputElement>("form input[type=text]");
    // On a phone the focus in a field would cover half of the page with keys.
    const isFine = window.matchMedia("(pointer: fine)").matches;
    (isFine && field?.value === "" ? field : heading.current)?.focus({ preventScroll: true });
  }, []);
  const act = async (camera: boolean) => {
    problem.value = null;
    isBusy.value = true;
    const wasSealed = isSealed();
    if (wasSealed) await unseal(problem);
    if (!wasSealed || (pass.value && watches())) {
      const made = await join(camera, problem);
      if (made) joined(made);
    }
    isBusy.value = false;
  };
  return (
    <div class="entry">
      <header class="entry-head">
        <p class="brand"><img src={new URL("assets/icon.svg", base).href} alt="" width="32" height="32" /> Rotunda</p>
        <Looks />
      </header>
      <main class={needsDevices ? "entry-main" : "entry-main narrow"}>
        <h1 ref={heading} tabIndex={-1} class="entry-title">{title()}</h1>
        <Notice problem={problem.value} close={() => (problem.value = null)} />
        {giveUp.value && <Waiting giveUp={giveUp.value} />}
        {shut.value ? <Shut problem={shut.value} /> : !giveUp.value && (
          <div class="entry-parts">
            {needsDevices && <Preview />}
            <Card act={act} />
          </div>
        )}
      </main>
    </div>
  );
}

function title(): string {
  if (shut.value) return inWords(shut.value).title;
  if (giveUp.value) return t("lobbyTitle");
  if (isSealed()) return t("invitedTitle");
  return t(watches() ? "watchTitle" : "joinTitle");
}

/** A host has to let one in. */
function Waiting({ giveUp: cancel }: { giveUp: () => void }) {
  return (
    <section class="card lead waiting" role="status">
      <span class="waiting-sign" aria-hidden="true" />
      <p>{t("lobbyText")}</p>
      <button type="button" class="quiet" onClick={cancel}>{t("cancel")}</button>
    </section>
  );
}

function Shut({ problem }: { problem: Problem }) {
  return <p class="card lead">{inWords(problem).text}</p>;
}
