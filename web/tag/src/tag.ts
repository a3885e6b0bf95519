/** The tag: the verbs a site says, and what the browser tells by itself. */

import { chunk, home, parts } from "./chunk";
import type { CallsFile } from "./calls";
import type { Clock } from "./clock";
import { type Cookies, openCookies } from "./cookies";
import { KEPT } from "./delivery";
import type { FrictionFile } from "./friction";
import { Identity, OPT_OUT, optedOut, randomId } from "./identity";
import type { Guard } from "./lookout";
import { Messages } from "./messages";
import { Page } from "./page";
import type { PanelFile } from "./panel";
import { Queue } from "./queue";
import { listen, onFailure, quiet } from "./quiet";
import type { RecorderFile } from "./recorder";
import { answer, Sender, type Sent } from "./sender";
import { openStorage, type Storage } from "./storage";
import { TEST, takeToken } from "./test";
import type { Tools } from "./tools";
import type { Rare } from "./verbs";
import type { Widget } from "./widget";
import type { Message, TrackAnswer, TrackRequest, Values } from "./wire";

export interface Options {
  /** The project's public (or staging) write key. */
  key: string;
  /** Where the edge is, such as "https://edge.example" or "https://shop.example/o"; the tag's own folder when left out. */
  endpoint?: string;
  /** Registrable domain for the visitor cookie; found by itself when left out. */
  cookieDomain?: string;
  /** False: no automatic views; the page says `omotenashi("view")` itself. */
  autoView?: boolean;
  /** True: in an iframe, measure and show messages as on a page of its own. */
  frames?: boolean;
  /** Language of the page's texts; `<html lang>` and then the browser's when left out. */
  language?: string;
}

const LARGEST_EVENT = 32_000;
const MOST_ERRORS = 5;
const TOUCH_MS = 30_000;
const OPT_OUT_SECONDS = 5 * 365 * 24 * 60 * 60;

/** What a page may listen to. `ready`: this browser is being measured. */
const HEARD = ["ready", "open", "click", "close", "error"] as const;
type Heard = (typeof HEARD)[number];

/** Everything that exists only while the browser may be measured. */
interface Running {
  identity: Identity;
  page: Page;
  queue: Queue;
  sender: Sender;
  messages: Messages;
}

export class Tag {
  running: Running | undefined;
  private readonly cookies: Cookies;
  readonly storage: Storage;
  private recheck: { page: string; atVisibleMs: number; timer?: ReturnType<typeof setTimeout> } | undefined;
  private reportedMs = 0;
  private errors = 0;
  private left = false;
  private viewed = false;
  private readonly listeners: [event: Heard, heard: (about: Values) => void][] = [];
  readonly base: string;

  constructor(
    readonly options: Options,
    readonly window: Window & typeof globalThis,
    readonly time: Clock,
    /** In somebody else's page: measured, and nothing is shown. */
    private readonly framed = false,
  ) {
    this.base = (options.endpoint ?? "").replace(/\/+$/, "");
    this.cookies = openCookies(
      window.document,
      window.location.hostname,
      window.location.protocol === "https:",
      options.cookieDomain,
    );
    this.storage = openStorage(() => window.localStorage);
    onFailure((error, where) => this.failed(error, where));
    if (!optedOut(this.cookies, this.storage)) this.start();
    this.watch();
  }

  /** Records an event. Resolves when the edge has answered for it. */
  track(name: string, values: Values = {}): Promise<Sent> {
    return this.record(name, values) ?? answer("opted_out");
  }

  /** Begins a new page view; the first one of a page is the one that began when it loaded. */
  view(values: Values = {}): Promise<Sent> {
    if (this.viewed) this.turnPage();
    return this.track("view", values);
  }

  /** Says which member this is, and optionally what is known of them. */
  identify(who: string | number | Values, attributes: Values = {}): Promise<Sent> {
    const values = typeof who === "object" ? { ...who } : { ...attributes, user_id: String(who) };
    const user = values["user_id"];
    if (typeof user === "string" && user !== "") this.running?.identity.remember(user);
    return this.track("identify", values);
  }

  attribute(values: Values): Promise<Sent> {
    return this.track("attribute", values);
  }

  /** `state`: granted, denied, withdrawn or later. */
  consent(purpose: string, state: string): Promise<Sent> {
    return this.track("consent", { purpose, state });
  }

  /** Leaves this browser alone from here on: nothing stays but the mark that says so. */
  optOut(): Promise<Sent> {
    const { running } = this;
    this.running = undefined;
    clearTimeout(this.recheck?.timer);
    running?.messages.clear();
    running?.sender.close();
    running?.queue.clear();
    running?.identity.forget();
    for (const kept of [KEPT, TEST]) for (const name of this.storage.names(kept)) this.storage.remove(name);
    this.storage.set(OPT_OUT, "1");
    this.cookies.set(OPT_OUT, "1", OPT_OUT_SECONDS);
    return answer();
  }

