/**
 * A story's moments as a river: sessions are its banks, newest first; what is told of one message is one leaf,
 * hung where its place was taken.
 */

import type { Schemas } from "@/api/client";

export type Moment = Schemas["Moment"];

/** Everything that is told of one reservation. Instants are ms; missing where it has not come to that. */
export interface Leaf {
  reservation: string;
  campaign: string;
  action: string;
  holdout: boolean;
  at: number;
  until?: number;
  opened?: number;
  clicked: { at: number; name: string }[];
  closed?: { at: number; by: string };
  released?: { at: number; reason: string };
  answered?: Record<string, unknown>;
  covered: number;
  test: boolean;
}

export type Item =
  | { kind: "event"; moment: Moment }
  | { kind: "leaf"; moment: Moment; leaf: Leaf }
  | { kind: "goal"; moment: Moment };

/** One session, or what happened outside any. `came` is its first page view, when it is loaded. */
export interface Bank {
  key: string;
  session: string;
  start: number;
  end: number;
  views: number;
  came?: Moment;
  items: Item[];
}

const OF_A_MESSAGE = new Set([
  "reserved",
  "released",
  "_message_ready",
  "_message_open",
  "_message_click",
  "_message_close",
  "_message_state_changed",
  "_message_conflict",
  "_answer_question",
  "_release",
]);
const UNTOLD = new Set(["_visibility", "_recheck", "_message_suppressed", "config"]);

/** Both, newest first, each once. What was fetched knows more than what came by the stream. */
export function together(fetched: readonly Moment[], live: readonly Moment[]): Moment[] {
  const all = new Map<number, Moment>();
  for (const moment of live) all.set(moment.position, moment);
  for (const moment of fetched) {
    const known = all.get(moment.position);
    all.set(
      moment.position,
      known?.entered && !moment.entered ? { ...moment, entered: known.entered, left: known.left } : moment,
    );
  }
  return [...all.values()].sort((one, other) => other.at - one.at || other.position - one.position);
}

/** After so long a visit is over. */
const SILENCE_MS = 30 * 60_000;

/** The banks of the river, newest first. */
export function banks(moments: readonly Moment[]): Bank[] {
  const { leaves, places } = leavesOf(moments);
  const found: Bank[] = [];
  let waiting: Item[] = [];
  for (const moment of moments) {
    const item = itemOf(moment, leaves, places);
    const last = found[found.length - 1];
    if (!moment.session || moment.source === "console") {
      if (item) waiting.push(item); // nothing that the person did there
      continue;
    }
    const bank = last && last.session === moment.session ? last : begun(moment);
    if (bank !== last) {
      const after = waiting.filter((one) => one.moment.at - bank.end > SILENCE_MS);
      if (after.length > 0) found.push(outside(after));
      waiting = waiting.slice(after.length);
      found.push(bank);
    }
    bank.items.push(...waiting);
    waiting = [];
    bank.start = Math.min(bank.start, moment.at);
    bank.end = Math.max(bank.end, moment.at);
    if (moment.name === "view") {
      bank.views += 1;
      bank.came = moment;
    }
    if (item) bank.items.push(item);
  }
  const last = found[found.length - 1];
  if (last) last.items.push(...waiting);
  else if (waiting.length > 0) found.push(outside(waiting));
  return found;
}

/** What happened while nobody was there; at least one item, the newest first. */
function outside(items: Item[]): Bank {
  const times = items.map((one) => one.moment.at);
  const position = items[0]?.moment.position ?? 0;
  return { key: ` ${position}`, session: "", start: Math.min(...times), end: Math.max(...times), views: 0, items };
}

function begun(moment: Moment): Bank {
  return {
    key: `${moment.session ?? ""} ${moment.position}`,
    session: moment.session ?? "",
    start: moment.at,
    end: moment.at,
    views: 0,
    items: [],
  };
}

function itemOf(moment: Moment, leaves: ReadonlyMap<string, Leaf>, places: ReadonlyMap<number, string>): Item | null {
  if (UNTOLD.has(moment.name)) return null;
  if (moment.name === "goal") return { kind: "goal", moment };
  if (!OF_A_MESSAGE.has(moment.name)) return { kind: "event", moment };
  const leaf = leaves.get(places.get(moment.position) ?? "");
  return leaf ? { kind: "leaf", moment, leaf } : null;
}

/** Leaves by reservation, and at which position each hangs: where its place was taken, or as early as is loaded. */
function leavesOf(moments: readonly Moment[]): { leaves: Map<string, Leaf>; places: Map<number, string> } {
  const leaves = new Map<string, Leaf>();
  const earliest = new Map<string, number>();
  for (const moment of moments) {
    if (!OF_A_MESSAGE.has(moment.name)) continue;
    const values = moment.values ?? {};
    const reservation = text(values.reservation);
    if (!reservation) continue;
    const leaf = leaves.get(reservation) ?? {
      reservation,
      campaign: "",
      action: "",
      holdout: false,
      at: moment.at,
      clicked: [],
      covered: 0,
      test: false,
    };
    leaves.set(reservation, leaf);
    earliest.set(reservation, moment.position);
    told(leaf, moment, values);
  }
  return { leaves, places: new Map([...earliest].map(([reservation, position]) => [position, reservation])) };
}

function told(leaf: Leaf, moment: Moment, values: Readonly<Record<string, unknown>>): void {
  leaf.campaign = text(values.campaign) || leaf.campaign;
  leaf.action = text(values.action) || leaf.action;
  leaf.holdout = leaf.holdout || values.holdout === true;
  leaf.test = leaf.test || moment.test === true;
  leaf.at = Math.min(leaf.at, moment.at);
  switch (moment.name) {
    case "reserved":
      if (typeof values.until === "number") leaf.until = values.until;
      break;
    case "_message_open":
      leaf.opened = moment.at;
      break;
    case "_message_click":
      leaf.clicked.unshift({ at: moment.at, name: text(values.name) });
      break;
    case "_message_close":
      leaf.closed = { at: moment.at, by: text(values.by) };
      break;
    case "_message_conflict":
      leaf.covered += 1;
      break;
    case "_answer_question":
      leaf.answered = { ...(values.answers as Record<string, unknown>) };
      break;
    case "released":
      leaf.released = { at: moment.at, reason: text(values.reason) };
      break;
  }
}

export type Fate = "holdout" | "clicked" | "shown" | "waiting" | "unshown";

/** What became of it, at an instant. */
export function fate(leaf: Leaf, now: number): Fate {
  if (leaf.released) return "unshown";
  if (leaf.holdout) return "holdout";
  if (leaf.clicked.length || leaf.answered) return "clicked";
  if (leaf.opened !== undefined) return "shown";
  return leaf.until !== undefined && leaf.until > now ? "waiting" : "unshown";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
