// Figures of a leg as one plain object: what the browser counts since the beginning, turned into rates.

import type { MediaStats, RoomSessionStats, VideoStats } from "../types/stats.js";
import type { Kind } from "./leg.js";

interface Stat {
  id: string;
  type: string;
  kind?: Kind;
  timestamp: number;
  [figure: string]: unknown;
}

/** Reads figures; rates are of the time since the reading before. */
export class StatsReader {
  #before = new Map<string, Stat>();

  async read(peer: RTCPeerConnection): Promise<RoomSessionStats> {
    const all = new Map<string, Stat>();
    (await peer.getStats()).forEach((stat: Stat) => all.set(stat.id, stat));
    const each = (type: string, kind: Kind) => [...all.values()].filter((stat) => stat.type === type && stat.kind === kind);
    const find = (type: string, kind: Kind) => each(type, kind)[0];
    const pair = selectedPair(all);
    const [upSound, upPictures] = [find("outbound-rtp", "audio"), each("outbound-rtp", "video")];
    const [downSound, downPicture] = [find("inbound-rtp", "audio"), find("inbound-rtp", "video")];
    const stats: RoomSessionStats = {
      at: Date.now(),
      roundTripMs: milliseconds(pair?.currentRoundTripTime),
      transport: transport(pair, all),
      up: {
        audio: upSound ? this.#sent([upSound], each("remote-inbound-rtp", "audio")) : null,
        video: upPictures.length > 0 ? { ...this.#sent(upPictures, each("remote-inbound-rtp", "video")), ...picture(largest(upPictures)) } : null,
      },
      down: {
        audio: downSound ? this.#got(downSound) : null,
        video: downPicture ? { ...this.#got(downPicture), ...picture(downPicture) } : null,
      },
    };
    this.#before = all;
    return stats;
  }

  /** Of a picture that is sent in several sizes: all of them together, and the worst that is reported of one. */
  #sent(stats: Stat[], reports: Stat[]): MediaStats {
    const worst = (name: string) => {
      const known = reports.map((report) => number(report[name])).filter((value) => value !== null);
      return known.length > 0 ? Math.max(...known) : null;
    };
    const loss = worst("fractionLost");
    return {
      kbps: stats.reduce((sum, stat) => sum + this.#rate(stat, "bytesSent"), 0),
      lossPercent: loss === null ? null : round(loss * 100),
      jitterMs: milliseconds(worst("jitter")),
    };
  }

  #got(stat: Stat): MediaStats {
    const [lost, came] = [this.#grown(stat, "packetsLost"), this.#grown(stat, "packetsReceived")];
    return {
      kbps: this.#rate(stat, "bytesReceived"),
      lossPercent: lost === null || came === null || lost + came <= 0 ? null : round((100 * Math.max(0, lost)) / (lost + came)),
      jitterMs: milliseconds(stat.jitter),
    };
  }

  #rate(stat: Stat, name: string): number {
    const before = this.#before.get(stat.id);
    const grown = this.#grown(stat, name);
    return before && grown !== null ? Math.round((grown * 8) / Math.max(1, stat.timestamp - before.timestamp)) : 0;
  }

  #grown(stat: Stat, name: string): number | null {
    const before = this.#before.get(stat.id);
    return before ? (number(stat[name]) ?? 0) - (number(before[name]) ?? 0) : null;
  }
}

/** The largest size that is sent just now. */
function largest(stats: Stat[]): Stat {
  const weight = ({ framesPerSecond, frameHeight }: Stat) => (number(framesPerSecond) ? (number(frameHeight) ?? 0) : 0);
  return stats.reduce((one, other) => (weight(other) > weight(one) ? other : one));
}

function picture(stat: Stat): Omit<VideoStats, keyof MediaStats> {
  const limit = stat.qualityLimitationReason;
  return {
    width: number(stat.frameWidth),
    height: number(stat.frameHeight),
    framesPerSecond: number(stat.framesPerSecond),
    limitedBy: typeof limit === "string" ? (limit as VideoStats["limitedBy"]) : null,
  };
}

function selectedPair(all: Map<string, Stat>): Stat | undefined {
  const pairs = [...all.values()].filter(({ type }) => type === "candidate-pair");
  const named = [...all.values()].find(({ type }) => type === "transport")?.selectedCandidatePairId;
  return pairs.find(({ id }) => id === named) ?? pairs.find(({ nominated, state }) => nominated && state === "succeeded");
}

function transport(pair: Stat | undefined, all: Map<string, Stat>): RoomSessionStats["transport"] {
  const local = all.get(String(pair?.localCandidateId));
  if (!local) return null;
  if (local.candidateType === "relay") return "relay";
  return local.protocol === "tcp" ? "tcp" : "udp";
}

const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const round = (value: number): number => Math.round(value * 10) / 10;
const milliseconds = (value: unknown): number | null => {
  const seconds = number(value);
  return seconds === null ? null : Math.round(seconds * 1000);
};
