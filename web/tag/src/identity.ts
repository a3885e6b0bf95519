/** Who this browser is: the visitor id, the member it believes it is, and whether it asked to be left alone. */

import type { Clock } from "./clock";
import type { Cookies } from "./cookies";
import type { Storage } from "./storage";

export const VISITOR_COOKIE = "_omo";
export const OPT_OUT = "_omo_out";
const USER = "_omo.user";
const TWO_YEARS = 2 * 365 * 24 * 60 * 60;
/** When the visitor id was last written, ms. */
const WRITTEN = "_omo.at";
/** A cookie is renewed daily: some browsers keep it for a week only, and each writing stops the page for a moment. */
const FRESH_MS = 24 * 60 * 60 * 1000;
const SHAPE = /^[A-Za-z0-9_-]{22,64}$/;

/** 130 random bits, 26 characters. */
export function randomId(): string {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(26))) id += (byte & 31).toString(32);
  return id;
}

/** Read before anything is written: opted-out browsers get no cookie, no storage and no request. */
export function optedOut(cookies: Cookies, storage: Storage): boolean {
  return storage.get(OPT_OUT) === "1" || cookies.get(OPT_OUT) === "1";
}

export class Identity {
  private current: string;

  constructor(
    private readonly cookies: Cookies,
    private readonly storage: Storage,
    private readonly time: Clock,
  ) {
    const found = [cookies.get(VISITOR_COOKIE), storage.get(VISITOR_COOKIE)];
    this.current = found.find((id) => id !== null && SHAPE.test(id)) ?? randomId();
    const fresh = Math.abs(time.now() - Number(storage.get(WRITTEN))) < FRESH_MS;
    if (!fresh || found.some((id) => id !== this.current)) this.keep();
  }

  get visitor(): string {
    return this.current;
  }

  get user(): string | null {
    return this.storage.get(USER);
  }

  /** The server says this browser is now somebody else: a second member, or an id it made itself. */
  adopt(visitor: string): void {
    if (!SHAPE.test(visitor)) return;
    this.current = visitor;
    this.keep();
  }

  remember(user: string): void {
    this.storage.set(USER, user);
  }

  /** After a logout: a new visitor, known to nobody. */
  renew(): void {
    this.storage.remove(USER);
    this.current = randomId();
    this.keep();
  }

  forget(): void {
    this.storage.remove(USER);
    this.storage.remove(VISITOR_COOKIE);
    this.storage.remove(WRITTEN);
    this.cookies.remove(VISITOR_COOKIE);
  }

  /** An answer that was on its way while the visitor changed may have renewed the cookie of the one before. */
  confirm(): void {
    if (this.cookies.get(VISITOR_COOKIE) !== this.current) this.keep();
  }

  private keep(): void {
    this.cookies.set(VISITOR_COOKIE, this.current, TWO_YEARS);
    this.storage.set(VISITOR_COOKIE, this.current);
    this.storage.set(WRITTEN, String(this.time.now()));
  }
}
