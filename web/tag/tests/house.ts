/** What the tag stands on in tests: a clock that moves when told, storage that can be read, an edge that is scripted. */

import type { Clock } from "../src/clock";
import type { Cookies } from "../src/cookies";
import { openStorage, type Storage } from "../src/storage";
import type { TrackEvent } from "../src/wire";

export class HandClock implements Clock {
  constructor(private at = 1_000_000_000_000) {}
  now(): number {
    return this.at;
  }
  steady(): number {
    return this.at - 999_999_000_000;
  }
  pass(ms: number): void {
    this.at += ms;
  }
}

export class Drawer implements globalThis.Storage {
  [name: string]: unknown;
  get length(): number {
    return Object.keys(this).length;
  }
  clear(): void {
    for (const name of Object.keys(this)) delete this[name];
  }
  getItem(name: string): string | null {
    return (this[name] as string | undefined) ?? null;
  }
  key(index: number): string | null {
    return Object.keys(this)[index] ?? null;
  }
  removeItem(name: string): void {
    delete this[name];
  }
  setItem(name: string, value: string): void {
    this[name] = value;
  }
}

export function drawer(): { storage: Storage; area: Drawer } {
  const area = new Drawer();
  return { storage: openStorage(() => area), area };
}

/** A browser that refuses to store anything. */
export function lockedStorage(): Storage {
  return openStorage(() => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  });
}

export class Jar implements Cookies {
  readonly kept = new Map<string, string>();
  get(name: string): string | null {
    return this.kept.get(name) ?? null;
  }
  set(name: string, value: string): void {
    this.kept.set(name, value);
  }
  remove(name: string): void {
    this.kept.delete(name);
  }
}

export function event(id: string, at: number): TrackEvent {
  return { id, name: "tea", at, values: {} };
}

/** Browsers of today can outlive the page with a request. */
export class BrowserRequest {
  get keepalive(): boolean {
    return false;
  }
}
