// The beginning: words, dress, and the page itself.

import "./style/tokens.css";
import "./style/base.css";
import "./style/entry.css";
import "./style/room.css";
import "./style/panels.css";

import { render } from "preact";
import { readInvitation } from "./address.ts";
import { App } from "./app.tsx";
import { paint } from "./colours.ts";
import { tellFrame } from "./framed.ts";
import { dress } from "./theme.ts";
import { preferred, speak } from "./words/index.ts";

dress();
tellFrame();
void paint(readInvitation());
await speak(preferred());
const place = document.getElementById("page");
if (place) render(<App />, place);
