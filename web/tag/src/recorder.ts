/** What `recorder.js` exports: a visit's recording, from this page to the edge. Loaded where somebody is recorded.
 *
 * It waits until the page has loaded and rests, calls for rrweb, and sends what that tells in chunks, one at a time and in order.
 * What has no answer yet is kept, also over the end of the page, up to a limit. The edge says at each chunk whether it goes on. */

import type { Identity } from "./identity";
import type { Page } from "./page";
import { listen, quiet } from "./quiet";
import type { Begun, RrwebFile, Told } from "./rrweb";
import type { RecordAnswer, Recording, TrackAnswer } from "./wire";

/** The tag, as far as its recorder needs it. */
export interface Home {
  /** Undefined once this browser asked to be left alone. */
  running: { identity: Identity; page: Page } | undefined;
  options: { key: string };
  /** Where the edge is. */
  base: string;
  /** Where the tag's files are. */
  folder: string;
}

/** Loads another of the tag's files. */
type Load = <T>(name: string, folder: string) => Promise<T | undefined>;

/** What this file exports to the tag. */
export interface RecorderFile {
  /** The visit that is recorded just now. */
  readonly id: string | undefined;
  heard(answer: Pick<TrackAnswer, "record" | "stopRecording">, home: Home, load: Load): void;
  hurry(): void;
  isHurried(): boolean;
}

/** A chunk on its way; `text` is its JSON. */
interface Chunk {
  recording: string;
  token: string;
  visitor: string;
  seq: number;
  page: string;
  text: string;
}

/** What a tab remembers of its recording from page to page. `held`: a page writes it just now, so a copy of it is another tab's. */
interface Tab {
  tab: string;
  recording: string;
  seq: number;
  held: boolean;
}

const TAB = "_omo.tab";
const LEFT = "_omo.left";
const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
/** rrweb's sources that are somebody's doing: the pointer, presses, scrolling, entering, touching, dragging. */
const DOINGS = [1, 2, 3, 5, 6, 12];
const FIRST_MS = 5_000;
const RESTING_MS = 2_000;
/** The same on a page that has loaded before: somebody has just said yes. */
const RESTED_MS = 500;
const WATCHED_MS = 700;
const SOON_MS = 1_000;
const MANY_EVENTS = 400;
/** Characters of JSON. */
const LARGEST_CHUNK = 7_500_000;
const MOST_WAITING = 4_000_000;
const MOST_LEFT = 1_500_000;
/** Bytes that a page that is going away may still send, over all its requests. */
const LAST_BYTES = 60_000;
/** Whoever is away makes no recording. */
const ASLEEP_MS = 5 * 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_REFUSALS = 3;

export let id: string | undefined;
let current: Recorder | undefined;
/** A visit of which the edge understands nothing that this page says. */
let barred: string | undefined;

/** Begins, or ends, as an answer of the edge says. */
export const heard = quiet("recorder", ({ record, stopRecording }: Pick<TrackAnswer, "record" | "stopRecording">, home: Home, load: Load): void => {
  if (stopRecording) current?.stop();
  if (record === undefined || record.recording === id || record.recording === barred) return;
  current?.stop();
  if (home.running === undefined) return;
  current = new Recorder(record, home, home.running, load);
  id = record.recording;
});

/** Somebody watches: what the page shows is sent now, and soon again. */
export const hurry = quiet("recorder", (): void => current?.hurry());

/** Whether this page knows that somebody watches. */
export const isHurried = (): boolean => current?.isHurried === true;

class Recorder {
  private readonly visitor: string;
  private begun: Begun | undefined;
  private readonly kept: Tab;
  private told: Told[] = [];
  private waiting: Chunk[] = [];
  private page: string;
  private over = false;
  private busy = false;
  private failures = 0;
  private refusals = 0;
  private nextMs = FIRST_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly end: ReturnType<typeof setTimeout>;
  private activeAt = performance.now();
  private asleep = false;
  private sign: HTMLElement | undefined;

