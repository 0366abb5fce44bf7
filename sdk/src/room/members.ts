// Who is in the room: what the join said, and every event since.

import type { VideoLayout, VideoMemberEntity } from "../types/entities.js";

export class Members {
  readonly #all = new Map<string, VideoMemberEntity>();

  /** Begins anew with those who are there. */
  seed(members: readonly VideoMemberEntity[]): void {
    this.#all.clear();
    for (const member of members) this.put(member);
  }

  /** Somebody came or changed. People who only look on are in nobody's list. */
  put({ updated: _, ...member }: Partial<VideoMemberEntity> & { id: string; updated?: string[] }): void {
    if (member.type === "audience") return;
    this.#all.set(member.id, { ...this.#all.get(member.id), ...member } as VideoMemberEntity);
  }

  remove(id: string): void {
    this.#all.delete(id);
  }

  get(id: string): VideoMemberEntity | undefined {
    return this.#all.get(id);
  }

  /** Everybody, in the order in which they came. */
  list(): VideoMemberEntity[] {
    return [...this.#all.values()].map((member) => ({ ...member }));
  }

  /** A layout says where everybody sits. */
  seat({ layers }: VideoLayout): void {
    for (const member of this.#all.values()) {
      member.current_position = layers.find(({ member_id: id }) => id === member.id)?.position ?? "off-canvas";
    }
  }

  clear(): void {
    this.#all.clear();
  }
}
