/** A content table as cells of text, and back into the file it came from. A cell that was not touched keeps its value. */

export type ColumnType = "text" | "number" | "flag";
export interface Column {
  name: string;
  type: ColumnType;
}
export interface Row {
  key: string;
  cells: Record<string, string>;
  /** As it was read, so that what is the same stays the same. */
  before: Record<string, unknown>;
}
export interface Grid {
  columns: readonly Column[];
  rows: readonly Row[];
  /** Of CSV: the title of the key's column, which is no other column. */
  keyTitle?: string;
}
export interface Wrong {
  row: number;
  /** "" is the key. */
  column: string;
  what: "number" | "twice" | "empty";
}

const shown = (value: unknown) => (value === null || value === undefined ? "" : String(value));

export const EMPTY: Grid = { columns: [{ name: "name", type: "text" }], rows: [] };

/** From a document's data: `{rows}` of YAML or `{header, lines}` of CSV. */
export function read(data: unknown): Grid {
  const { rows, header, lines } = (data ?? {}) as {
    rows?: Record<string, Record<string, unknown>>;
    header?: string[];
    lines?: string[][];
  };
  if (header) {
    const [keyTitle = "key", ...titles] = header;
    const columns = titles.map((title): Column => {
      const [name = "", type] = title.trim().split(":");
      return { name, type: type === "number" || type === "flag" ? type : "text" };
    });
    const made = (lines ?? []).map(([key = "", ...cells]): Row => {
      const texts = Object.fromEntries(columns.map((column, place) => [column.name, cells[place] ?? ""]));
      return { key, cells: texts, before: { ...texts } };
    });
    return { columns, rows: made, keyTitle };
  }
  const entries = Object.entries(rows ?? {});
  const names = [...new Set(entries.flatMap(([, cells]) => Object.keys(cells ?? {})))];
  const columns = names.map((name): Column => ({ name, type: fitting(entries.map(([, cells]) => cells?.[name])) }));
  return {
    columns: columns.length ? columns : EMPTY.columns,
    rows: entries.map(([key, cells]) => ({
      key,
      cells: Object.fromEntries(names.map((name) => [name, shown(cells?.[name])])),
      before: { ...cells },
    })),
  };
}

function fitting(values: readonly unknown[]): ColumnType {
  const given = values.filter((value) => value !== null && value !== undefined);
  if (given.length && given.every((value) => typeof value === "boolean")) return "flag";
  return given.length && given.every((value) => typeof value === "number") ? "number" : "text";
}

/** The document's data again. */
export function written(grid: Grid): unknown {
  if (grid.keyTitle !== undefined) {
    return {
      header: [
        grid.keyTitle,
        ...grid.columns.map((column) => (column.type === "text" ? column.name : `${column.name}:${column.type}`)),
      ],
      lines: grid.rows.map((row) => [row.key, ...grid.columns.map((column) => row.cells[column.name] ?? "")]),
    };
  }
  return { rows: Object.fromEntries(grid.rows.map((row) => [row.key, cellsOf(row, grid.columns)])) };
}

function cellsOf(row: Row, columns: readonly Column[]): Record<string, unknown> {
  const cells: Record<string, unknown> = {};
  for (const { name, type } of columns) {
    const text = row.cells[name] ?? "";
    const before = row.before[name];
    if (
      shown(before) === text &&
      (type === "text" ? typeof before !== "number" && typeof before !== "boolean" : typeof before !== "string")
    ) {
      if (before !== undefined) cells[name] = before;
    } else if (type === "text") cells[name] = text;
    else if (text === "") cells[name] = null;
    else cells[name] = type === "number" ? Number(text) : text.toLowerCase() === "true";
  }
  return cells;
}

const isNumber = (text: string) => /^-?\d+(\.\d+)?$/.test(text.trim());

/** Every cell that cannot be saved as it is. */
export function wrongIn(grid: Grid): Wrong[] {
  const found: Wrong[] = [];
  const keys = new Set<string>();
  grid.rows.forEach((row, place) => {
    if (!row.key.trim()) found.push({ row: place, column: "", what: "empty" });
    else if (keys.has(row.key)) found.push({ row: place, column: "", what: "twice" });
    keys.add(row.key);
    for (const { name, type } of grid.columns) {
      const text = row.cells[name] ?? "";
      if (type === "number" && text !== "" && !isNumber(text)) found.push({ row: place, column: name, what: "number" });
    }
  });
  return found;
}

/** The grid with cells written over from a place on, as when a block is pasted; rows that are missing are added. */
export function pasted(grid: Grid, row: number, column: number, block: readonly (readonly string[])[]): Grid {
  const rows = [...grid.rows];
  block.forEach((line, down) => {
    const place = row + down;
    const before = rows[place] ?? { key: "", cells: {}, before: {} };
    let { key } = before;
    const cells = { ...before.cells };
    line.forEach((text, right) => {
      const at = column + right;
      if (at < 0) key = text;
      else if (grid.columns[at]) cells[grid.columns[at].name] = text;
    });
    rows[place] = { ...before, key, cells };
  });
  return { ...grid, rows };
}
