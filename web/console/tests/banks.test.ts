import { expect, test } from "vitest";
import { banks } from "@/pages/story/moments";

type Moment = Parameters<typeof banks>[0][number];

const HOUR = 3_600_000;
const NOON = 1_763_694_000_000;

function moment(position: number, at: number, name: string, session: string, source = "tag"): Moment {
  return { at, position, name, session, source, values: {} } as unknown as Moment;
}

test("what staff did a day later stands outside the visit, and does not make it longer", () => {
  const found = banks([
    moment(4, NOON + 27 * HOUR, "attribute", "visit", "console"),
    moment(3, NOON + 60_000, "attribute", "visit", "console"),
    moment(2, NOON + 50_000, "buy", "visit"),
    moment(1, NOON, "view", "visit"),
  ]);
  expect(found.map(({ session, start, end, items }) => [session, start, end, items.length])).toEqual([
    ["", NOON + 27 * HOUR, NOON + 27 * HOUR, 1],
    ["visit", NOON, NOON + 50_000, 3],
  ]);
});

test("what staff did for somebody who was never here stands by itself", () => {
  const found = banks([moment(1, NOON, "attribute", "none", "console")]);
  expect(found.map(({ session, items }) => [session, items.length])).toEqual([["", 1]]);
});
