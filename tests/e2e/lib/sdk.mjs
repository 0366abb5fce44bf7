// The one place that knows in what our own browser package and the published one differ, as tests see it. Each row
// names the line of docs/compat/deviations.md or docs/sdk/README.md that it is about; `sdk/test/differences.test.mjs`
// reads those, so that neither a difference without a row nor a row without a difference is left.
//
// The shared files ask `expected("row")`, and are right of either package. `sdk_differs.test.mjs` asks both packages, side
// by side, for what its probes give. `signalwire.js`, by which the shared files run over ours, has both spellings, so that
// what is only spelt otherwise needs no row there.

import { OVER_OURS } from "./static.mjs";

const DEVIATIONS = "docs/compat/deviations.md";
const GUIDE = "docs/sdk/README.md";

/** By name: what is right of the published package and of ours, the document's line, and, for a probe, the member of the room. */
export const ROWS = {
  // ---------- asked by the shared files ----------
  offerOfSilentScreen: { published: ["video", "audio"], ours: ["video"], lines: [[GUIDE, "a screen without sound offers sound, too"]] },
  unprovenReload: { published: "refused", ours: "newcomer", lines: [[GUIDE, "a reload whose seat cannot be proven is refused"]] },
  mendedAfter20s: { published: "gone", ours: "back", lines: [[GUIDE, "after 20 s without media it gives up, though the network is back"]] },
  joinWithoutAPath: { published: "pending", ours: "told", lines: [[GUIDE, "where media finds no way `join()` may hang for ever"]] },

  // ---------- asked of both, side by side ----------
  audienceEvent: {
    published: ["room.audienceCount"], ours: ["room.audience_count"],
    lines: [[DEVIATIONS, "event `room.audience_count`"], [GUIDE, "`room.audienceCount`"]],
  },
  overlay: {
    published: ["localVideoOverlay"], ours: ["localOverlay"],
    lines: [[DEVIATIONS, "property `localOverlay`"], [GUIDE, "`localVideoOverlay`"]],
  },
  stream: {
    published: "its stream", ours: "a stream",
    lines: [[DEVIATIONS, "`startStream()` gives a `RoomSessionStream`"], [GUIDE, "`startStream()` gives `{stream}`"]],
  },
  priority: {
    published: true, ours: false,
    lines: [[DEVIATIONS, "`setPrioritizeHandraise()` gives a boolean"], [GUIDE, "`setPrioritizeHandraise()` gives `true`, whatever was set"]],
  },
  deletedMeta: { published: "object", ours: "undefined", lines: [[DEVIATIONS, "`deleteMeta()` gives nothing"], [GUIDE, "`deleteMeta()` gives the raw answer"]] },
  handTwice: {
    published: [true, true], ours: [true, false],
    lines: [[DEVIATIONS, "`setRaisedHand()` toggles when `raised` is left out"], [GUIDE, "`setRaisedHand()` raises"]],
  },
  changesTold: {
    published: "more than once", ours: "once",
    lines: [[DEVIATIONS, "`member.updated` comes once"], [GUIDE, "`member.updated` twice for a change, and more often after `promote()`"]],
  },
  firstList: {
    published: "not everybody", ours: "everybody",
    lines: [[GUIDE, "`memberList.updated` knows nobody whom it has not heard of"]],
  },
  refusals: { published: "no error", ours: "an error", lines: [[GUIDE, "rejects with plain objects"]] },
  nobodyThere: { published: "pending", ours: "unreachable", lines: [[GUIDE, "a server that is not there is tried for ever"]] },
  mutedCamera: { published: ["camera.disconnected"], ours: [], lines: [[GUIDE, "a mute emits `camera.disconnected`"]] },
  keptCamera: { published: true, ours: false, lines: [[GUIDE, "a muted camera that is not let go of goes on being sent"]] },
  cameraLater: { published: "nothing is sent", ours: "it is sent", lines: [[GUIDE, "after a camera-less `join()`, `updateCamera()` sends nothing"]] },
  candidates: { published: "in the offer", ours: "not in the offer", lines: [[GUIDE, "the offer waits for candidates"]] },
};

/** Lines in which the two do the same: of the server, or of what both have to send. */
export const SAME = [
  [DEVIATIONS, "`demote()` without `memberId` is about oneself"],
  [DEVIATIONS, "unmuting a camera needs `video_mute`, undeafening `deaf`"],
  [DEVIATIONS, "`member.updated` has the changed fields"],
];

/** Lines of which the other file asks ours alone, because the published package does not get so far. */
export const OURS_ALONE = [
  [GUIDE, "after `promote()` the picture stands still", "sdk"],
  [GUIDE, "a child object that waits takes another's `member.joined`", "sdk"],
];

/** What is right for the package under test. */
export const expected = (row) => {
  const { published, ours } = ROWS[row];
  return OVER_OURS ? ours : published;
};
