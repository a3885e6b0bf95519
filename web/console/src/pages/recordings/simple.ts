/** The plain questions about a person, as the rule that they stand for, and back. */

/** A segment they are in, whether they are known as a member, and how often they came at least; "" and 0 ask nothing. */
export interface Simple {
  segment: string;
  kind: "" | "member" | "visitor";
  visits: number;
}

export const NOTHING: Simple = { segment: "", kind: "", visits: 0 };

/** The rule as it would stand in a file; undefined when nothing is asked. */
export function ruleOf({ segment, kind, visits }: Simple): unknown {
  const parts = [
    ...(segment ? [{ segment }] : []),
    ...(kind ? [{ fact: "member", op: "=", value: kind === "member" }] : []),
    ...(visits ? [{ fact: "visits", op: ">=", value: visits }] : []),
  ];
  return parts.length > 1 ? { all: parts } : parts[0];
}

/** What a rule asks, if it asks nothing but this. */
export function simply(rule: unknown): Simple | undefined {
  const found = { ...NOTHING };
  if (!rule || (Array.isArray(rule) && rule.length === 0)) return found;
  const parts = Array.isArray(rule) ? rule : ((rule as { all?: unknown[] }).all ?? [rule]);
  for (const part of parts as Record<string, unknown>[]) {
    const keys = Object.keys(part).sort().join(" ");
    if (keys === "segment" && !found.segment) found.segment = String(part.segment);
    else if (keys === "fact op value" && part.fact === "member" && part.op === "=" && !found.kind)
      found.kind = part.value ? "member" : "visitor";
    else if (keys === "fact op value" && part.fact === "visits" && part.op === ">=" && !found.visits)
      found.visits = Number(part.value);
    else return undefined;
  }
  return found;
}
