import { expect, test } from "vitest";
import { ruleOf, simply } from "@/pages/recordings/simple";

test("what is asked of a person in a plain way is the same again when its rule is read", () => {
  const asked = { segment: "gold", kind: "visitor", visits: 3 } as const;
  expect(ruleOf(asked)).toEqual({
    all: [{ segment: "gold" }, { fact: "member", op: "=", value: false }, { fact: "visits", op: ">=", value: 3 }],
  });
  for (const part of [asked, { ...asked, segment: "" }, { segment: "gold", kind: "", visits: 0 }] as const) {
    expect(simply(ruleOf(part))).toEqual(part);
  }
});

test("nothing asked is no rule, and a rule that asks more is not read as plain", () => {
  expect(ruleOf({ segment: "", kind: "", visits: 0 })).toBeUndefined();
  expect(simply(undefined)).toEqual({ segment: "", kind: "", visits: 0 });
  expect(simply([])).toEqual({ segment: "", kind: "", visits: 0 });
  for (const rule of [
    { any: [{ segment: "gold" }] },
    { not: { segment: "gold" } },
    [{ segment: "gold" }, { segment: "silver" }],
    { fact: "visits", op: "<=", value: 3 },
    { event: "buy", op: ">=", value: 1 },
  ]) {
    expect(simply(rule)).toBeUndefined();
  }
});
