// Devices without leaving, one's own picture, language and appearance.

import { useEffect } from "preact/hooks";
import { DeviceChoices } from "../entry/choices.tsx";
import { look } from "../entry/devices.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Looks } from "../ui/looks.tsx";
import { t } from "../words/index.ts";
import { exchange, mirror } from "./actions.ts";
import type { Stay } from "./stay.ts";

/** The dialog. */
export function SettingsDialog({ stay, close }: { stay: Stay; close: () => void }) {
  useEffect(() => void look(), []);
  return (
    <Dialog title={t("settings")} close={close}>
      {!stay.isAudience.value && (
        <>
          <DeviceChoices changed={(kind) => exchange(stay, kind)} />
          <label class="check">
            <input type="checkbox" checked={stay.isMirrored.value} onChange={({ currentTarget }) => mirror(stay, currentTarget.checked)} />
            {t("mirror")}
          </label>
        </>
      )}
      <Looks />
      {!stay.isAudience.value && <p class="hint">{t("shortcuts")}</p>}
    </Dialog>
  );
}
