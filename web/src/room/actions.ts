// What one does in the room. A refusal becomes words on the page; nothing here throws.

import { exactly, chosen, type Kind, pick } from "../entry/devices.ts";
import { aboutRefusal } from "../failures.ts";
import { may, self } from "./people.ts";
import type { Stay } from "./stay.ts";

/** Does something; what the room refuses is shown in words. Gives whether it was done. */
export async function attempt(stay: Stay, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    stay.problem.value = aboutRefusal(error);
    return false;
  }
}

/** Whether one is heard just now. */
export const isHeard = (stay: Stay): boolean => stay.sends.value.audio && self(stay)?.audio_muted === false;
/** Whether one is seen just now. */
export const isSeen = (stay: Stay): boolean => stay.sends.value.video && self(stay)?.video_muted === false;

/** Turns one's microphone on or off; opens it where it was never open. */
export function setHeard(stay: Stay, isOn: boolean): Promise<boolean> {
  const { session } = stay;
  return attempt(stay, async () => {
    if (!isOn) return session.audioMute();
    if (!stay.sends.value.audio) {
      await session.updateMicrophone(asConstraints(exactly("microphone", chosen.value.microphone)));
      stay.sends.value = { ...stay.sends.value, audio: true };
    }
    if (self(stay)?.audio_muted !== false) await session.audioUnmute();
  });
}

/** Turns one's camera on or off; opens it where it was never open. */
export function setSeen(stay: Stay, isOn: boolean): Promise<boolean> {
  const { session } = stay;
  return attempt(stay, async () => {
    if (!isOn) return session.videoMute();
    if (!stay.sends.value.video) {
      await session.updateCamera(asConstraints(exactly("camera", chosen.value.camera)));
      stay.sends.value = { ...stay.sends.value, video: true };
    }
    if (self(stay)?.video_muted !== false) await session.videoUnmute();
  });
}

const asConstraints = (given: MediaTrackConstraints | true): MediaTrackConstraints => (given === true ? {} : given);

/** Raises one's hand, or lowers it. */
export function toggleHand(stay: Stay): Promise<boolean> {
  return attempt(stay, () => stay.session.setRaisedHand({ raised: !self(stay)?.handraised }));
}

const SHARING = "screen-share";

/** Shares a screen with its sound. Who arranges the canvas makes room for it. */
export async function share(stay: Stay): Promise<void> {
  const { session } = stay;
  const before = stay.layout.value?.name;
  const arranges = may(stay, "set_layout") && before !== SHARING;
  try {
    const made = await session.startScreenShare({ audio: true, ...(arranges ? { layout: SHARING } : {}) });
    stay.share.value = made;
    made.on("room.left", () => void shareEnded(stay, arranges ? before : undefined));
  } catch (error) {
    const words = aboutRefusal(error);
    // Who closes the browser's own question has only thought better of it.
    if (words.title !== "deniedTitle") stay.problem.value = words;
  }
}

async function shareEnded(stay: Stay, before: string | undefined): Promise<void> {
  stay.share.value = null;
  if (before && stay.layout.value?.name === SHARING) await stay.session.setLayout({ name: before }).catch(() => {});
}

/** Stops sharing. */
export async function unshare(stay: Stay): Promise<void> {
  await stay.share.value?.leave().catch(() => {});
}

/** Uses another device from now on. */
export function exchange(stay: Stay, kind: Kind): Promise<boolean> {
  const { session, sends } = stay;
  const id = chosen.value[kind];
  return attempt(stay, async () => {
    if (kind === "speaker") return session.updateSpeaker({ deviceId: id });
    if (kind === "camera" && sends.value.video && isSeen(stay)) return session.updateCamera(asConstraints(exactly(kind, id)));
    if (kind === "microphone" && sends.value.audio && isHeard(stay)) return session.updateMicrophone(asConstraints(exactly(kind, id)));
    return pick(kind, id);
  });
}

/** Shows one's own picture as in a mirror, or as others see it. */
export function mirror(stay: Stay, isMirrored: boolean): void {
  stay.isMirrored.value = isMirrored;
  stay.session.localOverlay.setMirrored(isMirrored);
}

/** Leaves. */
export async function leave(stay: Stay): Promise<void> {
  stay.isLeaving.value = true;
  await stay.session.leave().catch(() => {});
}
