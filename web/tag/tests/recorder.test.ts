import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Home, RecorderFile } from "../src/recorder";
import type { RrwebFile, Told } from "../src/rrweb";
import type { RecordAnswer, Recording } from "../src/wire";

const VISIT: Recording = { recording: "visit", token: "t", leftMs: 3_600_000 };

interface Sent {
  tab: string;
  seq: number;
  page: string;
  recording: string;
  payloads: unknown[];
}

/** A page with a recorder in it, rrweb and the edge on paper. */
class House {
  file!: RecorderFile;
  sent: Sent[] = [];
  /** What the edge answers next: a status, or a whole answer; 200 when nothing is left. */
  answers: (number | RecordAnswer)[] = [];
  snapshots = 0;
  stopped = 0;
  private take: (told: Told) => void = () => undefined;
  home = { running: { identity: { visitor: "hanako" }, page: { id: "page-1" } }, options: { key: "k" }, base: "https://edge.example", folder: "/" };

  async begin(record: Recording = VISIT): Promise<void> {
    vi.resetModules();
    this.file = (await import("../src/recorder")) as RecorderFile;
    const rrweb: RrwebFile = {
      begin: (_masks, take) => {
        this.take = take;
        this.whole();
        return { snapshot: () => this.whole(), stop: () => this.stopped++ };
      },
    };
    vi.stubGlobal("CompressionStream", undefined);
    vi.stubGlobal("fetch", async (address: string, { body }: { body: string }) => {
      const query = new URL(address).searchParams;
      const payloads = (JSON.parse(body) as { data: { n?: unknown } }[]).map(({ data }) => data.n);
      this.sent.push({
        tab: query.get("tab") ?? "",
        seq: Number(query.get("seq")),
        page: query.get("page") ?? "",
        recording: query.get("recording") ?? "",
        payloads,
      });
      const answer = this.answers.shift() ?? 200;
      if (answer === 0) throw new TypeError("no network");
      const status = typeof answer === "number" ? answer : 200;
      const said = typeof answer === "number" ? { taken: true, nextMs: 5_000 } : answer;
      return { status, ok: status === 200, json: async () => said };
    });
    this.file.heard({ record }, this.home as unknown as Home, (async () => rrweb) as never);
    await vi.advanceTimersByTimeAsync(3_000);
  }

  /** Something changed on the page. */
  says(n: unknown): void {
    this.take({ type: 3, timestamp: Date.now(), data: { source: 0, n } });
  }

  presses(): void {
    this.take({ type: 3, timestamp: Date.now(), data: { source: 2, n: "press" } });
  }

  private whole(): void {
    this.snapshots++;
    this.take({ type: 4, timestamp: Date.now(), data: { n: "meta" } });
    this.take({ type: 2, timestamp: Date.now(), data: { n: "page" } });
  }
}

let house: House;

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  house = new House();
});

