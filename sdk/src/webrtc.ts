// What the browser has and can, for pages that let people choose.

import { canChooseSpeaker } from "./media/speaker.js";
import { openDisplayMedia, openUserMedia, stopAll } from "./media/devices.js";
import type { Abortable } from "./types/options.js";

const KINDS = { camera: "videoinput", microphone: "audioinput", speaker: "audiooutput" } as const;

/** Kinds of devices, in the words of the helpers. */
export type DeviceKind = keyof typeof KINDS;

async function named(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
  const all = await enumerateDevices();
  return all.filter((device) => device.kind === KINDS[kind] && device.deviceId !== "");
}

/** Everything that is plugged in; without names until the page was allowed to use something. */
export async function enumerateDevices(): Promise<MediaDeviceInfo[]> {
  return (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
}

/** Everything of one kind. */
export async function enumerateDevicesByKind(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  return (await enumerateDevices()).filter((device) => device.kind === kind);
}

/** Cameras with their names; asks for the permission first where there is none. */
export async function getCameraDevices({ signal }: Abortable = {}): Promise<MediaDeviceInfo[]> {
  return withNames("camera", { video: true }, signal);
}

/** Microphones with their names; asks for the permission first where there is none. */
export async function getMicrophoneDevices({ signal }: Abortable = {}): Promise<MediaDeviceInfo[]> {
  return withNames("microphone", { audio: true }, signal);
}

/** Loudspeakers with their names; empty where the browser lets nobody choose. */
export async function getSpeakerDevices({ signal }: Abortable = {}): Promise<MediaDeviceInfo[]> {
  return canChooseSpeaker() ? withNames("speaker", { audio: true }, signal) : [];
}

async function withNames(kind: DeviceKind, constraints: MediaStreamConstraints, signal?: AbortSignal): Promise<MediaDeviceInfo[]> {
  const before = await named(kind);
  if (before.length > 0 && before.every(({ label }) => label !== "")) return before;
  stopAll(await openUserMedia(constraints, signal));
  return named(kind);
}

/** What a page is told of devices that come and go. */
export interface DeviceChanges {
  /** All that is there now. */
  changed: MediaDeviceInfo[];
  added: MediaDeviceInfo[];
  removed: MediaDeviceInfo[];
}

/** Tells whenever devices come or go; gives what ends it. */
export async function watchDevices(tell: (changes: DeviceChanges) => void, { signal }: Abortable = {}): Promise<() => void> {
  let before = await enumerateDevices();
  const key = ({ kind, deviceId }: MediaDeviceInfo) => `${kind} ${deviceId}`;
  const look = async () => {
    const now = await enumerateDevices();
    const not = (list: MediaDeviceInfo[]) => (device: MediaDeviceInfo) => !list.some((other) => key(other) === key(device));
    const changes = { changed: now, added: now.filter(not(before)), removed: before.filter(not(now)) };
    before = now;
    if (changes.added.length + changes.removed.length > 0) tell(changes);
  };
  const stop = () => navigator.mediaDevices?.removeEventListener?.("devicechange", look);
  navigator.mediaDevices?.addEventListener?.("devicechange", look);
  signal?.addEventListener("abort", stop);
  return stop;
}

/** Opens camera and microphone. */
export function getUserMedia(constraints: MediaStreamConstraints = { audio: true, video: true }, { signal }: Abortable = {}): Promise<MediaStream> {
  return openUserMedia(constraints, signal);
}

/** Lets somebody choose a screen, a window or a tab. */
export function getDisplayMedia(constraints: DisplayMediaStreamOptions = { video: true }, { signal }: Abortable = {}): Promise<MediaStream> {
  return openDisplayMedia(constraints, signal);
}

/** Asks for camera and microphone, and lets go of them: whether the page may have them. */
export async function requestPermissions(constraints: MediaStreamConstraints = { audio: true, video: true }, { signal }: Abortable = {}): Promise<void> {
  stopAll(await openUserMedia(constraints, signal));
}

/** Lets go of everything a stream holds. */
export function stopStream(stream?: MediaStream): void {
  stopAll(stream);
}

/** Whether the page was allowed to use that kind of device; `null` where the browser does not say. */
export async function checkPermissions(kind: "camera" | "microphone"): Promise<boolean | null> {
  try {
    const status = await navigator.permissions.query({ name: kind as PermissionName });
    return status.state === "granted";
  } catch {
    return null;
  }
}

/** Whether this browser can take part at all. */
export function supportsWebRTC(): boolean {
  return typeof RTCPeerConnection !== "undefined" && typeof WebSocket !== "undefined";
}

/** Whether this browser gives camera and microphone to this page. */
export function supportsGetUserMedia(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

/** Whether this browser lets people share a screen. */
export function supportsGetDisplayMedia(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** Whether this browser lets a page choose the loudspeaker (`updateSpeaker()`, `speakerId`). */
export function supportsMediaOutput(): boolean {
  return canChooseSpeaker();
}
