// Who is heard and seen, how loud, and by whom.

import type { MemberOptions, SensitivityOptions, VolumeOptions } from "../types/options.js";
import { RoomApi } from "./api.js";

/** Mutes, deafness and volumes. */
export abstract class Voices extends RoomApi {
  /**
   * Switches a microphone off: others hear nothing of that member any more. One's own is let go of, too, unless
   * `stopMicrophoneWhileMuted` is false.
   *
   * Permission: `room.self.audio_mute` for oneself, `room.member.audio_mute` for others.
   * Event: `member.updated` with `audio_muted`.
   */
  async audioMute(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.audio_mute", { ...params });
  }

  /**
   * Switches a microphone on.
   *
   * Permission: `room.self.audio_unmute` for oneself, `room.member.audio_unmute` for others.
   * Event: `member.updated` with `audio_muted`.
   */
  async audioUnmute(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.audio_unmute", { ...params });
  }

  /**
   * Switches a camera off: the mute image stands in its cell. One's own is let go of, too, unless
   * `stopCameraWhileMuted` is false.
   *
   * Permission: `room.self.video_mute` for oneself, `room.member.video_mute` for others.
   * Events: `member.updated` with `video_muted` and `visible`, `layout.changed`.
   */
  async videoMute(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.video_mute", { ...params });
  }

  /**
   * Switches a camera on.
   *
   * Permission: `room.self.video_unmute` or `room.self.video_mute` for oneself, `room.member.video_unmute` or
   * `room.member.video_mute` for others.
   * Events: `member.updated` with `video_muted` and `visible`, `layout.changed`.
   */
  async videoUnmute(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.video_unmute", { ...params });
  }

  /**
   * Lets somebody hear nobody any more, and closes their microphone.
   *
   * Permission: `room.self.deaf` for oneself, `room.member.deaf` for others.
   * Event: `member.updated` with `deaf` and `audio_muted`.
   */
  async deaf(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.deaf", { ...params });
  }

  /**
   * Lets somebody hear again, and opens their microphone.
   *
   * Permission: `room.self.undeaf` or `room.self.deaf` for oneself, `room.member.undeaf` or `room.member.deaf` for others.
   * Event: `member.updated` with `deaf` and `audio_muted`.
   */
  async undeaf(params?: MemberOptions): Promise<void> {
    await this.ofMember("video.member.undeaf", { ...params });
  }

  /**
   * Sets how loud somebody is heard.
   *
   * Permission: `room.self.set_input_volume` for oneself, `room.member.set_input_volume` for others.
   * Event: `member.updated` with `input_volume`.
   */
  async setInputVolume(params: VolumeOptions): Promise<void> {
    await this.ofMember("video.member.set_input_volume", { ...params });
  }

  /**
   * Sets how loud somebody hears.
   *
   * Permission: `room.self.set_output_volume` for oneself, `room.member.set_output_volume` for others.
   * Event: `member.updated` with `output_volume`.
   */
  async setOutputVolume(params: VolumeOptions): Promise<void> {
    await this.ofMember("video.member.set_output_volume", { ...params });
  }

  /**
   * Sets how easily somebody is taken to speak.
   *
   * Permission: `room.self.set_input_sensitivity` for oneself, `room.member.set_input_sensitivity` for others.
   * Event: `member.updated` with `input_sensitivity`.
   */
  async setInputSensitivity(params: SensitivityOptions): Promise<void> {
    await this.ofMember("video.member.set_input_sensitivity", { ...params });
  }
}
