// One's own picture and how loud one's microphone is, with the buttons that turn them off.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { base } from "../address.ts";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { t } from "../words/index.ts";
import { DeviceChoices } from "./choices.tsx";
import * as devices from "./devices.ts";
import { meter } from "./meter.ts";

const level = signal(0);

function toggle(kind: "camera" | "microphone"): void {
  devices.wants.value = { ...devices.wants.value, [kind]: !devices.wants.value[kind] };
  void devices.open();
}

/** The preview. */
export function Preview() {
  const video = useRef<HTMLVideoElement>(null);
  const stream = devices.preview.value;
  const isSeen = (stream?.getVideoTracks().length ?? 0) > 0;
  const isHeard = (stream?.getAudioTracks().length ?? 0) > 0;
  useEffect(() => {
    if (video.current) video.current.srcObject = isSeen ? stream : null;
    if (!stream || !isHeard) return;
    const stop = meter(stream, (now) => (level.value = now));
    return () => {
      stop();
      level.value = 0;
    };
  }, [stream]);
  return (
    <section class="look" aria-label={t("ownPicture")}>
      <div class="preview">
        <video ref={video} muted autoplay playsInline aria-label={t("ownPicture")} hidden={!isSeen} />
        {!isSeen && <p class="preview-text"><Icon name="cameraOff" />{t("cameraIsOff")}</p>}
        <div class="preview-buttons">
          <Toggle kind="microphone" isOn={isHeard} on="unmute" off="mute" />
          <Toggle kind="camera" isOn={isSeen} on="cameraOn" off="cameraOff" />
        </div>
      </div>
      <Level />
      <Notice problem={devices.deviceProblem.value} close={() => (devices.deviceProblem.value = null)} />
      {devices.isAllowed() ? <DeviceChoices /> : <Insecure />}
    </section>
  );
}

interface ToggleProps {
  kind: "camera" | "microphone";
  isOn: boolean;
  on: "unmute" | "cameraOn";
  off: "mute" | "cameraOff";
}

function Toggle({ kind, isOn, on, off }: ToggleProps) {
  const words = t(isOn ? off : on);
  return (
    <button type="button" class={isOn ? "round" : "round off"} aria-label={words} title={words} onClick={() => toggle(kind)}>
      <Icon name={isOn ? kind : `${kind}Off`} />
    </button>
  );
}

function Level() {
  const percent = Math.round(level.value * 100);
  return (
    <div class="level">
      <Icon name="microphone" />
      <div class="level-track" role="meter" aria-label={t("level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        <div style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

/** Where the browser gives a page neither camera nor microphone. */
function Insecure() {
  const address = base.href.replace(/^http:/, "https:");
  return (
    <div class="notice calm">
      <div>
        <p class="notice-title">{t("insecureTitle")}</p>
        <p>{t("insecureText", { address })}</p>
      </div>
    </div>
  );
}
