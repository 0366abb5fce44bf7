// Layouts as small pictures with names that people understand.

import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { t, type Word } from "../words/index.ts";
import { attempt } from "./actions.ts";
import { picture } from "./layout_pictures.ts";
import type { Stay } from "./stay.ts";

const NAMES: Record<string, Word> = {
  "grid-responsive": "layout_grid",
  "grid-responsive-mobile": "layout_gridMobile",
  "highlight-1-responsive": "layout_highlight",
  "1x1": "layout_single",
  "2x1": "layout_pair",
  "5up": "layout_five",
  "screen-share": "layout_screen",
  "presenter-dual-horizontal": "layout_presenter",
  "full-screen": "layout_full",
  "1x1-2x1": "layout_oneTwo",
};

/** A layout's name for people. */
export function layoutName(name: string): string {
  const word = NAMES[name];
  if (word) return t(word);
  const [, columns, rows] = /^(\d+)x(\d+)$/.exec(name) ?? [];
  if (columns && rows) return t("layout_grid_n", { n: Number(columns) * Number(rows) });
  const small = /^1up-top-left(\d+)$/.exec(name)?.[1];
  return small ? t("layout_oneUp", { n: small }) : name;
}

/** Lets one choose. */
export function LayoutDialog({ stay, close }: { stay: Stay; close: () => void }) {
  const [names, setNames] = useState<string[]>([]);
  const current = stay.layout.value?.name ?? "";
  useEffect(() => {
    stay.session.getLayouts().then(({ layouts }) => setNames(layouts), () => setNames(current ? [current] : []));
  }, []);
  const choose = async (name: string) => {
    if (await attempt(stay, () => stay.session.setLayout({ name }))) close();
  };
  return (
    <Dialog title={t("layoutTitle")} close={close} kind="wide-dialog">
      <p class="soft">{t("layoutText")}</p>
      <ul class="layouts">
        {names.map((name) => (
          <li key={name}>
            <button type="button" class="layout" aria-pressed={name === current} onClick={() => void choose(name)}>
              <Picture name={name} />
              <span>{layoutName(name)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Picture({ name }: { name: string }) {
  const { cells, isUpright } = picture(name);
  const [width, height] = isUpright ? [90, 160] : [160, 90];
  return (
    <svg class="layout-picture" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {cells.map(({ x, y, w, h, isMain }, at) => (
        <rect
          key={at} class={isMain ? "main" : ""} rx="3"
          x={x * width + 1.5} y={y * height + 1.5} width={w * width - 3} height={h * height - 3}
        />
      ))}
    </svg>
  );
}