afterEach(() => {
  house.file?.heard({ stopRecording: true }, house.home as unknown as Home, (async () => undefined) as never);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("the recorder", () => {
  it("sends the whole page at once and what follows every five seconds, counted from 0", async () => {
    await house.begin();
    expect(house.sent).toMatchObject([{ seq: 0, page: "page-1", payloads: ["meta", "page"] }]);
    house.says("a");
    await wait(1_000);
    house.says("b");
    expect(house.sent).toHaveLength(1);
    await wait(4_000);
    expect(house.sent[1]).toMatchObject({ seq: 1, payloads: ["a", "b"], tab: house.sent[0]?.tab });
  });

  it("sends sooner while somebody watches", async () => {
    house.answers = [{ taken: true, nextMs: 700, watched: true }];
    await house.begin();
    house.says("a");
    await wait(800);
    expect(house.sent[1]).toMatchObject({ payloads: ["a"] });
  });

  it.each([0, 429, 500, 503])("keeps a chunk that was answered %d, and sends it again before the next", async (status) => {
    house.answers = [status, status];
    await house.begin();
    house.says("a");
    await wait(30_000);
    expect(house.sent.map(({ seq }) => seq)).toEqual([0, 0, 0, 1]);
    expect(house.snapshots).toBe(1);
  });

  it.each([401, 403, 404, 507])("stops and forgets when it is answered %d", async (status) => {
    house.answers = [200, status];
    await house.begin();
    house.says("a");
    await wait(5_000);
    expect([house.file.id, house.stopped]).toEqual([undefined, 1]);
    house.says("b");
    await wait(60_000);
    expect(house.sent).toHaveLength(2);
    expect(sessionStorage.getItem("_omo.left")).toBeNull();
  });

  it("leaves out what the edge does not understand and begins again with the whole page, but not for ever", async () => {
    house.answers = [200, 400, 200];
    await house.begin();
    house.says("a");
    await wait(6_000);
    expect(house.sent.map(({ seq, payloads }) => [seq, payloads[0]])).toEqual([[0, "meta"], [1, "a"], [2, "meta"]]);
    house.answers = Array.from({ length: 9 }, () => 400);
    house.says("b");
    await wait(60_000);
    expect(house.file.id).toBeUndefined();
    expect(house.sent.length).toBeLessThan(8);
  });

  it("goes on as the visit that the edge names when the old one is over", async () => {
    house.answers = [200, { taken: false, nextMs: 5_000, record: { ...VISIT, recording: "next" } }];
    await house.begin();
    house.says("a");
    await wait(9_000);
    expect(house.sent.at(-1)).toMatchObject({ recording: "next", seq: 0, payloads: ["meta", "page"] });
    expect(house.file.id).toBe("next");
  });

  it("begins the whole page anew on a route change, under the new page view", async () => {
    await house.begin();
    house.says("a");
    house.home.running.page.id = "page-2";
    house.says("b");
    await wait(1_000);
    expect(house.sent.slice(1)).toMatchObject([
      { page: "page-1", payloads: ["a"] },
      { page: "page-2", payloads: ["meta", "page"] },
    ]);
  });

  it("ends when the visitor is somebody else, at the very next thing it hears", async () => {
    await house.begin();
    house.home.running.identity.visitor = "taro";
    house.says("a");
    await wait(60_000);
    expect(house.sent).toHaveLength(1);
    expect(house.stopped).toBe(1);
  });

  it("ends when its time is over", async () => {
    await house.begin({ ...VISIT, leftMs: 4_000 });
    await wait(2_000);
    expect([house.file.id, house.stopped]).toEqual([undefined, 1]);
  });

  it("leaves to the tab's next page what had no answer, and goes on counting", async () => {
    house.answers = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    await house.begin();
    house.says("last");
    window.dispatchEvent(new Event("pagehide"));
    vi.clearAllTimers(); // the page is no more
    const { tab } = house.sent[0] as Sent;
    const next = new House();
    await next.begin();
    await wait(1_000);
    expect(next.sent.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(next.sent[1]).toMatchObject({ tab, payloads: ["last"] });
    next.file.heard({ stopRecording: true }, next.home as unknown as Home, (async () => undefined) as never);
  });

  it("counts in a tab of its own where the tab was copied while it was recorded", async () => {
    await house.begin();
    const copy = new House();
    await copy.begin();
    expect(copy.sent[0]?.seq).toBe(0);
    expect(copy.sent[0]?.tab).not.toBe(house.sent[0]?.tab);
    copy.file.heard({ stopRecording: true }, copy.home as unknown as Home, (async () => undefined) as never);
  });

  it("holds only so much while nothing gets through, and then shows the whole page", async () => {
    await house.begin();
    house.answers = Array.from({ length: 50 }, () => 0);
    for (let n = 0; n < 5; n++) {
      house.says("x".repeat(1_000_000));
      await wait(35_000); // it was tried again, and is a chunk by now
    }
    house.says("too much");
    house.answers = [];
    await wait(90_000);
    expect(house.sent.some(({ payloads }) => payloads.includes("too much"))).toBe(false);
    expect(house.snapshots).toBe(2);
    expect(house.sent.at(-1)?.payloads).toEqual(["meta", "page"]);
  });

  it("falls asleep with the visitor, and wakes with the whole page", async () => {
    await house.begin();
    await wait(6 * 60_000);
    house.says("a clock ticks");
    await wait(10_000);
    expect(house.sent).toHaveLength(1);
    house.presses();
    await wait(1_000);
    expect(house.sent[1]?.payloads).toEqual(["meta", "page"]);
  });
});
