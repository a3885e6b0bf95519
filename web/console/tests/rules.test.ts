// @vitest-environment node
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { below, changed, fitting, group, isDrawable, negate, parts, type Rule, read, typed } from "@/rules/tree";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const python = process.env.OMOTENASHI_PYTHON ?? `${root}.venv/bin/python`;

/** Every rule that stands in the demo, the recipes and the cases that all readings must pass, by where it stands. */
const written = JSON.parse(
  execFileSync(
    python,
    [
      "-c",
      `
import json, pathlib
from omotenashi.configuration.documents import read
found = {}
def walk(data, place):
    if isinstance(data, list):
        for index, item in enumerate(data): walk(item, f"{place}[{index}]")
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("rule", "where") and value is not None: found[f"{place}.{key}"] = value
            walk(value, f"{place}.{key}")
for folder in ("demo", "src/omotenashi/configuration/recipes"):
    for file in sorted(pathlib.Path(folder).rglob("*.yaml")):
        document = read(str(file), file.read_text(), [])
        walk(document.data, str(file))
for index, case in enumerate(json.loads(pathlib.Path("spec/conditions.json").read_text())):
    for key in ("rule", "condition"):
        if key in case: found[f"spec/conditions.json[{index}]"] = case[key]
print(json.dumps(found))
`,
    ],
    { cwd: root, maxBuffer: 1 << 26 },
  ).toString(),
) as Record<string, Rule>;

/** The rule as the builder would write it after touching every part without changing anything. */
function rewritten(rule: Rule): Rule {
  const node = read(rule);
  switch (node.kind) {
    case "unknown":
      throw new Error(`cannot be drawn: ${JSON.stringify(rule)}`);
    case "group":
      return group(node.mode, node.parts.map(rewritten), rule);
    case "segment":
      return changed({ segment: node.segment }, node.negated, {});
    case "list":
      return changed({ list: node.list }, node.negated, {});
    case "event": {
      const where = node.leaf.where === undefined ? undefined : rewritten(node.leaf.where);
      return changed(node.leaf, node.negated, where === undefined ? {} : { where });
    }
    default:
      return changed(node.leaf, node.negated, {});
  }
}

describe("every rule that is written somewhere", () => {
  const rules = Object.entries(written);

  it("is among these", () => {
    expect(rules.length).toBeGreaterThan(100);
  });

  it.each(rules)("%s can be drawn and comes back as it was", (_, rule) => {
    expect(isDrawable(rule)).toBe(true);
    expect(rewritten(rule)).toEqual(rule);
  });
});

describe("what cannot be drawn", () => {
  it.each([
    [{ event: "buy", op: "exists", colour: "red" }],
    [{ event: "buy", period: { since: "2026-01-01" }, op: "exists" }],
    [{ all: [], any: [] }],
    [{ fact: "visits", op: "=", value: { year: 2026 } }],
    [{ not: { not: { segment: "gold" } } }],
    ["everybody"],
    [null],
  ])("%j is known for it", (rule) => {
    expect(isDrawable(rule)).toBe(false);
    expect(isDrawable({ all: [{ segment: "gold" }, rule] })).toBe(false);
  });
});

describe("a changed rule", () => {
  it("keeps a bare list a list, and says none and not all in full", () => {
    expect(group("all", [1], [])).toEqual([1]);
    expect(group("all", [1], { all: [] })).toEqual({ all: [1] });
    expect(group("none", [1])).toEqual({ not: { any: [1] } });
    expect(read(group("notAll", [{ segment: "a" }]))).toMatchObject({ kind: "group", mode: "notAll" });
  });

  it("is turned into its opposite and back", () => {
    const rule = { event: "buy", op: "exists" };
    expect(negate(rule)).toEqual({ not: rule });
    expect(negate(negate(rule))).toEqual(rule);
  });

  it("knows the paths by which the server names its parts", () => {
    expect(below([], "rule", 2)).toBe("rule[2]");
    expect(below({ not: { any: [] } }, "rule", 0)).toBe("rule.not.any[0]");
    expect(parts({ all: [1, 2] })).toEqual([1, 2]);
    expect(parts({ segment: "gold" })).toEqual([{ segment: "gold" }]);
  });

  it("keeps of a value what fits the next operator", () => {
    expect(fitting("exists", "number", 3, false)).toBeUndefined();
    expect(fitting("between", "number", 3, false)).toEqual([3, 3]);
    expect(fitting("in", "any", "tea", false)).toEqual(["tea"]);
    expect(fitting("=", "any", ["tea", "pot"], false)).toBe("tea");
    expect(fitting("=", "instant", { ago: "3 days" }, false)).toEqual({ today: -7 });
    expect(fitting("between", "instant", { today: -3 }, false)).toEqual([{ today: -3 }, { today: 0 }]);
    expect(fitting(">=", "any", "dear", false)).toBe(1);
    expect(fitting("=", "boolean", undefined, false)).toBe(true);
  });

  it("takes what is typed for what was seen", () => {
    expect(typed("12", "=", "any", ["text"])).toBe("12");
    expect(typed("12", "=", "any", [])).toBe(12);
    expect(typed("12", "starts", "any", ["number"])).toBe("12");
    expect(typed("true", "=", "any", ["boolean"])).toBe(true);
    expect(typed("007", "=", "text", [])).toBe("007");
    expect(typed("1.", ">", "number", [])).toBe("1.");
  });
});
