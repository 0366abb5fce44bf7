// The choice of what one's sound and picture go through.

import { signal } from "@preact/signals";
import type { Kind } from "../entry/devices.ts";
import { t, type Word } from "../words/index.ts";
import { canDo, chooseEffect, DEVICE_OF, type Effect, effects } from "./effects.ts";

const WORDS: Record<Effect, Word> = { noise: "suppressNoise", blur: "blurBackground" };
const getsReady = signal(false);

/** What is done when a device's effect changed: the device is opened anew. */
type Changed = (kind: Kind) => unknown;

async function turn(effect: Effect, isOn: boolean, changed: Changed): Promise<void> {
  chooseEffect(effect, isOn);
  getsReady.value = isOn;
  await changed(DEVICE_OF[effect]);
  getsReady.value = false;
}

/** Both, as far as this browser can do them. */
export function EffectChoices({ changed }: { changed: Changed }) {
  return (
    <div class="effects">
      {canDo.noise && <Check effect="noise" changed={changed} />}
      {canDo.blur && <Check effect="blur" changed={changed} />}
      <p class="soft" role="status">{getsReady.value && t("effectLoading")}</p>
    </div>
  );
}

function Check({ effect, changed }: { effect: Effect; changed: Changed }) {
  return (
    <label class="check">
      <input type="checkbox" checked={effects.value[effect]} onChange={({ currentTarget }) => void turn(effect, currentTarget.checked, changed)} />
      {t(WORDS[effect])}
    </label>
  );
}
