// Camera and microphone before joining: the two choices, a small preview and a level meter.
// It knows nothing of rooms; what it gives is two sets of constraints.

import { aboutDevices } from "./words.js";

const NONE = "none";
const byId = (id) => document.getElementById(id);

let preview = null; // the MediaStream shown, or null
let meter = null; // { context, stop } while a microphone is open
let turn = 0; // the newest request wins when choices change quickly

/** Whether this page may ask for devices at all (secure context with media devices). */
export function available() {
  return Boolean(window.isSecureContext && navigator.mediaDevices?.getUserMedia);
}

/** Opens the default devices, fills both lists, and follows later choices. */
export async function start(report) {
  const again = () => open(report);
  byId("camera").addEventListener("change", again);
  byId("microphone").addEventListener("change", again);
  if (!available()) {
    fill("camera", "No camera", []);
    fill("microphone", "No microphone", []);
    showPicture(null);
    return;
  }
  navigator.mediaDevices.addEventListener?.("devicechange", list);
  await list();
  await open(report);
}

/** What to hand to join(): constraints, or false for "none". */
export function chosen() {
  return { audio: constraints("microphone"), video: constraints("camera") };
}

/** Lets go of camera and microphone, so that the call can open them itself. */
export function stop() {
  turn += 1;
  preview?.getTracks().forEach((track) => track.stop());
  preview = null;
  meter?.stop();
  meter = null;
  byId("preview-video").srcObject = null;
}

/** Opens what the two lists say and shows it; problems are told, never thrown. */
export async function open(report) {
  stop();
  const mine = turn;
  const { audio, video } = chosen();
  showPicture(null);
  if (!available() || (!audio && !video)) return;
  const stream = await tryOpen({ audio, video }, report);
  if (mine !== turn) {
    stream?.getTracks().forEach((track) => track.stop());
    return;
  }
  preview = stream;
  showPicture(stream);
  showLevel(stream);
  await list();
}

// Asks for both; when one of them is missing, asks for what is left, so that a machine with no
// camera still gets its microphone.
async function tryOpen({ audio, video }, report) {
  const wishes = audio && video ? [{ audio, video }, { audio }, { video }] : [{ audio, video }];
  let first = null;
  for (const wish of wishes) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wish);
      if (first) forget(stream, report, first);
      return stream;
    } catch (error) {
      first ??= error;
      if (error.name === "NotAllowedError") break;
    }
  }
  if (audio) byId("microphone").value = NONE;
  if (video) byId("camera").value = NONE;
  report(aboutDevices(first));
  return null;
}

function forget(stream, report, error) {
  if (stream.getVideoTracks().length === 0) byId("camera").value = NONE;
  if (stream.getAudioTracks().length === 0) byId("microphone").value = NONE;
  if (error.name !== "NotFoundError") report(aboutDevices(error));
}

function constraints(kind) {
  const id = byId(kind).value;
  if (id === NONE || !available()) return false;
  const wish = kind === "camera" ? { width: { ideal: 1280 }, height: { ideal: 720 } } : {};
  if (id) wish.deviceId = { exact: id };
  return Object.keys(wish).length ? wish : true;
}

async function list() {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  fill("camera", "No camera", all.filter((device) => device.kind === "videoinput"));
  fill("microphone", "No microphone", all.filter((device) => device.kind === "audioinput"));
}

// Before permission the browser gives one nameless entry per kind: then "Default" stands for it.
function fill(id, none, devices) {
  const select = byId(id);
  const before = select.value;
  const named = devices.filter((device) => device.deviceId);
  const options = named.map((device, at) => [device.deviceId, device.label || `${id} ${at + 1}`]);
  if (devices.length > 0 && named.length === 0) options.push(["", "Default"]);
  options.push([NONE, none]);
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  const keep = options.some(([value]) => value === before) && !(before === "" && named.length);
  select.value = keep ? before : options[0][0];
}

function showPicture(stream) {
  const has = Boolean(stream?.getVideoTracks().length);
  const video = byId("preview-video");
  video.hidden = !has;
  video.srcObject = has ? stream : null;
  byId("preview-text").hidden = has;
}

// Root mean square of the last 2048 samples, on a scale where -60 dB is empty and 0 dB full.
function showLevel(stream) {
  const bar = byId("level");
  bar.value = 0;
  if (!stream?.getAudioTracks().length) return;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    bar.value = Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-12)) / 60));
  }, 80);
  meter = {
    stop() {
      clearInterval(timer);
      bar.value = 0;
      context.close();
    },
  };
}
