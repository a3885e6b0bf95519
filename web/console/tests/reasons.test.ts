import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { words as replays } from "@/pages/recordings/words";
import { words as story } from "@/pages/story/watch-words";

/** As `NotRecorded` of the model names them. */
const source = readFileSync(`${__dirname}/../../../src/omotenashi/model/reasons.py`, "utf8");
const [, body = ""] = source.split("class NotRecorded(StrEnum):");
const REFUSED = [...(body.split("\nclass ")[0] ?? "").matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map((found) => found[1] ?? "");
/** What a story adds to them. */
const GONE = ["expired", "too_short", "gone"];

test("why there is no recording is said in both languages, whatever the reason", () => {
  expect(REFUSED).toContain("no_consent");
  for (const { reasons } of [story.ja, story.en]) expect(Object.keys(reasons).sort()).toEqual([...REFUSED, ...GONE].sort());
  for (const { reasons } of [replays.ja, replays.en]) expect(Object.keys(reasons).sort()).toEqual([...REFUSED].sort());
});
