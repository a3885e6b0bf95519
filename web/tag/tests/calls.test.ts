import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Tag } from "../src/tag";
import type { CallsAnswer } from "../src/wire";

interface Asked {
  after: number;
  visitor: string;
  recording?: string;
  watched?: boolean;
}

const pages: { running: unknown }[] = [];

/** A page that waits for calls, and its edge. `reply` answers the request that waits. */
async function waiting() {
  vi.resetModules();
  const asked: Asked[] = [];
  const tracked: unknown[][] = [];
  const hurried: number[] = [];
  let reply: (answer: CallsAnswer | number) => void = () => undefined;
  let aborted = 0;
  vi.stubGlobal("fetch", (_: string, { body, signal }: { body: string; signal: AbortSignal }) => {
    asked.push(JSON.parse(body) as Asked);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted", { cause: ++aborted })));
      reply = (answer) =>
        answer === 0
          ? reject(new Error("no network"))
          : resolve(typeof answer === "number" ? new Response("", { status: answer }) : new Response(JSON.stringify(answer)));
    });
  });
  const recorder = { id: "r1", isHurried: () => hurried.length > 0, hurry: () => hurried.push(asked.length) };
  const page = {
    options: { key: "k" },
    base: "https://edge.example",
    running: { identity: { visitor: "v" }, page: { id: "p" } } as unknown,
    window: { omotenashi: { parts: { recorder } } },
    track: (...said: unknown[]) => tracked.push(said),
  };
  pages.push(page);
  const { watch } = await import("../src/calls");
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const shown = (hidden: boolean) => {
    vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
    window.dispatchEvent(new Event("visibilitychange"));
  };
  watch(page as unknown as Tag, 100);
  return { asked, tracked, hurried, page, pass, shown, say: (answer: CallsAnswer | number) => reply(answer), lost: () => aborted };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const page of pages.splice(0)) page.running = undefined; // their files still listen to this window
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a page asks a second after it came, and on from what it was told", async () => {
  const { asked, pass, say, tracked } = await waiting();
  await pass(999);
  expect(asked).toEqual([]);
  await pass(1);
  expect(asked).toEqual([{ key: "k", visitor: "v", after: 100, recording: "r1", watched: false }]);
  say({ after: 100 });
  await pass(500);
  expect(asked.map(({ after }) => after)).toEqual([100, 100]);
  say({ after: 207, look: true });
  await pass(500);
  expect(asked.map(({ after }) => after)).toEqual([100, 100, 207]);
  expect(tracked).toEqual([["_recheck", { page_view: "p" }]]);
});

test("a page that is watched sends what it shows, and says that it knows", async () => {
  const { asked, pass, say, hurried } = await waiting();
  await pass(1_000);
  say({ after: 100, watched: true });
  await pass(500);
  expect(hurried).toEqual([1]);
  expect(asked.at(-1)?.watched).toBe(true);
});

test("nobody waits on a page that is out of sight", async () => {
  const { asked, pass, shown, lost } = await waiting();
  await pass(1_000);
  shown(true);
  await pass(60_000);
  expect([asked.length, lost()]).toEqual([1, 1]);
  shown(false);
  await pass(0);
  expect(asked.length).toBe(2);
});

test("whoever has gone from the page is not waited for, and the first sign of theirs asks at once", async () => {
  const { asked, pass, say } = await waiting();
  await pass(1_000);
  await pass(5 * 60_000);
  say({ after: 100 });
  await pass(600_000);
  expect(asked.length).toBe(1);
  window.dispatchEvent(new Event("scroll"));
  await pass(0);
  expect(asked.length).toBe(2);
});

test("an edge that does not answer is left alone for longer each time, one that refuses for good", async () => {
  const { asked, pass, say } = await waiting();
  await pass(1_000);
  say(503);
  await pass(1_900);
  expect(asked.length).toBe(1);
  await pass(2_100);
  expect(asked.length).toBe(2);
  say(0);
  await pass(3_900);
  expect(asked.length).toBe(2);
  await pass(4_100);
  expect(asked.length).toBe(3);
  say(403);
  await pass(60_000);
  window.dispatchEvent(new Event("keydown"));
  await pass(60_000);
  expect(asked.length).toBe(3);
});

test("when too many wait the page comes back when it was told", async () => {
  const { asked, pass, say } = await waiting();
  await pass(1_000);
  say({ after: 100, waitMs: 30_000 });
  await pass(29_999);
  expect(asked.length).toBe(1);
  await pass(1);
  expect(asked.length).toBe(2);
});

test("after the opt-out the first sign of the visitor ends it", async () => {
  const { asked, page, pass, lost } = await waiting();
  await pass(1_000);
  page.running = undefined;
  window.dispatchEvent(new Event("pointermove"));
  await pass(60_000);
  expect([asked.length, lost()]).toEqual([1, 1]);
});
