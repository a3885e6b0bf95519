import { describe, expect, test, vi } from "vitest";
import { Identity, VISITOR_COOKIE } from "../src/identity";
import { Queue } from "../src/queue";
import { Sender } from "../src/sender";
import { TEST, takeToken } from "../src/test";
import { drawer, event, HandClock, Jar, stubEdge } from "./house";

describe("a test link", () => {
  test.each([
    ["https://shop.example/tea?omotenashi_test=abc", "https://shop.example/tea"],
    ["https://shop.example/tea?omotenashi_test=abc#leaf", "https://shop.example/tea#leaf"],
    ["https://shop.example/tea?omotenashi_test=abc&size=2#leaf", "https://shop.example/tea?size=2#leaf"],
    ["https://shop.example/tea?size=100%20g&omotenashi_test=abc", "https://shop.example/tea?size=100%20g"],
    ["https://shop.example/tea?a=1&omotenashi_test=abc&b=2", "https://shop.example/tea?a=1&b=2"],
  ])("%s is taken out of the address", (href, left) => {
    const { storage } = drawer();
    const replaced: unknown[][] = [];
    const history = { state: { kept: true }, replaceState: (...args: unknown[]) => replaced.push(args) } as unknown as History;
    takeToken({ href } as Location, history, storage);
    expect(storage.get(TEST)).toBe("abc");
    expect(replaced).toEqual([[{ kept: true }, "", left]]);
  });

  test("no other address is touched", () => {
    const { storage } = drawer();
    const history = { replaceState: () => expect.fail() } as unknown as History;
    takeToken({ href: "https://shop.example/?my_omotenashi_test=abc" } as Location, history, storage);
    expect(storage.get(TEST)).toBeNull();
  });
});

describe("the visitor's cookie", () => {
  test("that a late answer has put back is written anew", () => {
    const jar = new Jar();
    const identity = new Identity(jar, drawer().storage, new HandClock());
    const before = identity.visitor;
    identity.renew();
    jar.set(VISITOR_COOKIE, before);
    identity.confirm();
    expect(jar.get(VISITOR_COOKIE)).toBe(identity.visitor);
    expect(identity.visitor).not.toBe(before);
  });

  test("is not awaited from a request that an opt-out has overtaken", async () => {
    const clock = new HandClock();
    const signals: AbortSignal[] = [];
    stubEdge((_address, _body, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const queue = new Queue(drawer().storage, clock, "one", () => undefined);
    const page = { id: "p", url: "", title: "", referrer: "", visible: true, visible_ms: 0 };
    const sender = new Sender(queue, clock, {
      endpoint: "https://edge.example/v1/track",
      envelope: () => ({ key: "k", page }),
      shows: true,
      answered: () => undefined,
    });
    queue.push({ visitor: "v", event: event("e1", clock.now()) });
    vi.useFakeTimers();
    sender.wake();
    vi.advanceTimersByTime(0);
    vi.useRealTimers();
    sender.beacon();
    sender.close();
    vi.unstubAllGlobals();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });
});
