import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Queue } from "../src/queue";
import { Sender } from "../src/sender";
import type { TrackAnswer, TrackRequest } from "../src/wire";
import { HandClock, type Reply, drawer, event, stubEdge } from "./house";

const answer = (body: Partial<TrackAnswer> = {}, status = 200, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body: { accepted: 1, ...body },
});

function road(replies: (Reply | Promise<Reply>)[]) {
  const clock = new HandClock();
  const sent: TrackRequest[] = [];
  const answers: TrackAnswer[] = [];
  stubEdge((_, body) => {
    sent.push(JSON.parse(body) as TrackRequest);
    return replies.shift() ?? answer();
  });
  const queue = new Queue(drawer().storage, clock, "one", () => undefined);
  const page = { id: "p", url: "https://shop.example/", title: "", referrer: "", visible: true, visible_ms: 0 };
  const sender = new Sender(queue, clock, {
    endpoint: "https://edge.example/v1/track",
    envelope: () => ({ key: "k", page }),
    shows: true,
    answered: (got) => answers.push(got),
  });
  const say = (id: string, visitor = "v") => {
    const promise = sender.promise(id);
    queue.push({ visitor, event: { ...event(id, clock.now()), page } });
    sender.wake();
    return promise;
  };
  const pass = async (ms: number) => {
    clock.pass(ms);
    await vi.advanceTimersByTimeAsync(ms);
    for (let turn = 0; turn < 5; turn++) await vi.advanceTimersByTimeAsync(1);
  };
  return { clock, sent, answers, queue, sender, say, pass };
}

const names = (request: TrackRequest | undefined) => request?.events.map(({ id }) => id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the road to the edge", () => {
  test("takes what is said in one turn along in one request, in order", async () => {
    const { sent, say, pass, queue } = road([]);
    const first = say("a");
    void say("b");
    await pass(0);
    expect(sent.map(names)).toEqual([["a", "b"]]);
    expect(sent[0]?.events[0]).not.toHaveProperty("page");
    await expect(first).resolves.toEqual({ ok: true });
    expect(queue.length).toBe(0);
  });

  test("has one request on its way at a time", async () => {
    let arrive: (reply: Reply) => void = () => undefined;
    const { sent, say, pass } = road([new Promise<Reply>((resolve) => (arrive = resolve))]);
    void say("a");
    await pass(0);
    void say("b");
    await pass(1000);
    expect(sent.map(names)).toEqual([["a"]]);
    arrive(answer());
    await pass(0);
    expect(sent.map(names)).toEqual([["a"], ["b"]]);
  });

  test("shares requests among what is said in quick succession", async () => {
    const { sent, say, pass } = road([]);
    void say("a");
    await pass(0);
    void say("b");
    await pass(10);
    void say("c");
    await pass(10);
    expect(sent.map(names)).toEqual([["a"]]);
    await pass(50);
    expect(sent.map(names)).toEqual([["a"], ["b", "c"]]);
  });

  test("is not blocked by a page whose own requests are broken", async () => {
    const { say, pass, queue } = road([]);
    vi.stubGlobal(
      "XMLHttpRequest",
      class {
        open(): void {
          throw new Error("Not on this page.");
        }
      },
    );
    void say("a");
    await pass(0);
    expect(queue.head(9, 1e6).map(({ event: { offline } }) => offline)).toEqual([true]);
  });

  test("keeps everything while the network is away and sends it first and in order, marked offline", async () => {
    const { sent, say, pass } = road([new TypeError("no network")]);
    void say("a");
    await pass(0);
    void say("b");
    await pass(100);
    expect(sent).toHaveLength(1);
    await pass(1000);
    expect(names(sent[1])).toEqual(["a", "b"]);
    expect(sent[1]?.events.map(({ offline }) => offline)).toEqual([true, undefined]);
  });

  test("waits as long as the edge asks", async () => {
    const { sent, say, pass } = road([answer({}, 503, { "retry-after": "30" })]);
    void say("a");
    await pass(0);
    await pass(29_000);
    expect(sent).toHaveLength(1);
    await pass(1_100);
    expect(sent).toHaveLength(2);
  });

  test("waits longer after each failure", async () => {
    const { sent, say, pass } = road([new Error(), new Error(), new Error(), new Error()]);
    vi.spyOn(Math, "random").mockReturnValue(1);
    void say("a");
    await pass(0);
    await pass(1_000);
    expect(sent).toHaveLength(2);
    await pass(1_900);
    expect(sent).toHaveLength(2);
    await pass(200);
    expect(sent).toHaveLength(3);
  });

  test("goes at once when the network is said to be back", async () => {
    const { sent, say, pass, sender } = road([new Error()]);
    void say("a");
    await pass(0);
    sender.online();
    await pass(0);
    expect(sent).toHaveLength(2);
  });

  test("lets one bad event sink alone when the edge refuses a batch", async () => {
    const { sent, say, pass } = road([answer({}, 400), answer(), answer({}, 400), answer()]);
    const said = [say("a"), say("b"), say("c")];
    for (let n = 0; n < 5; n++) await pass(50);
    expect(sent.map(names)).toEqual([["a", "b", "c"], ["a"], ["b"], ["c"]]);
    await expect(Promise.all(said)).resolves.toEqual([{ ok: true }, { ok: false, code: "refused_400" }, { ok: true }]);
  });

  test("tells who was rejected and why; a duplicate is no failure", async () => {
    const rejected = [
      { index: 0, code: "duplicate" },
      { index: 1, code: "bad_name" },
    ];
    const { say, pass } = road([answer({ rejected })]);
    const said = [say("a"), say("b")];
    await pass(0);
    await expect(Promise.all(said)).resolves.toEqual([{ ok: true }, { ok: false, code: "bad_name" }]);
  });

  test("never mixes two visitors in one request", async () => {
    const { sent, say, pass } = road([]);
    void say("a", "before");
    void say("b", "after");
    await pass(0);
    await pass(50);
    expect(sent.map((request) => [request.visitor, names(request)])).toEqual([
      ["before", ["a"]],
      ["after", ["b"]],
    ]);
  });

  test("sends a last word that asks for nothing, and keeps it until it is answered", async () => {
    const { sent, sender, say, queue } = road([new Error()]);
    void say("a");
    sender.beacon();
    expect(sent[0]?.fetch).toBe(false);
    expect(queue.length).toBe(1);
  });

  test("is closed for good by an opt-out, and every promise is answered", async () => {
    const { sent, sender, say, pass } = road([]);
    const said = say("a");
    sender.close();
    await pass(60_000);
    sender.beacon();
    expect(sent).toEqual([]);
    await expect(said).resolves.toEqual({ ok: false, code: "opted_out" });
  });
});