  /** Takes the opt-out back: a new visitor, and a view of this page. */
  optIn(): Promise<Sent> {
    this.storage.remove(OPT_OUT);
    this.cookies.remove(OPT_OUT);
    if (this.running !== undefined) return answer();
    this.start();
    return this.track("view");
  }

  /** After a logout, or on a shared screen: the next events belong to a new visitor. */
  reset(): Promise<Sent> {
    const { running } = this;
    if (running === undefined) return answer("opted_out");
    running.messages.leave();
    running.sender.wake();
    running.identity.renew();
    running.page.begin();
    this.reportedMs = 0;
    return answer();
  }

  /** Calls `heard` with what has happened: to a message, or that measuring has begun. */
  on(event: string, heard: (about: Values) => void): Promise<Sent> {
    if (!(HEARD as readonly string[]).includes(event)) return answer("unknown_event");
    this.listeners.push([event as Heard, heard]);
    if (event === "ready" && this.running !== undefined) quiet("on", heard)({ visitor: this.running.identity.visitor });
    return answer();
  }

  /** A verb that few pages say: it is in a file of its own. */
  async rare(verb: string, args: unknown[]): Promise<Sent> {
    return (await chunk<Rare>("verbs", this.folder))?.say(this, verb, args) ?? answer("unknown_verb");
  }

  /** What a message's script is given; undefined once it is closed. */
  message(reservation: string): Widget | undefined {
    return this.running?.messages.widget(reservation);
  }

  /** The first view of this page; waits while the browser only prerenders it. */
  begin(): void {
    if (this.options.autoView === false) return;
    const page = this.window.document as Document & { prerendering?: boolean };
    const first = () => {
      this.running?.page.visibilityChanged();
      this.record("view", {});
    };
    if (page.prerendering === true) listen(page, "prerenderingchange", first, { once: true });
    else first();
  }

  private start(): void {
    const { time, storage, window } = this;
    const identity = new Identity(this.cookies, storage, time);
    takeToken(window.location, window.history, storage);
    const page = new Page(window.document, window.location, time);
    const queue = new Queue(storage, time, randomId(), (event) => this.running?.sender.resolve(event.id, { ok: false, code: "too_old" }));
    const sender = new Sender(queue, time, {
      endpoint: `${this.base}/v1/track`,
      envelope: () => ({
        key: this.options.key,
        page: page.context,
        language: this.language || undefined,
        user_id: identity.user || undefined,
        test: storage.get(TEST) || undefined,
        recording: (parts["recorder"] as RecorderFile | undefined)?.id,
      }),
      shows: !this.framed,
      answered: (answer, request, sent) => this.answered(answer, request, sent),
    });
    const messages = new Messages(window.document, time, {
      record: (name, values) => this.track(name, values),
      send: (urgent) => (urgent ? sender.beacon() : sender.wake()),
      tell: (event, about) => this.tell(event, about),
      language: () => this.language,
      storage,
      guard: () => chunk<Guard>("guard", this.folder),
      tools: () => chunk<Tools>("tools", this.folder),
    });
    this.running = { identity, page, queue, sender, messages };
    this.tell("ready", { visitor: identity.visitor });
    if (queue.length > 0) sender.wake();
  }

  /** Where the tag's other files are. */
  get folder(): string {
    return home || `${this.base}/`;
  }

  get language(): string {
    return this.options.language ?? (this.window.document.documentElement.lang || this.window.navigator.language || "");
  }

  /** Puts an event at the end of the queue. Undefined when this browser is not measured. */
  private record(name: string, values: Values): Promise<Sent> | undefined {
    const { running } = this;
    if (running === undefined) return undefined;
    const { queue, sender, page, identity } = running;
    let plain: Values;
    try {
      const text = JSON.stringify(values ?? {});
      if (text.length > LARGEST_EVENT) return answer("event_too_large");
      plain = JSON.parse(text) as Values;
    } catch {
      return answer("bad_value");
    }
    this.viewed ||= name === "view";
    const id = randomId();
    const sent = sender.promise(id);
    queue.push({
      visitor: identity.visitor,
      event: { id, name: String(name), at: this.time.now(), values: plain, page: page.context },
    });
    sender.wake();
    return sent;
  }