  constructor(
    private readonly record: Recording,
    private readonly home: Home,
    private readonly running: NonNullable<Home["running"]>,
    private readonly load: Load,
  ) {
    this.visitor = running.identity.visitor;
    this.page = running.page.id;
    this.kept = tabOf(record.recording);
    this.waiting = left(this.visitor);
    this.end = setTimeout(() => this.stop(), Math.min(record.leftMs, 2 ** 31 - 1));
    listen(window, "pagehide", () => this.leave());
    listen(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
    });
    listen(window, "pageshow", (event) => {
      if ((event as PageTransitionEvent).persisted) this.stop(); // the tab went on without this page; it begins anew
    });
    listen(window, "online", () => this.send());
    void rest().then(() => this.begin());
  }

  hurry(): void {
    this.nextMs = WATCHED_MS;
    if (this.told.length > 0 && this.failures === 0) this.plan(0);
  }

  get isHurried(): boolean {
    return this.nextMs < SOON_MS;
  }

  /** Nothing more is recorded or sent, and what waits is thrown away. */
  stop(): void {
    if (this.over) return;
    this.over = true;
    quiet("recorder", () => this.begun?.stop())();
    clearTimeout(this.timer);
    clearTimeout(this.end);
    this.told = [];
    this.waiting = [];
    this.sign?.remove();
    remember(LEFT, undefined);
    if (current === this) {
      current = undefined;
      id = undefined;
    }
  }

  private async begin(): Promise<void> {
    const rrweb = this.ended ? undefined : await this.load<RrwebFile>("rrweb", this.home.folder);
    if (this.ended) return this.stop();
    this.begun = rrweb?.begin(
      this.record,
      quiet("recorder", (told: Told) => this.take(told)),
    );
    if (this.begun === undefined) return this.stop();
    if (this.record.indicator) this.sign = sign();
    this.send();
  }

  /** Whether this browser has become somebody else, or asked to be left alone. */
  private get ended(): boolean {
    return this.over || this.home.running !== this.running || this.running.identity.visitor !== this.visitor;
  }

  private take(told: Told): void {
    if (this.ended) return this.stop();
    const now = performance.now();
    if (told.type === INCREMENTAL && DOINGS.includes(told.data["source"] as number)) {
      this.activeAt = now;
      if (this.asleep) {
        this.asleep = false;
        return this.anew();
      }
    }
    this.asleep ||= now - this.activeAt > ASLEEP_MS;
    if (this.asleep || this.isFull) return;
    if (this.running.page.id !== this.page) {
      this.cut();
      this.page = this.running.page.id;
      if (told.type === INCREMENTAL) return this.anew(); // what it tells is in the whole page, too
    }
    this.told.push(told);
    if (told.type === FULL_SNAPSHOT || this.told.length >= MANY_EVENTS) {
      if (this.failures > 0) this.cut(); // it is sent when the edge is asked again
      else this.plan(0);
    } else if (this.timer === undefined) this.plan(this.nextMs);
  }

  private anew(): void {
    this.begun?.snapshot();
  }

  private get isFull(): boolean {
    return this.waiting.reduce((sum, { text }) => sum + text.length, 0) > MOST_WAITING;
  }

  /** What was told becomes a chunk. */
  private cut(): void {
    if (this.told.length === 0) return;
    const text = JSON.stringify(this.told);
    this.told = [];
    if (text.length > LARGEST_CHUNK) return this.stop();
    const { recording, token } = this.record;
    this.waiting.push({ recording, token, visitor: this.visitor, seq: this.kept.seq++, page: this.page, text });
    this.kept.held = true;
    remember(TAB, this.kept);
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      quiet("recorder", () => {
        this.timer = undefined;
        this.send();
      }),
      wait,
    );
  }

  private send(): void {
    if (this.ended) return this.stop();
    this.cut();
    const [chunk] = this.waiting;
    if (chunk === undefined || this.busy || this.over) return;
    this.busy = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    void packed(chunk.text)
      .then((body) => fetch(this.address(chunk), { method: "POST", body, credentials: "omit", headers: { "content-type": "text/plain" } }))
      .then(
        async (got) => this.answered(chunk, got.status, got.ok ? ((await got.json()) as RecordAnswer) : undefined),
        () => this.answered(chunk, 0),
      )
      .catch(() => this.answered(chunk, 0));
  }

  private answered(chunk: Chunk, status: number, answer?: RecordAnswer): void {
    this.busy = false;
    if (this.over) return;
    if (status === 0 || status === 429 || (status >= 500 && status !== 507)) {
      this.plan(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++) * (0.5 + Math.random() / 2));
      return;
    }
    this.failures = 0;
    const foreign = chunk.recording !== this.record.recording;
    const wasFull = this.isFull;
    this.waiting = this.waiting.filter((one) => one !== chunk);
    if (answer?.record !== undefined && !foreign) return heard({ record: answer.record }, this.home, this.load);
    if (status !== 200 && !foreign) {
      if ((status === 400 || status === 413) && ++this.refusals < MOST_REFUSALS) return this.anew(); // the whole page heals the gap
      if (status !== 403 && status !== 507) barred = this.record.recording;
      return this.stop();
    }
    this.nextMs = answer?.nextMs ?? this.nextMs;
    if (wasFull && !this.isFull) this.anew(); // nothing was told meanwhile
    if (this.waiting.length > 0) this.send();
    else if (this.timer === undefined || this.isHurried) this.plan(this.nextMs);
  }

  /** The page may die now: what is small is sent as it is, and all that has no answer is left to the tab's next page. */
  private leave(): void {
    if (this.ended) return this.stop();
    this.cut();
    if (this.over) return;
    let room = LAST_BYTES;
    for (const chunk of this.waiting) {
      const body = new Blob([chunk.text]);
      room -= body.size;
      if (room < 0) break;
      void fetch(this.address(chunk), { method: "POST", body: chunk.text, credentials: "omit", keepalive: true }).catch(() => undefined);
    }
    this.kept.held = false;
    remember(TAB, this.kept);
    let most = MOST_LEFT;
    remember(LEFT, this.waiting.filter(({ text }) => (most -= text.length) >= 0));
  }

  private address({ recording, token, visitor, seq, page }: Chunk): string {
    const said = { key: this.home.options.key, visitor, recording, token, tab: this.kept.tab, seq: String(seq), page, sent_at: String(Date.now()) };
    return `${this.home.base}/v1/record?${new URLSearchParams(said)}`;
  }
}

