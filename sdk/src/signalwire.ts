// The bundle for pages that were written for the published SDK: sets `SignalWire`, with its spellings.

import { CompatRoomSession } from "./compat/session.js";
import * as WebRTC from "./compat/webrtc.js";

Object.assign(globalThis, { SignalWire: { Video: { RoomSession: CompatRoomSession }, WebRTC } });
