import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unrecorded } from "@/people/unrecorded";

/** As `NotRecorded` of the model names them. */
const source = readFileSync(`${__dirname}/../../../src/omotenashi/model/reasons.py`, "utf8");
const [, body = ""] = source.split("class NotRecorded(StrEnum):");
const REFUSED = [...(body.split("\nclass ")[0] ?? "").matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map((found) => found[1] ?? "");
/** What a story adds to them. */
const GONE = ["expired", "too_short", "gone"];

test("why there is no recording is said in both languages, whatever the reason", () => {
  expect(REFUSED).toContain("no_consent");
  for (const said of [unrecorded.ja, unrecorded.en]) expect(Object.keys(said).sort()).toEqual([...REFUSED, ...GONE].sort());
});
