/** What the pages of recordings share: shapes, times, and how an event of a visit is called. */

import type { Schemas } from "@/api/client";
import type { Recorded } from "@/replay/screen";

export type Card = Schemas["Card"];
export type Opened = Schemas["Opened"];
export type Sought = Partial<Schemas["Sought"]>;
export type Moment = Schemas["Moment"];
export type NoteTold = Schemas["NoteTold"];
export type Tab = Opened["tabs"][number];

/** A chunk as it is read: `from_at` and `to_at` are the server's time, the events' own are the page's. */
export interface Chunk {
  tab: string;
  seq: number;
  from_at: number;
  to_at: number;
  events: Recorded[];
}

export const FULL = 2;
export const META = 4;
export const TROUBLE = [
  "_rage_click",
  "_dead_click",
  "_quick_back",
  "_form_abandon",
  "_console_error",
  "_request_failed",
] as const;
export type Trouble = (typeof TROUBLE)[number];

/** How long it is, in ms. */
export function lengthOf(one: { started_at: number; ended_at: number }): number {
  return Math.max(0, one.ended_at - one.started_at);
}

/** What playing can begin with: from the first picture on, with the address and size that stand right before it. */
export function playable(events: readonly Recorded[]): readonly Recorded[] {
  const full = events.findIndex((event) => event.type === FULL);
  if (full < 0) return [];
  return events.slice(events[full - 1]?.type === META ? full - 1 : full);
}

/** How much happened in each of `parts` equal parts of a recording, as shares of the busiest. */
export function activity(opened: Opened, parts: number): number[] {
  const { started_at } = opened.recording;
  const length = Math.max(1, lengthOf(opened.recording));
  const found = new Array<number>(parts).fill(0);
  for (const chunk of opened.tabs.flatMap((tab) => tab.chunks)) {
    const first = place(chunk.from_at - started_at);
    const last = Math.max(first, place(chunk.to_at - started_at));
    for (let at = first; at <= last; at++) found[at] = (found[at] ?? 0) + chunk.events / (last - first + 1);
  }
  const most = Math.max(1, ...found);
  return found.map((one) => Math.sqrt(one / most));

  function place(ms: number): number {
    return Math.min(parts - 1, Math.max(0, Math.floor((ms / length) * parts)));
  }
}

export type Tone = "shown" | "primary" | "danger" | "waiting" | "holdout" | "plain";

/** The colour an event stands in on the strip; undefined for what is not marked there. */
export function toneOf(name: string): Tone | undefined {
  if (name === "_message_open" || name === "goal" || name === "buy") return "shown";
  if (name === "_message_click") return "primary";
  if (name === "_message_conflict" || name === "_error") return "danger";
  return (TROUBLE as readonly string[]).includes(name) ? "waiting" : undefined;
}

const SILENT = new Set([
  "reserved",
  "released",
  "_visibility",
  "_recheck",
  "_message_ready",
  "_release",
  "config",
  "_live_record_start",
  "_web_vitals",
]);

/** Whether an event belongs into the list beside the picture. */
export function isTold(moment: Moment): boolean {
  return !SILENT.has(moment.name);
}
