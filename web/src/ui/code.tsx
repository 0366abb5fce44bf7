// A QR code of an address, for telephones.

import { useEffect, useState } from "preact/hooks";
import { t } from "../words/index.ts";

/** A QR code; what draws it is fetched when the panel is opened. */
export function Code({ text }: { text: string }) {
  const [rows, setRows] = useState<boolean[][]>([]);
  useEffect(() => {
    let isCurrent = true;
    import("uqr").then(({ encode }) => isCurrent && setRows(encode(text, { border: 2 }).data), () => {});
    return () => {
      isCurrent = false;
    };
  }, [text]);
  const dark = rows.flatMap((row, y) => row.map((is, x) => (is ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="code" viewBox={`0 0 ${rows.length || 1} ${rows.length || 1}`} role="img" aria-label={t("inviteCode")} shape-rendering="crispEdges">
      <path d={dark} />
    </svg>
  );
}
