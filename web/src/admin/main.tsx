// The beginning of the operator's page: words, dress, who is signed in, and the page itself.

import "../style/tokens.css";
import "../style/base.css";
import "../style/admin.css";

import { render } from "preact";
import { dress } from "../theme.ts";
import { preferred, speak } from "../words/index.ts";
import { lookWhoIsIn } from "./account/account.ts";
import { App } from "./app.tsx";
import { listenAlways } from "./happenings.ts";

dress();
await Promise.all([speak(preferred()), lookWhoIsIn()]);
listenAlways();
const spot = document.getElementById("page");
if (spot) render(<App />, spot);
