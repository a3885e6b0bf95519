/** Where a variable of a message comes from, as its file says it. */

export type Variable = Record<string, unknown>;

/** Values of one kind each; then those of a content table: one cell, or rows for a list. */
export const PLAIN = ["event", "attribute", "fact", "statistic"] as const;
export const KINDS = [...PLAIN, "table", "rows"] as const;
export type Kind = (typeof KINDS)[number];

export const isRows = (variable: Variable | undefined): boolean =>
  variable?.table !== undefined && variable.column === undefined && variable.key === undefined;

export function kindOf(variable: Variable): Kind {
  if (isRows(variable)) return "rows";
  if (variable.table !== undefined) return "table";
  return PLAIN.find((one) => variable[one] !== undefined) ?? "event";
}

/** Something right to begin with, by where it comes from. */
const FRESH: Readonly<Record<Kind, Variable>> = {
  event: { event: "path" },
  attribute: { attribute: "name" },
  fact: { fact: "visits" },
  statistic: { statistic: { event: "view", period: "30 days" } },
  table: { table: "", column: "", key: { attribute: "name" } },
  rows: { table: "" },
};

/** The variable from elsewhere: a single default and the table stay. */
export function turned(variable: Variable, to: Kind): Variable {
  const table = to === "table" || to === "rows" ? { table: variable.table ?? "" } : {};
  const single = to !== "rows" && variable.default !== undefined && !Array.isArray(variable.default);
  return { ...FRESH[to], ...table, ...(single ? { default: variable.default } : {}) };
}
