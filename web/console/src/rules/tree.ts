/**
 * A rule as it stands in a file: what its parts are, and how one part is changed without touching the others.
 * What this file does not know is kept as it is and drawn as its sentence.
 */

/** The JSON of a rule; the server says whether it is right. */
export type Rule = unknown;
export type Scope = "person" | "event" | "page" | "filter";
export type Mode = "all" | "any" | "none" | "notAll";
export type Scalar = string | number | boolean;
export type Moment = { date: string } | { ago: string } | { today: number };
export type Value = Scalar | Moment | (Scalar | Moment)[] | undefined | null;
export type Period = "all" | "session" | "previous_session" | string | { between: [string, string] };

export interface Compared {
  op?: string;
  value?: Value;
}
export interface OfEvent extends Compared {
  event: string;
  field?: string;
  aggregate?: string;
  period?: Period;
  where?: Rule;
}
export interface OfField extends Compared {
  field: string;
}
export interface OfFact extends Compared {
  fact: string;
}
export interface OfAttribute extends Compared {
  attribute: string;
}
export interface OfConsent extends Compared {
  consent: string;
}

export type Node =
  | { kind: "group"; mode: Mode; parts: readonly Rule[] }
  | { kind: "segment"; negated: boolean; segment: string }
  | { kind: "list"; negated: boolean; list: string }
  | { kind: "event"; negated: boolean; leaf: OfEvent }
  | { kind: "field"; negated: boolean; leaf: OfField }
  | { kind: "fact"; negated: boolean; leaf: OfFact }
  | { kind: "attribute"; negated: boolean; leaf: OfAttribute }
  | { kind: "consent"; negated: boolean; leaf: OfConsent }
  | { kind: "unknown" };

const KEYS: Record<string, readonly string[]> = {
  event: ["event", "field", "aggregate", "period", "where", "op", "value"],
  field: ["field", "op", "value"],
  fact: ["fact", "op", "value"],
  attribute: ["attribute", "op", "value"],
  consent: ["consent", "op", "value"],
};

export const UNARY: ReadonlySet<string> = new Set(["exists", "missing"]);
export const PAIRED: ReadonlySet<string> = new Set(["between", "not_between"]);
export const LISTED: ReadonlySet<string> = new Set(["in", "not_in"]);
export const ORDERED: ReadonlySet<string> = new Set([">", ">=", "<", "<=", "between", "not_between"]);
const TEXTUAL: ReadonlySet<string> = new Set([
  "contains",
  "not_contains",
  "starts",
  "not_starts",
  "ends",
  "not_ends",
  "matches",
  "not_matches",
]);

const isObject = (data: unknown): data is Record<string, unknown> =>
  typeof data === "object" && data !== null && !Array.isArray(data);
const isScalar = (data: unknown): data is Scalar => ["string", "number", "boolean"].includes(typeof data);

export function isMoment(data: unknown): data is Moment {
  if (!isObject(data)) return false;
  const keys = Object.keys(data);
  if (keys.length !== 1) return false;
  return keys[0] === "today"
    ? typeof data.today === "number"
    : (keys[0] === "date" || keys[0] === "ago") && typeof data[keys[0]] === "string";
}

function isValue(data: unknown): boolean {
  if (data === undefined || data === null) return true;
  if (Array.isArray(data)) return data.every((each) => isScalar(each) || isMoment(each));
  return isScalar(data) || isMoment(data);
}

function isPeriod(data: unknown): boolean {
  if (data === undefined || typeof data === "string") return true;
  if (!isObject(data) || Object.keys(data).length !== 1) return false;
  const days = data.between;
  return Array.isArray(days) && days.length === 2 && days.every((day) => typeof day === "string");
}

/** What a part of a rule is; "unknown" for what cannot be drawn and must not be touched. */
export function read(rule: Rule): Node {
  if (Array.isArray(rule)) return { kind: "group", mode: "all", parts: rule };
  if (!isObject(rule)) return { kind: "unknown" };
  const keys = Object.keys(rule);
  if (keys.length === 1) {
    if (Array.isArray(rule.all)) return { kind: "group", mode: "all", parts: rule.all };
    if (Array.isArray(rule.any)) return { kind: "group", mode: "any", parts: rule.any };
    if (typeof rule.segment === "string") return { kind: "segment", negated: false, segment: rule.segment };
    if (typeof rule.list === "string") return { kind: "list", negated: false, list: rule.list };
    if (keys[0] === "not") return turned(read(rule.not));
  }
  for (const kind of ["event", "field", "fact", "attribute", "consent"] as const) {
    if (typeof rule[kind] !== "string") continue;
    if (!keys.every((key) => KEYS[kind]?.includes(key)) || !isValue(rule.value)) return { kind: "unknown" };
    if (rule.op !== undefined && typeof rule.op !== "string") return { kind: "unknown" };
    if (kind === "event") {
      const texts = [rule.field, rule.aggregate].every((text) => text === undefined || typeof text === "string");
      if (!texts || !isPeriod(rule.period)) return { kind: "unknown" };
    }
    return { kind, negated: false, leaf: rule } as unknown as Node;
  }
  return { kind: "unknown" };
}

