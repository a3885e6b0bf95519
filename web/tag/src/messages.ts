/** Messages from their arrival to their end: wait for the display rule, record the opening, paint, close. */

import { type Clock, type Mark, since } from "./clock";
import { type Frame, paint, run } from "./frame";
import { listen, quiet } from "./quiet";
import type { ClosedBy, Message, Values } from "./wire";

export interface Desk {
  /** Keeps the event in the persistent queue before it returns. */
  record(name: string, values: Values): void;
  /** Sends what is kept. `urgent`: the page may be gone in a moment. */
  send(urgent: boolean): void;
  language(): string;
}

interface Held {
  message: Message;
  sent: Mark;
  arrived: Mark;
  timers: ReturnType<typeof setTimeout>[];
  opened: boolean;
  frame?: Frame;
}

/** What a message's own script is given. */
export interface Stage {
  reservation: string;
  campaign: string;
  action: string;
  root: ShadowRoot | null;
  click(name: string, url?: string): void;
  close(): void;
}

const REMEMBERED = 200;

export class Messages {
  private held: Held[] = [];
  private readonly seen: string[] = [];

  constructor(
    private readonly page: Document,
    private readonly time: Clock,
    private readonly desk: Desk,
  ) {
    listen(page, "scroll", () => this.look(), { passive: true, capture: true });
    listen(page, "keydown", (event) => this.escape(event as KeyboardEvent));
  }

  /** `sent` is when the request left: the lease is counted from there, so that it can only seem older than it is. */
  receive(messages: Message[], sent: Mark): void {
    for (const message of messages) {
      if (this.seen.includes(message.reservation)) continue;
      this.seen.push(message.reservation);
      if (this.seen.length > REMEMBERED) this.seen.shift();
      const held: Held = { message, sent, arrived: { now: this.time.now(), steady: this.time.steady() }, timers: [], opened: false };
      this.held.push(held);
      this.after(held, message.display?.delayMs ?? 0, () => this.look());
      this.after(held, Math.max(0, message.validMs - since(sent, this.time)), () => this.expire(held));
    }
    this.look();
  }

  /** Gives messages back that came for a page view that is gone. */
  release(messages: Message[]): void {
    for (const message of messages) {
      if (this.seen.includes(message.reservation)) continue;
      this.seen.push(message.reservation);
      this.desk.record("_release", { reservation: message.reservation });
    }
  }

  /** Opens whatever may open now. */
  look(): void {
    for (const held of [...this.held]) if (!held.opened && this.ready(held)) this.open(held);
  }

  /** The page view ends: the open ones close with it, the unopened give their place back. */
  leave(): void {
    for (const held of [...this.held]) {
      if (held.opened) this.close(held, "navigation");
      else this.giveBack(held);
    }
  }

  /** Takes everything off the page and tells nobody. */
  clear(): void {
    for (const held of [...this.held]) this.drop(held);
  }

  stage(reservation: string): Stage | undefined {
    const held = this.held.find((one) => one.message.reservation === reservation);
    if (held === undefined) return undefined;
    const { campaign, action } = held.message;
    return {
      reservation,
      campaign,
      action,
      root: held.frame?.root ?? null,
      click: quiet("click", (name: string, url?: string) => this.clicked(held, name, url)),
      close: quiet("close", () => this.close(held, "button")),
    };
  }

  private ready(held: Held): boolean {
    const display = held.message.display ?? {};
    if (this.page.visibilityState !== "visible") return false;
    if (since(held.sent, this.time) >= held.message.validMs) return this.expire(held);
    if (this.time.steady() - held.arrived.steady < (display.delayMs ?? 0)) return false;
    return this.scrolled() >= (display.scrollPercent ?? 0);
  }

  /** How far down the bottom of the window is, in percent of the document. */
  private scrolled(): number {
    const all = this.page.documentElement.scrollHeight;
    const view = this.page.defaultView;
    if (view === null || all <= view.innerHeight + 1) return 100;
    return Math.round(((view.scrollY + view.innerHeight) / all) * 100);
  }

  private open(held: Held): void {
    const { message } = held;
    held.opened = true;
    for (const timer of held.timers.splice(0)) clearTimeout(timer);
    this.desk.record("_message_open", { reservation: message.reservation });
    if (message.holdout === true) this.forget(held);
    else quiet("paint", () => this.show(held))();
    this.desk.send(false);
  }

  private show(held: Held): void {
    const { message } = held;
    if (message.kind !== "script") {
      held.frame = paint(
        message,
        this.page,
        { clicked: (name, url) => this.clicked(held, name, url), closed: (by) => this.close(held, by) },
        this.desk.language(),
      );
      this.hideLater(held, message.display?.hideAfterMs ?? 0);
    }
    if (message.script) {
      const given = JSON.stringify(message.reservation);
      run(`(function(message){${message.script}\n})(omotenashi.message(${given}))`, this.page, (error) =>
        this.desk.record("_error", { reservation: message.reservation, message: String(error).slice(0, 500) }),
      );
    }
    if (message.kind === "script" && !held.frame) this.forget(held);
  }

  /** Time stands still while the visitor's pointer or focus is on the message. */
  private hideLater(held: Held, wait: number): void {
    const element = held.frame?.element;
    if (wait <= 0 || element === undefined) return;
    let timer: ReturnType<typeof setTimeout>;
    const begin = () => {
      clearTimeout(timer);
      timer = this.after(held, wait, () => this.close(held, "timer"));
    };
    for (const type of ["pointerenter", "focusin"]) listen(element, type, () => clearTimeout(timer));
    for (const type of ["pointerleave", "focusout"]) listen(element, type, begin);
    begin();
  }

  private clicked(held: Held, name: string, url: string | undefined): void {
    const { reservation } = held.message;
    this.desk.record("_message_click", url === undefined ? { reservation, name } : { reservation, name, url });
    this.desk.send(url !== undefined);
  }

  private close(held: Held, by: ClosedBy): void {
    if (!this.held.includes(held)) return;
    this.desk.record("_message_close", { reservation: held.message.reservation, by });
    this.drop(held);
    this.desk.send(false);
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    const top = [...this.held].reverse().find((held) => held.frame !== undefined);
    if (top !== undefined) this.close(top, "escape");
  }

  private expire(held: Held): false {
    if (!held.opened && this.held.includes(held)) {
      this.giveBack(held);
      this.desk.send(false);
    }
    return false;
  }

  private giveBack(held: Held): void {
    this.desk.record("_release", { reservation: held.message.reservation });
    this.drop(held);
  }

  private drop(held: Held): void {
    this.forget(held);
    for (const timer of held.timers) clearTimeout(timer);
    held.frame?.remove();
  }

  private forget(held: Held): void {
    this.held = this.held.filter((one) => one !== held);
  }

  private after(held: Held, wait: number, then: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(quiet("timer", then), Math.min(wait, 2 ** 31 - 1));
    held.timers.push(timer);
    return timer;
  }
}
