// The canvas as large as it can be, and over each cell who is in it and whether they speak.

import { createPortal } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import type { VideoLayoutLayer, VideoMemberEntity } from "../../../sdk/src/index.ts";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { handPlace, nameOf } from "./people.ts";
import type { Stay } from "./stay.ts";

/** The canvas. */
export function Stage({ stay }: { stay: Stay }) {
  const frame = useRef<HTMLDivElement>(null);
  const [layers, setLayers] = useState<Element | null>(null);
  useEffect(() => {
    frame.current?.append(stay.stage);
    setLayers(stay.stage.querySelector(".mcuLayers"));
    for (const video of stay.stage.querySelectorAll("video")) video.setAttribute("aria-hidden", "true");
    // A video that was put elsewhere in the page stands still until it is played again.
    void stay.stage.querySelector("video")?.play().catch(() => {});
    return () => stay.stage.remove();
  }, []);
  const isAlone = stay.members.value.length <= 1;
  return (
    <section class="stage-frame" ref={frame} aria-label={t("inRoom", { room: stay.room.value.name })}>
      {layers && createPortal(<Tiles stay={stay} />, layers)}
      {isAlone && !stay.isAudience.value && <p class="alone">{t("alone")}</p>}
    </section>
  );
}

function Tiles({ stay }: { stay: Stay }) {
  const seated = (stay.layout.value?.layers ?? []).flatMap((layer) => {
    const member = stay.members.value.find(({ id }) => id === layer.member_id);
    return member ? [[layer, member] as const] : [];
  });
  return (
    <ul class="tiles">
      {seated.map(([layer, member]) => <Tile key={member.id} stay={stay} layer={layer} member={member} />)}
    </ul>
  );
}

function Tile({ stay, layer, member }: { stay: Stay; layer: VideoLayoutLayer; member: VideoMemberEntity }) {
  const { x, y, width, height } = layer;
  const place = { left: `${x}%`, top: `${y}%`, width: `${width}%`, height: `${height}%` };
  const isTalking = stay.talking.value.has(member.id) && !member.audio_muted;
  const hand = handPlace(stay, member.id);
  return (
    <li class={isTalking ? "tile talking" : "tile"} style={place}>
      <span class="tile-name">
        {member.audio_muted && member.type !== "screen" && <Icon name="microphoneOff" />}
        <span>{nameOf(stay, member)}</span>
        {isTalking && <span class="unseen">, {t("speaking")}</span>}
        {member.audio_muted && member.type !== "screen" && <span class="unseen">, {t("muted")}</span>}
      </span>
      {hand > 0 && (
        <span class="tile-hand"><Icon name="hand" /><span aria-hidden="true">{hand}</span><span class="unseen">{t("handUpPlace", { n: hand })}</span></span>
      )}
    </li>
  );
}
