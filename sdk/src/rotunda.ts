// The bundle for a page without modules: sets `Rotunda`.

import * as everything from "./index.js";

Object.assign(globalThis, { Rotunda: { ...everything } });