  private answered(answer: TrackAnswer, request: TrackRequest, sent: { now: number; steady: number }): void {
    const { running } = this;
    if (running === undefined) return;
    const { identity, queue, messages, page } = running;
    if (answer.trace ?? answer.testOver)
      void chunk<PanelFile>("panel", this.folder).then((panel) => panel?.tell(request, answer, this.storage, this.base));
    if (answer.record ?? answer.stopRecording)
      void chunk<RecorderFile>("recorder", this.folder).then((recorder) => recorder?.heard(answer, this, chunk));
    for (const name of ["friction", "calls"] as const) {
      const said = answer[name];
      if (said) void chunk<FrictionFile & CallsFile>(name, this.folder).then((file) => file?.watch(this, said as number));
    }
    if (answer.visitor !== undefined && request.visitor === identity.visitor) {
      identity.adopt(answer.visitor);
      queue.relabel(request.visitor, identity.visitor);
    }
    if (request.visitor !== identity.visitor) identity.confirm();
    this.reportedMs = request.page.id === page.id ? Math.max(this.reportedMs, request.page.visible_ms) : this.reportedMs;
    const received = (Array.isArray(answer.messages) ? answer.messages : []).filter(whole);
    if (request.page.id !== page.id || this.left) {
      messages.release(received);
      return;
    }
    messages.receive(received, sent);
    if (answer.recheckMs !== undefined && request.fetch) this.askAgain(request.page.id, request.page.visible_ms + answer.recheckMs);
  }

  /** Only visible time counts: the timer stops while the page is hidden. */
  private askAgain(page: string, atVisibleMs: number): void {
    clearTimeout(this.recheck?.timer);
    this.recheck = { page, atVisibleMs };
    this.wait();
  }

  private wait(): void {
    const { recheck, running } = this;
    if (recheck === undefined || running === undefined) return;
    clearTimeout(recheck.timer);
    if (!running.page.visible) return;
    const left = Math.max(0, recheck.atVisibleMs - running.page.visibleMs);
    recheck.timer = setTimeout(
      quiet("recheck", () => {
        if (this.recheck !== recheck || running.page.id !== recheck.page) return;
        if (running.page.visibleMs < recheck.atVisibleMs) return this.wait();
        this.recheck = undefined;
        void this.record("_recheck", { page_view: recheck.page });
      }),
      Math.min(left + 20, 2 ** 31 - 1),
    );
  }

  /** The page view ends without the page: what is open closes, what waits is given back, its time is reported. */
  private turnPage(): void {
    const { running } = this;
    if (running === undefined) return;
    running.messages.leave();
    this.reportTime();
    clearTimeout(this.recheck?.timer);
    this.recheck = undefined;
    running.page.begin();
    this.reportedMs = 0;
  }

  /** Visible time that no request has carried yet. */
  private reportTime(): void {
    const { running } = this;
    if (running === undefined) return;
    const ms = running.page.visibleMs;
    if (ms - this.reportedMs < 500) return;
    this.reportedMs = ms;
    void this.record("_visibility", { page_view: running.page.id });
  }

  private watch(): void {
    const { window } = this;
    const page = window.document;
    listen(page, "visibilitychange", () => {
      const { running } = this;
      if (running === undefined || this.left) return; // browsers say it once more after `pagehide`
      running.page.visibilityChanged();
      if (page.visibilityState === "hidden") {
        this.reportTime();
        running.sender.beacon();
      } else {
        running.messages.comeBack();
        running.sender.wake();
        this.wait();
      }
    });
    listen(window, "pagehide", () => {
      const { running } = this;
      if (running === undefined || this.left) return;
      this.left = true;
      running.page.hide();
      running.messages.leave();
      this.reportTime();
      running.sender.beacon();
      running.queue.leave();
    });
    listen(window, "pageshow", (event) => {
      if (!(event as PageTransitionEvent).persisted || this.running === undefined) return;
      this.left = false;
      this.running.queue.comeBack();
      this.running.page.begin(page.referrer);
      this.viewed = false;
      this.reportedMs = 0;
      if (this.options.autoView !== false) void this.record("view", {});
    });
    listen(window, "online", () => this.running?.sender.online());
    setInterval(
      quiet("touch", () => this.running?.queue.touch()),
      TOUCH_MS,
    );
    if (this.options.autoView !== false) this.watchRoutes();
  }

  /** Single-page sites change the address without loading a page; after this turn, when the title is set too. */
  private watchRoutes(): void {
    const { window } = this;
    let planned = false;
    const moved = () => {
      if (planned) return;
      planned = true;
      setTimeout(
        quiet("route", () => {
          planned = false;
          if (this.running?.page.moved !== true) return;
          this.turnPage();
          void this.record("view", {});
        }),
        0,
      );
    };
    const noticed = quiet("route", moved);
    for (const verb of ["pushState", "replaceState"] as const) {
      const original = window.history[verb];
      window.history[verb] = function (this: History, ...args: Parameters<History["pushState"]>) {
        const result = original.apply(this, args);
        noticed();
        return result;
      };
    }
    listen(window, "popstate", moved);
  }

  private tell(event: Heard, about: Values): void {
    for (const [name, heard] of this.listeners) if (name === event) quiet("on", heard)(about);
  }

  private failed(error: unknown, where: string): void {
    if (++this.errors > MOST_ERRORS) return;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    void this.record("_error", { where, message: message.slice(0, 500) });
  }
}

/** A message that can be shown and accounted for. */
function whole(message: Message | null): message is Message {
  return typeof message?.reservation === "string" && message.validMs > 0;
}
