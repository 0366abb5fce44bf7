// Who sits where on the canvas, and whose hand is up.

import type { LayoutOptions, PositionOptions, RaisedHandOptions } from "../types/options.js";
import type { VideoMemberEntity, VideoPositions } from "../types/entities.js";
import { Voices } from "./voices.js";

/** Layouts, positions and hands. */
export abstract class Places extends Voices {
  /** @internal What is known of a member. */
  protected abstract known(id: string): VideoMemberEntity | undefined;

  /**
   * Gives the names of all layouts.
   *
   * Permission: `room.list_available_layouts`.
   */
  async getLayouts(): Promise<{ layouts: string[] }> {
    const { layouts } = await this.call("video.list_available_layouts");
    return { layouts };
  }

  /**
   * Arranges the canvas, and seats people in the same step where positions are named.
   *
   * Permission: `room.set_layout`; with positions `room.set_position`, too.
   * Events: `layout.changed`, `room.updated` with `layout_name`.
   */
  async setLayout(params: LayoutOptions): Promise<void> {
    await this.call("video.set_layout", { ...params });
  }

  /**
   * Seats somebody.
   *
   * Permission: `room.self.set_position` for oneself, `room.member.set_position` for others.
   * Events: `layout.changed`, `member.updated` with `requested_position`.
   */
  async setMemberPosition(params: PositionOptions): Promise<void> {
    await this.ofMember("video.member.set_position", { ...params });
  }

  /**
   * Seats several people at once.
   *
   * Permission: `room.set_position`.
   * Events: `layout.changed`, `member.updated` with `requested_position`.
   */
  async setPositions(params: { positions: VideoPositions }): Promise<void> {
    await this.call("video.set_position", { ...params });
  }

  /**
   * Takes those whose camera is off from the canvas, or shows them with the mute image.
   *
   * Permission: `room.hide_video_muted` to take away, `room.show_video_muted` to show.
   * Events: `room.updated` with `hide_video_muted`, `layout.changed`.
   */
  async setHideVideoMuted(value: boolean): Promise<void> {
    await this.call(value ? "video.hide_video_muted" : "video.show_video_muted");
  }

  /**
   * Takes those whose camera is off from the canvas.
   *
   * Permission: `room.hide_video_muted`.
   * Events: `room.updated` with `hide_video_muted`, `layout.changed`.
   * @deprecated Use `setHideVideoMuted(true)`.
   */
  async hideVideoMuted(): Promise<void> {
    await this.setHideVideoMuted(true);
  }

  /**
   * Shows those whose camera is off with the mute image.
   *
   * Permission: `room.show_video_muted`.
   * Events: `room.updated` with `hide_video_muted`, `layout.changed`.
   * @deprecated Use `setHideVideoMuted(false)`.
   */
  async showVideoMuted(): Promise<void> {
    await this.setHideVideoMuted(false);
  }

  /**
   * Raises or lowers a hand; the opposite of what it is where `raised` is left out.
   *
   * Permission: `room.self.raisehand`, `room.self.lowerhand`; for others those of `room.member`.
   * Events: `member.updated` with `handraised`; `layout.changed` where hands count.
   */
  async setRaisedHand(params: RaisedHandOptions = {}): Promise<void> {
    const { memberId = this.memberId, raised = !this.known(memberId)?.handraised } = params;
    await this.ofMember(raised ? "video.member.raisehand" : "video.member.lowerhand", { memberId });
    // The event may come later than the next call.
    const member = this.known(memberId);
    if (member) member.handraised = raised;
  }

  /**
   * Gives raised hands the better seats, or not.
   *
   * Permission: `room.prioritize_handraise`.
   * Events: `room.updated` with `prioritize_handraise`, `layout.changed`.
   * @returns what it is now.
   */
  async setPrioritizeHandraise(enable: boolean): Promise<boolean> {
    await this.call("video.prioritize_handraise", { enable });
    return enable;
  }
}
