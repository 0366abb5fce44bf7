// The small moving picture of a session. It changes under one address, so it is asked for anew now and then.

import { useEffect, useState } from "preact/hooks";
import { here } from "../address.ts";
import { a } from "../words/index.ts";

/** Twice a minute a new one is made. */
const EVERY_MS = 30_000;
/** Before the first is made there is none. */
const AGAIN_MS = 5_000;

/** The picture, or words where there is none. */
export function Preview({ url, name }: { url: string | null; name: string }) {
  const [turn, setTurn] = useState(0);
  const [isThere, setThere] = useState(false);
  useEffect(() => {
    if (!url) return;
    const timer = setTimeout(() => setTurn(turn + 1), isThere ? EVERY_MS : AGAIN_MS);
    return () => clearTimeout(timer);
  }, [url, turn, isThere]);
  if (!url) return <span class="live-picture none">{a("noPreview")}</span>;
  return (
    <span class="live-picture">
      {!isThere && <span class="none">{a("previewComes")}</span>}
      <img
        src={`${here(url)}?turn=${turn}`} alt={a("previewOf", { name })} hidden={!isThere}
        onLoad={() => setThere(true)} onError={() => setThere(false)}
      />
    </span>
  );
}
