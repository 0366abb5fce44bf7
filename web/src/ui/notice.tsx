// Something went wrong, in words, with what to do.

import { inWords, type Problem } from "../failures.ts";
import { t } from "../words/index.ts";
import { Icon } from "./icon.tsx";

/** A problem; with `close` it can be put away. */
export function Notice({ problem, close }: { problem: Problem | null; close?: () => void }) {
  const words = problem && inWords(problem);
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
