// What stands above all views: their names, the project, who is signed in, language and appearance.

import { Choice } from "../ui/choice.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Looks } from "../ui/looks.tsx";
import { signOut } from "./account/account.ts";
import { account, chooseProject, project } from "./account/state.ts";
import { base, place, to } from "./address.ts";
import { hears } from "./happenings.ts";
import { a, type AdminWord } from "./words/index.ts";

const VIEWS: ReadonlyArray<readonly [view: string, words: AdminWord, icon: IconName]> = [
  ["live", "live", "people"],
  ["rooms", "rooms", "layout"],
  ["recordings", "recordings", "record"],
  ["events", "events", "captions"],
];

/** Views that belong to another's entry. */
const BELOW: Record<string, string> = { sessions: "live", "": "live" };

/** The head of the page. */
export function Head() {
  const here = BELOW[place.value.view] ?? place.value.view;
  // Where the server tells of no events, there is no panel of them.
  const views = VIEWS.filter(([view]) => view !== "events" || hears.value !== null);
  return (
    <header class="admin-head">
      <p class="brand"><img src={new URL("assets/icon.svg", base).href} alt="" width="32" height="32" /> Rotunda</p>
      <nav aria-label={a("views")}>
        <ul class="views">
          {views.map(([view, words, icon]) => (
            <li key={view}><a href={to(view)} {...(view === here && { "aria-current": "page" as const })}><Icon name={icon} />{a(words)}</a></li>
          ))}
        </ul>
      </nav>
      <div class="admin-who">
        <Projects />
        <Looks />
        <button type="button" class="quiet" onClick={() => void signOut()}>{a("signOut")}</button>
      </div>
    </header>
  );
}

function Projects() {
  const who = account.value;
  if (who?.by !== "name") return <p class="who">{a("byToken")}</p>;
  const options = who.me.projects.map(({ id, name }) => [id, name || id] as const);
  return (
    <>
      <p class="who">{who.me.name}</p>
      {options.length > 0 && <Choice label={a("project")} value={project.value} options={options} choose={chooseProject} />}
    </>
  );
}
