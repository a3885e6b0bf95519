import { describe, expect, test } from "vitest";
import { Queue } from "../src/queue";
import { HandClock, drawer, event, lockedStorage } from "./house";

const HOUR = 60 * 60 * 1000;
const nobody = () => undefined;
const ids = (queue: Queue, most = 100) => queue.head(most, 1e6).map(({ event: { id } }) => id);

describe("the queue of unacknowledged events", () => {
  test("is taken over, in order and marked offline, by the page that comes after", () => {
    const { storage } = drawer();
    const clock = new HandClock();
    const first = new Queue(storage, clock, "one", nobody);
    first.push({ visitor: "v", event: event("a", clock.now()) });
    first.push({ visitor: "v", event: event("b", clock.now()) });
    first.leave();
    first.delay(new Set(["a"])); // an answer that is lost after the page went away
    const next = new Queue(storage, clock, "two", nobody);
    next.push({ visitor: "v", event: event("c", clock.now()) });
    expect(ids(next)).toEqual(["a", "b", "c"]);
    expect(next.head(9, 1e6).map((entry) => entry.event.offline)).toEqual([true, true, undefined]);
    expect(storage.names("_omo.q.")).toEqual(["_omo.q.two"]);
  });

  test("is left to a tab that still lives, and taken over when that tab has been silent for long", () => {
    const { storage } = drawer();
    const clock = new HandClock();
    new Queue(storage, clock, "one", nobody).push({ visitor: "v", event: event("a", clock.now()) });
    expect(new Queue(storage, clock, "two", nobody).length).toBe(0);
    clock.pass(91_000);
    expect(ids(new Queue(storage, clock, "three", nobody))).toEqual(["a"]);
  });

  test("drops what is older than a day, and says so", () => {
    const { storage } = drawer();
    const clock = new HandClock();
    const dropped: string[] = [];
    const queue = new Queue(storage, clock, "one", ({ id }) => dropped.push(id));
    queue.push({ visitor: "v", event: event("old", clock.now()) });
    clock.pass(24 * HOUR + 1);
    queue.push({ visitor: "v", event: event("new", clock.now()) });
    expect(ids(queue)).toEqual(["new"]);
    expect(dropped).toEqual(["old"]);
  });

  test("is bounded: the oldest go first", () => {
    const clock = new HandClock();
    const queue = new Queue(drawer().storage, clock, "one", nobody);
    for (let n = 0; n < 510; n++) queue.push({ visitor: "v", event: event(`e${n}`, clock.now()) });
    expect(queue.length).toBe(500);
    expect(ids(queue, 1)).toEqual(["e10"]);
  });

  test("gives one visitor's events at a time, no more than fit, and never none", () => {
    const clock = new HandClock();
    const queue = new Queue(drawer().storage, clock, "one", nobody);
    queue.push({ visitor: "v", event: { ...event("a", clock.now()), values: { long: "x".repeat(500) } } });
    queue.push({ visitor: "v", event: event("b", clock.now()) });
    queue.push({ visitor: "w", event: event("c", clock.now()) });
    expect(ids(queue)).toEqual(["a", "b"]);
    expect(queue.head(9, 100).map((entry) => entry.event.id)).toEqual(["a"]);
  });

  test("works from memory when storage is blocked, and leaves nothing behind when it is empty", () => {
    const clock = new HandClock();
    const blocked = new Queue(lockedStorage(), clock, "one", nobody);
    blocked.push({ visitor: "v", event: event("a", clock.now()) });
    expect(ids(blocked)).toEqual(["a"]);
    const { storage, area } = drawer();
    const queue = new Queue(storage, clock, "one", nobody);
    queue.push({ visitor: "v", event: event("a", clock.now()) });
    queue.settle(new Set(["a"]));
    expect(area.length).toBe(0);
  });

  test("survives a stored list that is not one", () => {
    const { storage } = drawer();
    storage.set("_omo.q.broken", '{"left":true,"waiting":[{"event":{}},null]}');
    storage.set("_omo.q.torn", "{");
    expect(new Queue(storage, new HandClock(), "one", nobody).length).toBe(0);
    expect(storage.names("_omo.q.")).toEqual([]);
  });
});
