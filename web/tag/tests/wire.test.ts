/** The tag's half of the golden: it sends the requests of `spec/wire.json` word for word, and understands the answers. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import golden from "../../../spec/wire.json";
import { Queue } from "../src/queue";
import { Sender, type Sent } from "../src/sender";
import type { TrackAnswer, TrackRequest } from "../src/wire";
import { HandClock, drawer, stubEdge } from "./house";

interface Exchange {
  name: string;
  by_the_tag: boolean;
  request: TrackRequest;
  status: number;
  answer: TrackAnswer & { error?: { code: string } };
}

const spec = golden as unknown as { now: number; exchanges: Exchange[] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ours = spec.exchanges.filter(({ by_the_tag }) => by_the_tag).map((exchange): [string, Exchange] => [exchange.name, exchange]);

describe("the wire", () => {
  test.each(ours)("%s", async (_, { request, status, answer }) => {
    const clock = new HandClock(spec.now - 25 * 60 * 60 * 1000);
    const sent: unknown[] = [];
    stubEdge((address, body) => {
      sent.push([address, JSON.parse(body)]);
      return { status, body: answer };
    });
    const queue = new Queue(drawer().storage, clock, "one", () => undefined);
    const answers: TrackAnswer[] = [];
    const sender = new Sender(queue, clock, {
      endpoint: "https://edge.example/v1/track",
      envelope: () => ({ key: request.key, page: request.page, language: request.language, user_id: request.user_id }),
      shows: true,
      answered: (given) => answers.push(given),
    });
    const heard = request.events.map((event): Promise<Sent> => {
      queue.push({ visitor: request.visitor, event: { ...event, page: event.page ?? request.page } });
      return sender.promise(event.id);
    });
    clock.pass(spec.now - clock.now());
    const tooOld = request.events.some(({ at }) => at <= spec.now - 24 * 60 * 60 * 1000);
    if (request.fetch) sender.wake();
    else sender.beacon();
    await vi.advanceTimersByTimeAsync(5);
    if (tooOld) {
      expect(sent).toEqual([]); // the tag does not even send what the edge would refuse
      return;
    }
    expect(sent).toEqual([["https://edge.example/v1/track", request]]);
    expect(answers).toEqual(status === 200 ? [answer] : []);
    const refused = new Map((answer.rejected ?? []).map(({ index, code }): [number, string] => [index, code]));
    const expected = request.events.map((_event, index): Sent => {
      if (status !== 200) return { ok: false, code: `refused_${status}` };
      const code = refused.get(index);
      return code === undefined || code === "duplicate" ? { ok: true } : { ok: false, code };
    });
    await expect(Promise.all(heard)).resolves.toEqual(expected);
  });
});
