// The device helpers under the names that applications written for the published SDK use as well.

export * from "../webrtc.js";
import { getCameraDevices, getMicrophoneDevices, getSpeakerDevices, watchDevices, type DeviceChanges } from "../webrtc.js";

export const getCameraDevicesWithPermissions = getCameraDevices;
export const getMicrophoneDevicesWithPermissions = getMicrophoneDevices;
export const getSpeakerDevicesWithPermissions = getSpeakerDevices;

/** Tells of devices by listeners: `added`, `removed`, `changed`. */
export async function createDeviceWatcher(): Promise<{ on(event: keyof DeviceChanges, listener: (changes: DeviceChanges) => void): void }> {
  const listeners: Array<[keyof DeviceChanges, (changes: DeviceChanges) => void]> = [];
  await watchDevices((changes) => {
    for (const [event, listener] of listeners) if (changes[event].length > 0) listener(changes);
  });
  return { on: (event, listener) => void listeners.push([event, listener]) };
}

/** Lets go of one track. */
export function stopTrack(track?: MediaStreamTrack): void {
  track?.stop();
}
