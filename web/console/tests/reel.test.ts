import { expect, test } from "vitest";
import type { Chunk, Tab } from "@/pages/recordings/recordings";
import { Reel, type ReelStanding, type Wanted } from "@/pages/recordings/reel";
import type { Begin, Recorded, Screen, Standing } from "@/replay/screen";

const STARTED = 1_000_000;
const PAGE_CLOCK = 500;
const CHUNK_MS = 5_000;

/** Half an hour: a chunk each five seconds, a whole picture each five minutes. */
const CHUNKS: Chunk[] = Array.from({ length: 360 }, (_, seq) => {
  const from = seq * CHUNK_MS;
  const full = seq % 60 === 0;
  const events: Recorded[] = [
    ...(full
      ? [
          { type: 4, timestamp: PAGE_CLOCK + from, data: {} },
          { type: 2, timestamp: PAGE_CLOCK + from, data: {} },
        ]
      : []),
    { type: 3, timestamp: PAGE_CLOCK + from + 1, data: {} },
    { type: 3, timestamp: PAGE_CLOCK + from + CHUNK_MS - 1, data: {} },
  ];
  return { tab: "tab", seq, from_at: STARTED + from, to_at: STARTED + from + CHUNK_MS - 1, events };
});
const TAB = {
  tab: "tab",
  chunks: CHUNKS.map((one) => ({ seq: one.seq, from_at: one.from_at, to_at: one.to_at, full: one.seq % 60 === 0 })),
} as unknown as Tab;

/** A screen that remembers what it was given. */
class Remembering {
  heard: (standing: Standing) => void = () => {};
  given: Recorded[] = [];
  did: string[] = [];
  begin(events: readonly Recorded[], how: Begin): void {
    this.given = [...events];
    this.did.push(`begin ${how.at}`);
  }
  add(events: readonly Recorded[]): void {
    this.given.push(...events);
  }
  listen(heard: (standing: Standing) => void): () => void {
    this.heard = heard;
    return () => {};
  }
  seek(time: number): void {
    this.did.push(`seek ${time}`);
  }
  play(): void {
    this.did.push("play");
  }
  pause(): void {
    this.did.push("pause");
  }
  /** What is on it, in ms of the visit. */
  get span(): [number, number] {
    return [(this.given[0]?.timestamp ?? 0) - PAGE_CLOCK, (this.given.at(-1)?.timestamp ?? 0) - PAGE_CLOCK];
  }
}

function opened(at: number, chunks: readonly Chunk[] = CHUNKS, most = 10) {
  const screen = new Remembering();
  const asked: number[] = [];
  const told: ReelStanding[] = [];
  const wanted: Wanted = { at, playing: true, speed: 1, skip: true };
  const reel = new Reel(
    screen as unknown as Screen,
    TAB,
    STARTED,
    wanted,
    async (after) => {
      asked.push(after);
      return chunks.filter((one) => one.seq > after).slice(0, most);
    },
    (standing) => told.push(standing),
  );
  return { reel, screen, asked, told, wanted, latest: () => told.at(-1) };
}

const rest = () => new Promise((done) => setTimeout(done));

test("the first picture needs the first answer alone, and no more is fetched than what is played next", async () => {
  const { screen, asked, latest } = opened(0);
  await rest();
  expect(screen.did).toEqual(["begin 500"]);
  expect(latest()?.state).toBe("ready");
  expect(screen.span[1]).toBeGreaterThan(5 * 60_000);
  expect(asked.length).toBeLessThan(10);
  screen.heard({ time: PAGE_CLOCK + 4 * 60_000, playing: true, idle: false, ended: false });
  await rest();
  expect(screen.span[1]).toBeGreaterThan(9 * 60_000);
  expect(screen.span[1]).toBeLessThan(11 * 60_000);
});

test("the middle is played from the whole picture before it, and nothing before that is fetched", async () => {
  const { reel, screen, asked, latest } = opened(0);
  await rest();
  const before = asked.length;
  reel.seek(17 * 60_000);
  await rest();
  expect(asked[before]).toBe(179);
  expect(screen.span[0]).toBe(15 * 60_000);
  expect(screen.did.slice(1)).toEqual(["pause", `begin ${PAGE_CLOCK + 17 * 60_000}`]);
  expect(latest()?.from).toBe(15 * 60_000);
  reel.seek(16 * 60_000);
  expect(screen.did.at(-1)).toBe(`seek ${PAGE_CLOCK + 16 * 60_000}`);
  reel.seek(0);
  await rest();
  expect(screen.span[0]).toBe(0);
});

test("a picture that lies behind the wanted moment in its chunk is not begun with", async () => {
  const at = (ms: number) => PAGE_CLOCK + 5 * 60_000 + ms;
  const late = CHUNKS.map((one) =>
    one.seq === 60
      ? { ...one, events: [3, 4, 2].map((type, place) => ({ type, timestamp: at(place && 4_000), data: {} })) }
      : one,
  );
  const { screen } = opened(5 * 60_000 + 200, late);
  await rest();
  expect(screen.span[0]).toBe(0);
});

test("at the end it stops, and plays again from the beginning", async () => {
  const { reel, screen, latest } = opened(29 * 60_000);
  await rest();
  expect(screen.span[1]).toBe(30 * 60_000 - 1);
  screen.heard({ time: PAGE_CLOCK + 30 * 60_000 - 1, playing: false, idle: false, ended: true });
  expect(latest()).toMatchObject({ ended: true, playing: false });
  reel.play();
  await rest();
  expect(screen.span[0]).toBe(0);
  expect(latest()).toMatchObject({ ended: false, state: "ready" });
});

test("chunks without any picture are said to be broken, and so is an answer that fails", async () => {
  const { latest } = opened(
    0,
    CHUNKS.map((one) => ({ ...one, events: [] })),
    400,
  );
  await rest();
  expect(latest()?.state).toBe("broken");
});

test("what is wanted meanwhile counts, and what was asked for before it is left out", async () => {
  const { reel, screen, latest } = opened(0);
  reel.seek(20 * 60_000);
  reel.seek(10 * 60_000 + 1_000);
  await rest();
  expect(screen.span[0]).toBe(10 * 60_000);
  expect(screen.did.filter((one) => one.startsWith("begin"))).toEqual([`begin ${PAGE_CLOCK + 10 * 60_000 + 1_000}`]);
  expect(latest()?.state).toBe("ready");
});
