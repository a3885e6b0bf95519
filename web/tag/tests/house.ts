/** What the tag stands on in tests: a clock that moves when told, storage that can be read, an edge that is scripted. */

import { expect, vi } from "vitest";
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

/** What the scripted edge answers; an error is a network that is away. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | Error;

/** The edge as the page's `XMLHttpRequest` and `fetch` reach it; `signal` is aborted when the page gives up. */
export function stubEdge(answer: (address: string, body: string, signal: AbortSignal) => Reply | Promise<Reply>): void {
  const ask = async (address: string, body: string, signal: AbortSignal) => {
    const reply = await answer(address, body, signal);
    if (reply instanceof Error) throw reply;
    const { status, body: said = null, headers = {} } = reply;
    return { ok: status < 300, status, headers: new Headers(headers), json: () => Promise.resolve(said) } as Response;
  };
  vi.stubGlobal("Request", BrowserRequest);
  vi.stubGlobal("fetch", (address: string, { method, body, signal }: RequestInit) => {
    expect(method).toBe("POST");
    return ask(address, String(body), signal as AbortSignal);
  });
  vi.stubGlobal(
    "XMLHttpRequest",
    class {
      status = 0;
      response: unknown = null;
      onloadend: () => void = () => undefined;
      private address = "";
      private headers = new Headers();
      private readonly controller = new AbortController();
      open(method: string, address: string): void {
        expect(method).toBe("POST");
        this.address = address;
      }
      setRequestHeader(): void {
        // a header changes nothing here
      }
      getResponseHeader(name: string): string | null {
        return this.headers.get(name);
      }
      send(body: string): void {
        void ask(this.address, body, this.controller.signal)
          .then(async ({ status, headers, json }) => {
            [this.status, this.headers, this.response] = [status, headers, await json()];
          })
          .catch(() => undefined)
          .then(() => this.onloadend());
      }
      abort(): void {
        this.controller.abort();
      }
    },
  );
}

/** Browsers of today can outlive the page with a request. */
class BrowserRequest {
  get keepalive(): boolean {
    return false;
  }
}
