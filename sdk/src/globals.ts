// Types of what the two bundles set, for pages that load them with a script tag:
// `/// <reference types="@rotunda/js/globals" />`.

import type * as everything from "./index.js";
import type { CompatRoomSession } from "./compat/session.js";
import type * as CompatWebRTC from "./compat/webrtc.js";

declare global {
  /** Set by `rotunda.js`. */
  var Rotunda: typeof everything;
  /** Set by `signalwire.js`. */
  var SignalWire: { Video: { RoomSession: typeof CompatRoomSession }; WebRTC: typeof CompatWebRTC };
}
