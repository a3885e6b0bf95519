import { expect, test } from "vitest";
import { count } from "@/words/count";

test("one is one, and everything else is many", () => {
  expect(count("1", "person", "people")).toBe("1 person");
  expect(count(1, "day", "days")).toBe("1 day");
  expect(count("0", "person", "people")).toBe("0 people");
  expect(count("1,204", "person", "people")).toBe("1,204 people");
});
