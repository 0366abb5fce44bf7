// What went wrong, in words that say what to do next. Pure text: it touches neither the page
// nor the network, so that every sentence can be read in one place.

/** A plain explanation of a failed getUserMedia. */
export function aboutDevices(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return say(
        "The browser keeps camera and microphone from this page",
        "Allow them with the icon beside the address, then choose your camera again. You can also join without them.",
      );
    case "NotFoundError":
    case "OverconstrainedError":
      return say(
        "That camera or microphone is not there",
        "Plug it in or choose another one. You can also join without.",
      );
    case "NotReadableError":
    case "AbortError":
      return say(
        "The camera or microphone is busy",
        "Another program seems to use it. Close that program, then choose the device again.",
      );
    default:
      return say("Camera and microphone could not be opened", detail(error));
  }
}

/** A plain explanation of a failed request for a token. `status` is 0 when nobody answered. */
export function aboutToken(status) {
  if (status === 0) {
    return say("The server does not answer", `Nobody listens at ${location.host}. Is it still running? Try again in a moment.`);
  }
  if (status === 404 || status === 405) {
    return say(
      "This server gives tokens to applications only",
      "It does not run in dev mode. Open this page with the link your application made for you; it ends in #token=…",
    );
  }
  if (status === 403) {
    return say("The server refused to let you in", "Dev mode hands out tokens only to pages it serves itself. Open the link that it printed.");
  }
  return say("The server could not make a token", `It answered with status ${status}. Its log says more.`);
}

/** A plain explanation of a link that gave no token. `status` is 0 when nobody answered. */
export function aboutLink(status, answer) {
  switch (status) {
    case 0:
      return aboutToken(0);
    case 404:
      return say("This link opens nothing", "It is not whole, or it was revoked. Ask whoever sent it for another one.");
    case 422:
      return say("This link lets nobody in any more", answer?.errors?.[0]?.message ?? "Ask whoever sent it for another one.");
    case 429:
      return say("Too many came from your address", "Wait a moment, then try again.");
    default:
      return say("The server could not read this link", `It answered with status ${status}. Its log says more.`);
  }
}

/** A plain explanation of a rejected join(). The codes are those of the wire protocol. */
export function aboutJoin(error) {
  const code = String(error?.code ?? "");
  const message = String(error?.message ?? "");
  if (code === "-32002") {
    return say("The server does not accept this token", "It may have expired or been made for another server. Ask for a new link.");
  }
  if (code === "403" && /full/i.test(message)) {
    return say("The room is full", "Somebody has to leave first. You can still watch: choose “Only watch and listen”.");
  }
  if (code === "403" && /locked/i.test(message)) {
    return say("The room is locked", "Ask somebody inside to unlock it.");
  }
  if (code === "403") {
    return say("You may not enter this room now", "It is not open at this time, or your link does not allow it.");
  }
  if (code === "404") {
    return say("There is no such room", "Check the link, or ask for the room to be created.");
  }
  if (error?.name === "NoAnswer") {
    return say("The connection was refused", `The server at ${location.host} took no WebSocket. Is it still running, and does a proxy in between pass WebSockets on?`);
  }
  if (/ICE|timed out|timeout/i.test(message) || code === "16") {
    return say(
      "Sound and picture found no way through",
      "The server was reached, its media port was not. Open its UDP port (7882, or its TCP port 7881) in the firewall.",
    );
  }
  if (["NotAllowedError", "NotFoundError", "NotReadableError", "OverconstrainedError"].includes(error?.name)) {
    return aboutDevices(error);
  }
  return say("Joining did not work", detail(error));
}

/** A plain explanation of a method the room refused. */
export function aboutRefusal(error, what) {
  if (String(error?.code) === "403") return say("You may not do that here", `Your token does not allow you to ${what}.`);
  return say(`It was not possible to ${what}`, detail(error));
}

/** Why a session ended without our asking. */
export function aboutLeaving(reason) {
  if (reason === "RECONNECTION_ATTEMPT_TIMEOUT") {
    return say("The connection was lost", "The server could not be reached again in time. Join once more when your network is back.");
  }
  return say("You have left the room", "The session ended or somebody removed you. You may join again.");
}

// From here on the server calls a line poor.
const MUCH_LOST_PERCENT = 10;
const LONG_MS = 800;
const UNEVEN_MS = 150;
// Other reasons for the same weakness are told so long after the last.
const REPEATED_AFTER_MS = 30_000;

const isAtLeast = (figure, bound) => figure != null && figure >= bound;

/** The words of one reading for their line to somebody, or nothing, while it is good. */
function ofReading({ level, picture, round_trip_ms, down, up }) {
  if (level === "good") return "";
  const said = [];
  if (picture === "none") said.push("Your connection is weak: sound only, with a still picture now and then.");
  if (picture === "half" || picture === "quarter") said.push("Your connection is weak: you see a smaller picture.");
  if (isAtLeast(down.loss_percent, MUCH_LOST_PERCENT)) said.push("Your connection loses much of what is sent to you.");
  if (isAtLeast(up.loss_percent, MUCH_LOST_PERCENT)) said.push("Your connection loses much of what you send.");
  const isLate = isAtLeast(round_trip_ms, LONG_MS) || [down, up].some(({ jitter_ms }) => isAtLeast(jitter_ms, UNEVEN_MS));
  if (isLate) said.push("Your connection is slow: you and the others hear each other late.");
  return said.join(" ");
}

/**
 * What somebody is to know of their own line after a reading at `now` (ms), given what they know: the
 * text, and what it is of. It is read aloud to some, so that of a line that is as weak as before another
 * reason is not told at once; and a poor line without a reason in its figures keeps the words it had, for
 * it is not called better before it was for a while.
 */
export function aboutLine(quality, before, now) {
  const { level, picture } = quality;
  const isAsBefore = before?.level === level && before.picture === picture && before.text !== "";
  if (isAsBefore && now - before.at < REPEATED_AFTER_MS) return before;
  const text = ofReading(quality);
  if (text === "" && level === "poor") return { level, picture, text: before?.text || "Your connection is weak.", at: now };
  return { level, picture, text, at: now };
}

function detail(error) {
  const text = error?.message || String(error ?? "");
  return text ? `The browser says: ${text}` : "No reason was given.";
}

function say(title, text) {
  return { title, text };
}
