// JSON-RPC as the server speaks it: frames, and how results are wrapped in results.

import { refusal } from "../errors.js";

/** Any frame. */
export interface Frame {
  jsonrpc: "2.0";
  id?: string;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: unknown;
}

/** An event as it comes. */
export interface EventFrame {
  event_type: string;
  node_id?: string;
  params: Record<string, unknown>;
}

/** A message between the two ends of a call. */
export interface VertoMessage {
  jsonrpc: "2.0";
  id: string;
  method: string;
  params: Record<string, unknown> & { callID?: string; sdp?: string };
}

/** A fresh id, also where a page is not secure and `randomUUID` is missing. */
export function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The innermost result, or the refusal that stands in its place. */
export function unwrap(frame: Pick<Frame, "result" | "error">, method: string): Record<string, unknown> {
  if (frame.error) throw refusal(frame.error, method);
  const result = (frame.result ?? {}) as Record<string, unknown>;
  const { code } = result;
  if (code !== undefined && !/^2\d\d$/.test(String(code))) throw refusal(result, method);
  const inner = result.result;
  if (inner === undefined || inner === null) return result;
  if (typeof inner === "object" && "jsonrpc" in inner) return unwrap(inner as Frame, method);
  return { ...result, result: inner };
}
