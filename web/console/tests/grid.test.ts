import { describe, expect, it } from "vitest";
import { pasted, read, written, wrongIn } from "@/pages/segments/grid";

const YAML = { rows: { sencha: { price: 1200, name: "Sencha", fresh: true }, hojicha: { price: null, name: "Hojicha" } } };
const CSV = {
  header: ["item", "price:number", "fresh:flag", "note"],
  lines: [
    ["sencha", "1200", "true", ""],
    ["hojicha", "", "", "roasted"],
  ],
};

describe("a table", () => {
  it.each([[YAML], [CSV]])("comes back as it was when nothing was touched", (data) => {
    expect(written(read(data))).toEqual(data);
  });

  it("keeps the types of what is typed", () => {
    const grid = read(YAML);
    const [first] = grid.rows;
    if (!first) throw new Error("no row");
    const next = { ...grid, rows: [{ ...first, cells: { ...first.cells, price: "1300.5", fresh: "false", name: "12" } }] };
    expect(written(next)).toEqual({ rows: { sencha: { price: 1300.5, fresh: false, name: "12" } } });
  });

  it("says which cells are wrong", () => {
    const grid = pasted(read(YAML), 1, -1, [
      ["sencha", "dear"],
      ["", ""],
    ]);
    expect(wrongIn(grid)).toEqual([
      { row: 1, column: "", what: "twice" },
      { row: 1, column: "price", what: "number" },
      { row: 2, column: "", what: "empty" },
    ]);
  });

  it("takes a block that is pasted, with the rows it needs", () => {
    const grid = pasted(read(CSV), 1, 0, [["900", "true", "new", "too far"], ["800"]]);
    expect(written(grid)).toEqual({
      header: CSV.header,
      lines: [
        ["sencha", "1200", "true", ""],
        ["hojicha", "900", "true", "new"],
        ["", "800", "", ""],
      ],
    });
  });
});
