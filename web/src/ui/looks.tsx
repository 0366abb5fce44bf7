// Language and appearance.

import { chooseTheme, theme, THEMES, type Theme } from "../theme.ts";
import { choose, type Language, language, LANGUAGES, t, type Word } from "../words/index.ts";
import { Choice } from "./choice.tsx";

const THEME_WORDS: Record<Theme, Word> = { system: "themeSystem", light: "themeLight", dark: "themeDark" };
const TAGS = Object.keys(LANGUAGES) as Language[];

/** Both choices. */
export function Looks() {
  const languages = TAGS.map((tag) => [tag, LANGUAGES[tag].name] as const);
  const themes = THEMES.map((one) => [one, t(THEME_WORDS[one])] as const);
  return (
    <div class="looks">
      <Choice label={t("language")} value={language.value} options={languages} choose={(tag) => void choose(tag)} />
      <Choice label={t("appearance")} value={theme.value} options={themes} choose={chooseTheme} />
    </div>
  );
}
