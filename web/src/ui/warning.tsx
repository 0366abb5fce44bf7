// Something went wrong, in words, with what to do. It knows nothing of what can.

import { t } from "../words/index.ts";
import { Icon } from "./icon.tsx";

/** What happened, and what to do. */
export interface Words {
  title: string;
  text: string;
}

/** The place where it is told, empty while there is nothing; with `close` it can be put away. */
export function Warning({ words, close }: { words: Words | null; close?: () => void }) {
  return (
    <div role="alert" class="notice-place">
      {words && (
        <div class="notice">
          <Icon name="warning" />
          <div>
            <p class="notice-title">{words.title}</p>
            <p>{words.text}</p>
          </div>
          {close && (
            <button type="button" class="icon-button" aria-label={t("close")} onClick={close}>
              <Icon name="close" />
            </button>
          )}
        </div>
      )}
    </div>
  );
}
