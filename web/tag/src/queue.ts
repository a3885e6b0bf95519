/** Events that the edge has not acknowledged, in order, kept across pages of this browser. */

import type { Clock } from "./clock";
import type { Storage } from "./storage";
import type { TrackEvent } from "./wire";

const PREFIX = "_omo.q.";
const MOST = 500;
const LONGEST_AGE_MS = 24 * 60 * 60 * 1000;
const ABANDONED_AFTER_MS = 90_000;

export interface Waiting {
  visitor: string;
  event: TrackEvent;
}

/** One page load's list as it is stored. Left ones, and those nobody touched for long, are taken over by the next page. */
interface Stored {
  touched: number;
  left: boolean;
  waiting: Waiting[];
}

export class Queue {
  private waiting: Waiting[] = [];
  private left = false;

  constructor(
    private readonly storage: Storage,
    private readonly time: Clock,
    private readonly instance: string,
    private readonly dropped: (event: TrackEvent) => void,
  ) {
    this.inherit();
  }

  get length(): number {
    return this.waiting.length;
  }

  /** Kept on disk (where there is one) when this returns. */
  push(entry: Waiting): void {
    this.waiting.push(entry);
    this.prune();
    this.save();
  }

  /** The first ones in order, all of one visitor, at most `most` and about `bytes` characters of JSON; at least one. */
  head(most: number, bytes: number): Waiting[] {
    this.prune();
    const taken: Waiting[] = [];
    let size = 0;
    for (const entry of this.waiting) {
      size += JSON.stringify(entry.event).length;
      const fits = taken.length === 0 || (size <= bytes && entry.visitor === taken[0]?.visitor);
      if (!fits || taken.length === most) break;
      taken.push(entry);
    }
    return taken;
  }

  /** The edge has answered for these. */
  settle(ids: ReadonlySet<string>): void {
    this.waiting = this.waiting.filter((entry) => !ids.has(entry.event.id));
    this.save();
  }

  /** These wait longer than one request: they may be older than what the person does since. */
  delay(ids: ReadonlySet<string>): void {
    for (const entry of this.waiting) if (ids.has(entry.event.id)) entry.event.offline = true;
    this.save();
  }

  /** What was recorded under an id the server has replaced travels under the new one. */
  relabel(from: string, to: string): void {
    for (const entry of this.waiting) if (entry.visitor === from) entry.visitor = to;
    this.save();
  }

  /** The page goes away; whoever comes next may take over. */
  leave(): void {
    this.left = true;
    this.save();
  }

  /** The page came back from the browser's back-forward cache; another may have taken over meanwhile. */
  comeBack(): void {
    this.left = false;
    if (this.storage.get(this.name) === null) this.waiting = [];
    this.inherit();
    this.save();
  }

  clear(): void {
    this.waiting = [];
    for (const name of this.storage.names(PREFIX)) this.storage.remove(name);
  }

  /** Says that this page still lives, so that no other takes its events over. */
  touch(): void {
    if (this.waiting.length > 0) this.save();
  }

  private get name(): string {
    return PREFIX + this.instance;
  }

  private inherit(): void {
    const inherited: Waiting[] = [];
    for (const name of this.storage.names(PREFIX)) {
      if (name === this.name) continue;
      const stored = parse(this.storage.get(name));
      const abandoned = stored === null || stored.left || this.time.now() - stored.touched > ABANDONED_AFTER_MS;
      if (!abandoned) continue;
      this.storage.remove(name);
      for (const entry of stored?.waiting ?? []) inherited.push({ ...entry, event: { ...entry.event, offline: true } });
    }
    if (inherited.length === 0) return;
    inherited.sort((a, b) => a.event.at - b.event.at);
    this.waiting = [...inherited, ...this.waiting];
    this.prune();
    this.save();
  }

  private prune(): void {
    const oldest = this.time.now() - LONGEST_AGE_MS;
    const kept = this.waiting.filter((entry) => entry.event.at > oldest).slice(-MOST);
    if (kept.length === this.waiting.length) return;
    const ids = new Set(kept.map((entry) => entry.event.id));
    for (const entry of this.waiting) if (!ids.has(entry.event.id)) this.dropped(entry.event);
    this.waiting = kept;
  }

  private save(): void {
    if (this.waiting.length === 0) {
      this.storage.remove(this.name);
      return;
    }
    const stored: Stored = { touched: this.time.now(), left: this.left, waiting: this.waiting };
    this.storage.set(this.name, JSON.stringify(stored));
  }
}

function parse(text: string | null): Stored | null {
  try {
    const stored = JSON.parse(text ?? "") as Stored;
    const whole = (entry: Waiting) =>
      typeof entry.visitor === "string" && typeof entry.event.id === "string" && typeof entry.event.at === "number";
    return { ...stored, waiting: stored.waiting.filter(whole) };
  } catch {
    return null;
  }
}
