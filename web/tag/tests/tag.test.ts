/** The whole tag on a page: what it asks again and when, and where it keeps silent. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clock } from "../src/clock";
import { type Options, Tag } from "../src/tag";
import type { TrackAnswer, TrackRequest } from "../src/wire";
import { stubEdge } from "./house";

const sent: [at: number, request: TrackRequest][] = [];
let answers: Partial<TrackAnswer>[] = [];
let visible = true;

function tag(options: Partial<Options> = {}): Tag {
  const made = new Tag({ key: "k", endpoint: "https://shop.example/o/", ...options }, window as Window & typeof globalThis, clock);
  made.begin();
  return made;
}

function turn(to: boolean): void {
  visible = to;
  document.dispatchEvent(new Event("visibilitychange"));
}

const rechecks = () => sent.filter(([, { events }]) => events.some(({ name }) => name === "_recheck"));

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sent.length = 0;
  answers = [];
  visible = true;
  stubEdge((_, body) => {
    const request = JSON.parse(body) as TrackRequest;
    sent.push([Date.now(), request]);
    return { status: 200, body: { accepted: request.events.length, ...(request.fetch ? answers.shift() : {}) } };
  });
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => (visible ? "visible" : "hidden"));
});
afterEach(() => {
  dispatchEvent(new Event("pagehide")); // this test's tag ends with it
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("time", () => {
  const MINUTE = 60_000;

  test("of three minutes on the page is asked about after three minutes, once", async () => {
    answers = [{ recheckMs: 3 * MINUTE }];
    const began = Date.now();
    tag();
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    expect(rechecks()).toHaveLength(1);
    const [[at, request]] = rechecks() as [[number, TrackRequest]];
    expect(at - began).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(at - began).toBeLessThan(3 * MINUTE + 1_000);
    expect(request.page.visible_ms).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(sent).toHaveLength(2);
  });

  test("that was spent elsewhere does not count, however often the visitor looked away", async () => {
    answers = [{ recheckMs: 3 * MINUTE }];
    tag();
    for (let minute = 0; minute < 3; minute++) {
      await vi.advanceTimersByTimeAsync(MINUTE - 1_000);
      turn(false);
      await vi.advanceTimersByTimeAsync(20 * MINUTE);
      expect(rechecks()).toHaveLength(0);
      turn(true);
    }
    const back = Date.now();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    const [[at]] = rechecks() as [[number, TrackRequest]];
    expect(Math.abs(at - back - 3_000)).toBeLessThan(1_000);
    expect(rechecks()).toHaveLength(1);
  });

  test("is waited for by one timer, not by looking again and again", async () => {
    answers = [{ recheckMs: 3 * MINUTE }];
    tag();
    await vi.advanceTimersByTimeAsync(1_000);
    const set = vi.spyOn(globalThis, "setTimeout");
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(set).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(2); // it, and the half-minute mark of a living page
  });

  test("of a page that was left is not asked about", async () => {
    answers = [{ recheckMs: 3 * MINUTE }];
    const tea = tag();
    await vi.advanceTimersByTimeAsync(MINUTE);
    void tea.view();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(rechecks()).toHaveLength(0);
  });
});

describe("a page", () => {
  test("that turns its views itself sends none", async () => {
    tag({ autoView: false });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([]);
  });

  test("hears that it is measured, now or from when it is", async () => {
    const made = tag();
    const visitors: unknown[] = [];
    void made.on("ready", ({ visitor }) => visitors.push(visitor));
    await made.optOut();
    void made.on("ready", () => visitors.push("again"));
    expect(visitors).toHaveLength(1);
    void made.optIn();
    expect(visitors).toHaveLength(3);
    expect(visitors[1]).not.toBe(visitors[0]);
  });

  test("of somebody who opted out keeps nothing of what messages remembered", async () => {
    const made = tag();
    localStorage.setItem("_omo.w.tour.step", "2");
    await made.optOut();
    expect(Object.keys(localStorage)).toEqual(["_omo_out"]);
  });
});
