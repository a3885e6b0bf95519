/** The messages of this page view: those that wait, those that are open, and what they may know of the visitor. */

import { Attention } from "./attention";
import type { Clock, Mark } from "./clock";
import { Delivery, type Desk, type Place } from "./delivery";
import { type Moment, readsElements } from "./display";
import type { Frame } from "./frame";
import type { Message, Released } from "./wire";
import type { Widget } from "./widget";

const REMEMBERED = 200;

export class Messages implements Place {
  /** Those that are not over, oldest first. */
  live: Delivery[] = [];
  private readonly seen: string[] = [];
  private readonly attention: Attention;
  private returnedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly page: Document,
    readonly time: Clock,
    readonly desk: Desk,
  ) {
    this.attention = new Attention(page, time, this);
  }

  /** `sent` is when the request left. */
  receive(messages: Message[], sent: Mark): void {
    for (const message of messages) if (this.isNew(message)) this.live.push(new Delivery(message, sent, this));
    this.follow();
    this.look();
  }

  /** Gives messages back that came for a page view that is gone. */
  release(messages: Message[]): void {
    const reason: Released = "wrong_page";
    for (const message of messages) {
      if (this.isNew(message)) void this.desk.record("_release", { reservation: message.reservation, reason });
    }
  }

  /** Opens whatever may open now, and puts embedded ones back where they belong. */
  look(): void {
    for (const delivery of [...this.live]) delivery.look();
    this.keep();
    this.follow();
  }

  /** Puts embedded ones back where they belong. */
  keep(): void {
    for (const { open, frame } of this.live) if (open) frame?.keep();
  }

  /** The window has another size. */
  fit(): void {
    for (const delivery of this.live) delivery.fit();
  }

  /** Closes the uppermost one. */
  escape(): void {
    const closable = this.live.filter(({ open, frame, message }) => open && frame && !frame.host.hidden && message.kind !== "embed");
    closable.pop()?.close("escape");
  }

  /** The visitor has come back to the tab. */
  comeBack(): void {
    this.returnedAt = this.time.steady();
    this.attention.activeAt = this.returnedAt; // who was away has not rested here
    this.look();
  }

  /** The page view ends: the open ones close with it, the unopened give their place back. */
  leave(): void {
    for (const delivery of [...this.live]) delivery.leave();
  }

  /** Takes everything off the page and tells nobody. */
  clear(): void {
    for (const delivery of [...this.live]) delivery.drop();
  }

  /** What a message's script is given; undefined once it is closed. */
  widget(reservation: string): Widget | undefined {
    return this.live.find(({ message }) => message.reservation === reservation)?.call();
  }

  moment(arrived: Mark): Moment {
    const now = this.time.steady();
    const { activeAt, out } = this.attention;
    return { waited: now - arrived.steady, idle: now - activeAt, out, returned: this.returnedAt >= arrived.steady };
  }

  others(mine: Frame): Element[] {
    return this.live.flatMap(({ open, frame }) => (open && frame && frame !== mine ? [frame.host] : []));
  }

  ended(delivery: Delivery): void {
    this.live = this.live.filter((one) => one !== delivery);
    this.follow();
  }

  private isNew({ reservation }: Message): boolean {
    if (this.seen.includes(reservation)) return false;
    this.seen.push(reservation);
    if (this.seen.length > REMEMBERED) this.seen.shift();
    return true;
  }

  /** Nobody's page is listened to for a message that is not there. */
  private follow(): void {
    const living = this.live.filter(({ waiting, frame }) => waiting || frame);
    const elements = living.some(({ waiting, display, message }) => message.kind === "embed" || (waiting && readsElements(display)));
    this.attention.watch(living.length > 0, elements);
  }
}
