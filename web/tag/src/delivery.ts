/** One message from its arrival to its end: wait, build, run its script, record the opening, be pressed, close. */

import { type Clock, type Mark, mark, since } from "./clock";
import { type Moment, unmet } from "./display";
import { build, type Frame } from "./frame";
import type { Guard, Scene } from "./lookout";
import { obey } from "./press";
import { listen, quiet } from "./quiet";
import { run } from "./script";
import type { Sent } from "./sender";
import { States } from "./states";
import type { Storage } from "./storage";
import type { Tools } from "./tools";
import type { Listener, Widget } from "./widget";
import type { ClosedBy, Display, Message, Released, Unmet, Values } from "./wire";

/** What a message needs of the tag. */
export interface Desk {
  /** Keeps the event in the persistent queue before it returns. */
  record(name: string, values: Values): Promise<Sent>;
  /** Sends what is kept. `urgent`: the page may be gone in a moment. */
  send(urgent: boolean): void;
  /** Tells the page's own listeners. */
  tell(event: "open" | "click" | "close" | "error", about: Values): void;
  language(): string;
  storage: Storage;
  /** Undefined when it cannot be had. */
  guard(): Promise<Guard | undefined>;
  tools(): Promise<Tools | undefined>;
}

/** Where a message is delivered. */
export interface Place {
  page: Document;
  time: Clock;
  desk: Desk;
  moment(arrived: Mark): Moment;
  /** The hosts of the other open messages. */
  others(mine: Frame): Element[];
  ended(delivery: Delivery): void;
}

/** Where a campaign's scripts keep things. */
export const KEPT = "_omo.w.";
const GUARD_PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
const LONGEST_STACK = 2_000;

export class Delivery {
  readonly display: Display;
  readonly listeners: [string, Listener][] = [];
  readonly end = new AbortController();
  frame: Frame | undefined;
  /** The name of the state that is shown. */
  state = "";
  /** `ready`: built, and its script has run, but nobody can see it yet. */
  private stage: "waiting" | "building" | "ready" | "open" | "over" = "waiting";
  private hidden: boolean;
  /** How many files it waits for. */
  private missing = 0;
  private guard: Guard | undefined;
  private tools: Tools | undefined;
  private moved = false;
  private idleTimer = false;
  private scriptRan = false;
  private states: States | undefined;
  private readonly arrived: Mark;
  private readonly timers: ReturnType<typeof setTimeout>[] = [];
  /** What the script said before the opening was recorded: told after it. */
  private readonly late: (() => void)[] = [];
  private readonly told = new Set<string>();

  /** `sent` is when the request left: the lease is counted from there, so that it can only seem older than it is. */
  constructor(
    readonly message: Message,
    private readonly sent: Mark,
    readonly place: Place,
  ) {
    this.display = message.display ?? {};
    this.arrived = mark(place.time);
    this.hidden = this.display.manual === true && message.holdout !== true;
    this.after(this.display.delayMs ?? 0, () => this.look());
    this.after(message.validMs - since(sent, place.time), () => this.expire("expired"));
    if (message.holdout === true) return;
    if (message.kind !== "script" && message.kind !== "embed") this.callGuard();
    if (message.script || message.kind === "embed" || /<form/i.test(message.html ?? "")) this.callTools();
  }

  /** It has not been opened yet. */
  get waiting(): boolean {
    return this.stage !== "open" && this.stage !== "over";
  }

  get open(): boolean {
    return this.stage === "open";
  }

  /** Opens it if it may open now. */
  look(): void {
    const { place, stage } = this;
    if ((stage !== "waiting" && stage !== "ready") || place.page.visibilityState !== "visible") return;
    if (since(this.sent, place.time) >= this.message.validMs) return this.expire("expired");
    if (stage === "waiting") {
      const wanting = this.unmet();
      if (wanting === "idle") this.lookWhenIdle();
      if (wanting !== undefined || this.missing > 0) return;
      try {
        this.build();
      } catch (error) {
        return this.fail(error);
      }
    }
    if (this.stage === "ready" && !this.hidden) this.show();
  }