/** When the page has loaded and has nothing better to do. */
function rest(): Promise<void> {
  return new Promise((resolve) => {
    const rested = (timeout: number) => {
      if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout });
      else setTimeout(resolve, 200);
    };
    if (document.readyState === "complete") rested(RESTED_MS);
    else listen(window, "load", () => rested(RESTING_MS), { once: true });
  });
}

async function packed(text: string): Promise<BodyInit> {
  if (typeof CompressionStream === "undefined") return text;
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
}

/** This tab's place in the recording: where its page before stopped counting, or a tab that begins. */
function tabOf(recording: string): Tab {
  const kept = recalled<Tab>(TAB);
  const mine = kept !== undefined && kept.held === false && kept.recording === recording;
  const tab: Tab = { tab: mine ? kept.tab : fresh(), recording, seq: mine ? kept.seq : 0, held: true };
  remember(TAB, tab);
  return tab;
}

/** What this tab's page before got no answer for. */
function left(visitor: string): Chunk[] {
  const chunks = recalled<Chunk[]>(LEFT) ?? [];
  remember(LEFT, undefined);
  return Array.isArray(chunks) ? chunks.filter((chunk) => chunk.visitor === visitor) : [];
}

function fresh(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte & 31).toString(32)).join("");
}

function recalled<T>(name: string): T | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(name) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // no storage, or a full one: the page's end loses what has no answer
  }
}

/** Tells the visitor, where the project wants that. */
function sign(): HTMLElement {
  const host = document.createElement("div");
  host.setAttribute("data-omotenashi-block", "");
  const root = host.attachShadow({ mode: "open" });
  const note = document.createElement("div");
  note.setAttribute("role", "status");
  note.textContent = document.documentElement.lang.startsWith("ja") ? "この画面は録画されています" : "This screen is being recorded";
  note.style.cssText =
    "all:initial;position:fixed;inset-inline-start:16px;inset-block-end:16px;z-index:2147482000;padding:6px 12px;border-radius:6px;background:#16181c;color:#ece9e2;font:13px/1.5 system-ui,'Hiragino Sans','Noto Sans JP',sans-serif;pointer-events:none";
  root.append(note);
  document.body.append(host);
  return host;
}
