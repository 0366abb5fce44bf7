// Which camera, microphone and loudspeaker.

import { signal } from "@preact/signals";
import { EffectChoices } from "../effects/choices.tsx";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { playTestSound } from "../ui/sound.ts";
import { t } from "../words/index.ts";
import * as devices from "./devices.ts";

const isPlaying = signal(false);

/** Options of one kind; before the browser gives names, there is only its own choice. */
export function optionsOf(kind: devices.Kind): Array<readonly [string, string]> {
  const named = devices.devices.value[kind].filter(({ deviceId }) => deviceId !== "");
  const fallback = (at: number) => t("unnamedDevice", { kind: t(kind), n: at + 1 });
  const options = named.map(({ deviceId, label }, at) => [deviceId, label || fallback(at)] as const);
  return options.length > 0 ? options : [["", t(emptyWord(kind))]];
}

function emptyWord(kind: devices.Kind): "defaultDevice" | "noCamera" | "noMicrophone" {
  if (devices.devices.value[kind].length > 0 || kind === "speaker") return "defaultDevice";
  return kind === "camera" ? "noCamera" : "noMicrophone";
}

async function test(): Promise<void> {
  if (isPlaying.value) return;
  isPlaying.value = true;
  await playTestSound(devices.chosen.value.speaker);
  isPlaying.value = false;
}

/** The three lists, the effects and the test sound. */
export function DeviceChoices({ changed = () => devices.open() }: { changed?: (kind: devices.Kind) => unknown }) {
  const choose = (kind: devices.Kind) => (id: string) => {
    devices.pick(kind, id);
    if (kind !== "speaker") devices.wants.value = { ...devices.wants.value, [kind]: true };
    changed(kind);
  };
  const list = (kind: devices.Kind) => {
    const options = optionsOf(kind);
    const value = options.some(([id]) => id === devices.chosen.value[kind]) ? devices.chosen.value[kind] : (options[0]?.[0] ?? "");
    return <Choice label={t(kind)} value={value} options={options} choose={choose(kind)} />;
  };
  // On a phone the button that joins comes first.
  const isOpen = window.matchMedia("(min-width: 40rem)").matches;
  return (
    <details class="fold" open={isOpen}>
      <summary><Icon name="settings" />{t("devices")}</summary>
      <div class="devices">
        {list("camera")}
        {list("microphone")}
        {devices.devices.value.speaker.length > 0 && list("speaker")}
        <EffectChoices changed={changed} />
        <button type="button" class="quiet test-sound" onClick={() => void test()}>
          <Icon name="speaker" /> <span aria-live="polite">{t(isPlaying.value ? "testSoundPlays" : "testSound")}</span>
        </button>
      </div>
    </details>
  );
}