function turned(node: Node): Node {
  if (node.kind === "unknown") return node;
  if (node.kind === "group") {
    const mode = ({ all: "notAll", any: "none", none: "any", notAll: "all" } as const)[node.mode];
    return node.mode === "all" || node.mode === "any" ? { ...node, mode } : { kind: "unknown" };
  }
  return node.negated ? { kind: "unknown" } : { ...node, negated: true };
}

/** Whether every part of it can be drawn. */
export function isDrawable(rule: Rule): boolean {
  const node = read(rule);
  if (node.kind === "unknown") return false;
  if (node.kind === "group") return node.parts.every(isDrawable);
  return node.kind !== "event" || node.leaf.where === undefined || isDrawable(node.leaf.where);
}

/** A group as it is written. An unchanged mode keeps its spelling: a bare list stays one. */
export function group(mode: Mode, parts: readonly Rule[], before?: Rule): Rule {
  if (mode === "all") return Array.isArray(before) ? [...parts] : { all: [...parts] };
  if (mode === "any") return { any: [...parts] };
  return { not: { [mode === "none" ? "any" : "all"]: [...parts] } };
}

export function negate(rule: Rule): Rule {
  return isObject(rule) && Object.keys(rule).length === 1 && "not" in rule ? rule.not : { not: rule };
}

/** The leaf with some keys changed; `undefined` takes a key away. `negated` stays around it. */
export function changed(leaf: object, negated: boolean, keys: Record<string, unknown>): Rule {
  const next: Record<string, unknown> = { ...leaf, ...keys };
  for (const key of Object.keys(next)) if (next[key] === undefined) delete next[key];
  return negated ? { not: next } : next;
}

/** The parts of a rule as a list: those of a group of all, else itself alone. */
export function parts(rule: Rule): readonly Rule[] {
  if (rule === undefined) return [];
  const node = read(rule);
  return node.kind === "group" && node.mode === "all" ? node.parts : [rule];
}

/** The path of a part below `path`, as the server names it. */
export function below(rule: Rule, path: string, index: number): string {
  if (Array.isArray(rule)) return `${path}[${index}]`;
  if (!isObject(rule)) return path;
  if ("not" in rule) return below(rule.not, `${path}.not`, index);
  return `${path}.${"all" in rule ? "all" : "any"}[${index}]`;
}

export type Kind = "boolean" | "number" | "instant" | "text" | "state" | "any";

/** What a leaf compares, which decides the operators and the input. */
export function kindOfEvent(leaf: OfEvent): Kind {
  const aggregate = leaf.aggregate ?? (leaf.field ? "last" : "count");
  if (aggregate === "first_at" || aggregate === "last_at") return "instant";
  return ["count", "sum", "avg", "min", "max", "distinct"].includes(aggregate) ? "number" : "any";
}

/** Whether a name of a field or attribute holds instants. */
export const isDated = (path: string) => /_(at|date)$/.test(path);

/** The value that fits a new operator, kept from the old one where it can be. */
export function fitting(op: string, kind: Kind, value: Value, dated: boolean): Value {
  if (UNARY.has(op)) return undefined;
  const single = Array.isArray(value) ? value[0] : (value ?? undefined);
  if (op === "ever") return value ?? "";
  if (kind === "boolean") return typeof single === "boolean" ? single : true;
  if (kind === "state") return LISTED.has(op) ? [typeof single === "string" ? single : "granted"] : single || "granted";
  if (kind === "instant" || (dated && isMoment(single))) {
    const moment: Moment = isMoment(single) ? single : { today: -7 };
    if (PAIRED.has(op)) return Array.isArray(value) && value.length === 2 ? value : [moment, { today: 0 }];
    if ((op === "=" || op === "!=") && "ago" in moment) return { today: -7 };
    return moment;
  }
  if (PAIRED.has(op)) {
    if (Array.isArray(value) && value.length === 2) return value;
    const number = typeof single === "number" ? single : 1;
    return [number, number];
  }
  if (LISTED.has(op)) return Array.isArray(value) ? value : single === undefined || single === "" ? [] : [single];
  if (kind === "number" || ORDERED.has(op)) return typeof single === "number" ? single : 1;
  if (TEXTUAL.has(op)) return single === undefined || isMoment(single) ? "" : String(single);
  return single ?? "";
}

/** What was typed, as the value it stands for: by the kinds that were seen, else a number if it looks like one. */
export function typed(text: string, op: string, kind: Kind, seen: readonly string[]): Scalar {
  if (TEXTUAL.has(op) || kind === "text" || kind === "state") return text;
  const number = Number(text);
  const numeric = text.trim() !== "" && Number.isFinite(number) && /^-?\d+(\.\d+)?$/.test(text.trim());
  if (kind === "number" || ORDERED.has(op)) return numeric ? number : text;
  if (seen.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  if (seen.includes("text") && !seen.includes("number")) return text;
  return numeric ? number : text;
}
