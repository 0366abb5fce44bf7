// Above the picture: where one is, and what all have to know of the room.

import { base } from "../address.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import type { Stay } from "./stay.ts";

/** The bar above. */
export function TopBar({ stay }: { stay: Stay }) {
  const { name, audience, locked, recording, streaming } = stay.room.value;
  return (
    <header class="top">
      <img src={new URL("assets/icon.svg", base).href} alt="" width="28" height="28" />
      <span class="top-name">{name}</span>
      <span class="badges">
        {recording && <Badge kind="live" icon="record" words={t("recorded")} />}
        {streaming && <Badge kind="live" icon="stream" words={t("streamed")} />}
        {locked && <Badge icon="lock" words={t("lockedBadge")} />}
        {audience > 0 && <Badge icon="eye" words={t("watching", { n: audience })} />}
      </span>
    </header>
  );
}

function Badge({ kind = "", icon, words }: { kind?: string; icon: IconName; words: string }) {
  return <span class={`badge ${kind}`}><Icon name={icon} /><span>{words}</span></span>;
}