  /** The page view ends. */
  leave(): void {
    if (this.waiting) this.expire("left");
    else if (this.message.kind === "script") this.drop();
    else this.close("navigation");
  }

  close(by: ClosedBy): void {
    if (this.stage === "building" && this.message.kind === "script") this.late.push(() => this.close(by));
    else if (this.waiting) this.giveBack("manual");
    else if (this.open) {
      void this.report("_message_close", { by });
      this.tell("close", { by });
      this.emit("close", by);
      this.drop();
      this.place.desk.send(false);
    }
  }

  /** Ends without telling anybody. */
  drop(): void {
    if (this.stage === "over") return;
    this.stage = "over";
    this.place.ended(this);
    for (const timer of this.timers) clearTimeout(timer);
    this.frame?.remove();
    this.end.abort();
  }

  /** The window has another size. */
  fit(): void {
    if (!this.moved) this.frame?.stand();
    this.lookAround();
  }

  /** For the message's own script. */
  call(): Widget | undefined {
    this.scriptRan = true;
    return this.tools?.widget(this);
  }

  hide(hidden: boolean): void {
    const same = hidden === this.hidden;
    this.hidden = hidden;
    if (!this.open) return this.look();
    if (same) return;
    if (hidden) return this.frame?.conceal();
    this.frame?.reveal();
    this.emit("show");
  }

  /** A message without states of its own, such as a script's own tour, may name its states as it likes. */
  setState(state: string): void {
    const from = this.state;
    if (state === from || this.states?.turn(state) === false) return;
    this.state = state;
    this.frame?.name();
    void this.report("_message_state_changed", { state, from });
    this.emit("state", state, from);
  }

  click(name: string, url?: string): void {
    const values = url === undefined ? { name } : { name, url };
    void this.report("_message_click", values);
    this.tell("click", values);
    this.place.desk.send(url !== undefined);
  }

  /** Records an event about this message. */
  report(name: string, values: Values = {}): Promise<Sent> {
    return this.say(name, { reservation: this.message.reservation, ...values });
  }

  /** Records an event; what a script says before the opening waits for it. */
  say(name: string, values: Values): Promise<Sent> {
    const { desk } = this.place;
    if (!this.waiting) return desk.record(name, values);
    return new Promise((resolve) => this.late.push(() => void desk.record(name, values).then(resolve)));
  }

  private unmet(): Unmet | undefined {
    return unmet(this.display, this.place.moment(this.arrived), this.place.page);
  }

  private lookWhenIdle(): void {
    if (this.idleTimer) return;
    this.idleTimer = true;
    this.after((this.display.idleMs ?? 0) - this.place.moment(this.arrived).idle, () => {
      this.idleTimer = false;
      this.look();
    });
  }

  /** Who must not be in the way waits for the guard, but not for long; who only reports does not wait. */
  private callGuard(): void {
    const waits = this.display.guard === "move" || this.display.guard === "hide";
    const goOn = waits ? this.missed() : () => undefined;
    if (waits) this.after(GUARD_PATIENCE_MS, goOn);
    const come = (guard: Guard | undefined) => {
      this.guard = guard;
      this.lookAround();
      goOn();
    };
    void this.place.desk.guard().then(quiet("guard", come));
  }

  private callTools(): void {
    const goOn = this.missed();
    const come = (tools: Tools | undefined) => {
      this.tools = tools;
      if (tools === undefined && this.waiting) this.fail(new Error("tools.js could not be loaded."));
      else goOn();
    };
    void this.place.desk.tools().then(quiet("tools", come));
  }

  /** It does not open before what this returns is called. */
  private missed(): () => void {
    let here = false;
    this.missing += 1;
    return () => {
      if (here) return;
      here = true;
      this.missing -= 1;
      this.look();
    };
  }

  /** Everything up to the moment before it would be seen. */
  private build(): void {
    const { message, place } = this;
    this.stage = "building";
    if (message.holdout !== true) {
      if (message.kind !== "script") this.raise();
      if (message.script) {
        const given = JSON.stringify(message.reservation);
        run(`(function(widget){${message.script}\n})(omotenashi.message(${given}))`, place.page);
        if (!this.scriptRan) throw new Error("The page's content security policy refused the script.");
      }
      if (this.frame) this.frame.host.hidden = this.hidden;
    }
    if (this.stage === "building") this.stage = "ready"; // unless its script closed it
  }

