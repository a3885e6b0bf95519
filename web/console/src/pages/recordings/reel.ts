/**
 * One tab of a recording on a screen: only what is looked at is fetched, from the whole picture that is nearest before it.
 */

import type { Recorded, Screen } from "@/replay/screen";
import { type Chunk, FULL, playable, type Tab } from "./recordings";

/** Bytes, as they are stored, of the first answer: it is what somebody waits for. */
export const FIRST_BYTES = 100_000;
const MORE_BYTES = 1_000_000;
/** So far ahead of the picture it is fetched: far enough that what is boring is seen to be. */
const AHEAD_MS = 5 * 60_000;
/** A picture that comes so much later than what is wanted is not yet it. */
const CLOSE_MS = 1_000;

export type ReelState = "loading" | "ready" | "broken";

/** How a reel stands: `from` and `until` are what is fetched, in ms of the visit; `ended`: the tab's end is reached. */
export interface ReelStanding {
  time: number;
  playing: boolean;
  idle: boolean;
  ended: boolean;
  state: ReelState;
  from: number;
  until: number;
}

export interface Wanted {
  /** ms of the visit */
  at: number;
  playing: boolean;
  speed: number;
  skip: boolean;
}

/** The chunks of the tab after a place, as many as so many bytes hold; none at the end. */
export type Read = (after: number, most: number, signal: AbortSignal) => Promise<readonly Chunk[]>;

export class Reel {
  private stop = new AbortController();
  private kept: Recorded[] = [];
  /** The chunk, by its place in the tab, with which what is fetched begins. */
  private first: number;
  private after: number;
  private from = 0;
  private until = 0;
  /** By how much the page's clock is behind the visit's time. */
  private shift = 0;
  private time: number;
  private complete = false;
  private begun = false;
  private fetching = false;
  private broken = false;
  private over = false;
  private readonly deaf: () => void;

  constructor(
    private readonly screen: Screen,
    private readonly tab: Tab,
    private readonly started: number,
    private readonly wanted: Wanted,
    private readonly read: Read,
    private readonly tell: (standing: ReelStanding) => void,
  ) {
    this.time = wanted.at;
    this.first = entry(tab, started, wanted.at);
    this.after = before(tab, this.first);
    this.deaf = screen.listen((told) => {
      if (!this.begun) return;
      this.time = told.time + this.shift;
      this.over = told.ended && this.complete;
      if (this.over) this.wanted.playing = false;
      this.say({ playing: told.playing, idle: told.idle, ended: this.over });
      void this.fetch();
    });
    void this.fetch();
  }

  /** Nothing more is fetched or told. */
  close(): void {
    this.stop.abort();
    this.deaf();
  }

  /** At the end it begins anew. */
  play(): void {
    this.wanted.playing = true;
    if (this.over) this.seek(0);
    if (this.begun) this.screen.play();
  }

  pause(): void {
    this.wanted.playing = false;
    if (this.begun) this.screen.pause();
  }

  /** Shows this moment; what lies before or after all that is fetched is fetched anew. */
  seek(at: number): void {
    this.wanted.at = at;
    this.time = at;
    this.over = false;
    if (this.begun && at >= this.from && (at <= this.until || this.complete)) this.screen.seek(at - this.shift);
    else {
      const first = entry(this.tab, this.started, at);
      if (this.begun || first !== this.first) this.anew(first);
    }
  }

  speed(speed: number): void {
    this.wanted.speed = speed;
    this.screen.speed(speed);
  }

  skip(skip: boolean): void {
    this.wanted.skip = skip;
    this.screen.skip(skip);
  }

  private anew(first: number): void {
    this.stop.abort();
    this.stop = new AbortController();
    if (this.begun) this.screen.pause();
    this.kept = [];
    this.first = first;
    this.after = before(this.tab, first);
    this.begun = this.complete = this.fetching = this.broken = false;
    this.say();
    void this.fetch();
  }

  private async fetch(): Promise<void> {
    if (this.fetching || !this.isHungry) return;
    this.fetching = true;
    const { signal } = this.stop;
    try {
      while (this.isHungry) {
        const chunks = await this.read(this.after, this.begun ? MORE_BYTES : FIRST_BYTES, signal);
        if (signal.aborted) return;
        this.take(chunks);
        if (signal.aborted) return; // it began earlier
      }
    } catch {
      if (signal.aborted) return;
      this.broken = true;
      this.say();
    }
    this.fetching = false;
  }

  private get isHungry(): boolean {
    if (this.complete || this.broken) return false;
    return !this.begun || this.until < this.time + AHEAD_MS * Math.max(1, this.wanted.speed);
  }

  private take(chunks: readonly Chunk[]): void {
    const last = chunks.at(-1);
    const opening = chunks.find((chunk) => chunk.events.length > 0);
    if (opening?.events[0] && this.kept.length === 0 && !this.begun) {
      this.shift = opening.from_at - this.started - opening.events[0].timestamp;
      this.from = this.until = opening.from_at - this.started;
    }
    if (last) {
      this.after = last.seq;
      this.until = Math.max(this.until, last.to_at - this.started);
    } else {
      this.complete = true;
    }
    const events = chunks.flatMap((chunk) => chunk.events);
    if (this.begun) this.screen.add(events);
    else {
      this.kept.push(...events);
      if (this.complete || this.until >= this.wanted.at) this.begin();
    }
    if (this.begun || this.complete) this.say();
  }

  private begin(): void {
    const events = playable(this.kept);
    const picture = events.find((event) => event.type === FULL);
    const earlier = entry(this.tab, this.started, this.wanted.at, this.first);
    if (picture && earlier < this.first && picture.timestamp + this.shift > this.wanted.at + CLOSE_MS) {
      this.anew(earlier);
      return;
    }
    if (!picture || events.length < 2) {
      this.broken = this.complete;
      return;
    }
    this.begun = true;
    this.kept = [];
    this.from = (events[0]?.timestamp ?? 0) + this.shift;
    const { at, playing, speed, skip } = this.wanted;
    this.screen.begin(events, { at: at - this.shift, playing, speed, skip });
  }

  private say(how: Partial<ReelStanding> = {}): void {
    const state = this.begun ? "ready" : this.broken ? "broken" : "loading";
    const { time, from, until } = this;
    this.tell({ time, playing: this.wanted.playing, idle: false, ended: false, ...how, state, from, until });
  }
}

/** What is asked for first to see a moment: what comes after this place of the tab. */
export function firstAfter(tab: Tab, started: number, at: number): number {
  return before(tab, entry(tab, started, at));
}

/** The chunk to begin with to see a moment, by its place in the tab: the last that holds a whole picture and began before it. */
function entry({ chunks }: Tab, started: number, at: number, before = chunks.length): number {
  for (let place = before - 1; place > 0; place--) {
    const chunk = chunks[place];
    if (chunk?.full && chunk.from_at - started <= at) return place;
  }
  return 0;
}

/** The place that chunks are asked for after, to begin with this one. */
function before(tab: Tab, first: number): number {
  return (tab.chunks[first]?.seq ?? 0) - 1;
}