  private raise(): void {
    const { page, time, desk } = this.place;
    const dismiss = quiet("backdrop", () => this.close("backdrop"));
    const frame = build(this.message, page, time, desk.language(), this.tools, dismiss);
    const states = new States(frame.root);
    this.frame = frame;
    this.state = states.first;
    if (this.state !== "") this.states = states;
    frame.name();
    obey(frame.root, this, this.tools);
  }

  private show(): void {
    const { frame, message, guard, display } = this;
    if (frame) {
      frame.host.hidden = false;
      if (guard && display.guard === "hide" && guard.blocks(this.scene(frame))) return this.giveWay(guard, frame);
      if (guard && display.guard === "move" && guard.blocks(this.scene(frame))) this.moved = guard.move(this.scene(frame));
    }
    this.stage = "open";
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
    void this.report("_message_open");
    for (const say of this.late.splice(0)) say();
    this.place.desk.send(false);
    if (message.holdout === true) return this.drop();
    this.tell("open");
    this.emit("show");
    if (frame === undefined || !this.open) return;
    frame.reveal();
    this.hideLater(frame.element, display.hideAfterMs ?? 0);
    this.lookAround();
    this.after(LOOK_AGAIN_MS, () => this.lookAround());
  }

  /** Told although it never opened, so that somebody learns why. */
  private giveWay(guard: Guard, frame: Frame): void {
    guard.report(this.scene(frame));
    this.giveBack("conflict");
  }

  /** Time stands still while the visitor's pointer or focus is on the message. */
  private hideLater(element: HTMLElement, wait: number): void {
    if (wait <= 0) return;
    let timer: ReturnType<typeof setTimeout>;
    const begin = () => {
      clearTimeout(timer);
      timer = this.after(wait, () => this.close("timer"));
    };
    for (const type of ["pointerenter", "focusin"]) listen(element, type, () => clearTimeout(timer));
    for (const type of ["pointerleave", "focusout"]) listen(element, type, begin);
    begin();
  }

  private lookAround(): void {
    if (this.open && !this.hidden && this.frame) this.guard?.report(this.scene(this.frame));
  }

  private scene({ host, element }: Frame): Scene {
    const { message, place, told } = this;
    const { reservation } = message;
    const tell = (conflict: Values) => void place.desk.record("_message_conflict", { reservation, ...conflict });
    return {
      host,
      element,
      modal: message.kind === "modal",
      others: this.frame ? place.others(this.frame) : [],
      page: place.page,
      protect: message.protect ?? [],
      told,
      tell,
    };
  }

  private fail(error: unknown): void {
    const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
    const told = { message: message.slice(0, 500), stack: stack.slice(0, LONGEST_STACK), url: this.place.page.URL };
    void this.place.desk.record("_error", { reservation: this.message.reservation, ...told });
    this.tell("error", { message: told.message });
    this.giveBack("failed");
  }

  /** Ends a message that did not open: by the first condition that did not hold, else by what ended it. */
  private expire(end: "left" | "expired"): void {
    if (this.waiting) this.giveBack(this.stage === "waiting" ? (this.unmet() ?? end) : "manual");
  }

  private giveBack(reason: Released): void {
    void this.place.desk.record("_release", { reservation: this.message.reservation, reason });
    this.drop();
    this.place.desk.send(false);
  }

  private tell(event: Parameters<Desk["tell"]>[0], about: Values = {}): void {
    const { campaign, action, reservation } = this.message;
    this.place.desk.tell(event, { campaign, action, reservation, ...about });
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const [name, heard] of this.listeners) if (name === event) quiet("widget.on", heard)(...args);
  }

  private after(wait: number, then: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(quiet("timer", then), Math.min(Math.max(0, wait), 2 ** 31 - 1));
    this.timers.push(timer);
    return timer;
  }
}
