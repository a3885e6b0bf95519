/** Whatever a page says stands in a words file: no text in the markup itself. */

import ts from "typescript";
import { expect, it } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.tsx", { eager: true, query: "?raw", import: "default" });
const SPOKEN = new Set([
  "label",
  "title",
  "placeholder",
  "description",
  "alt",
  "aria-label",
  "lead",
  "period",
  "text",
  "emptyText",
]);
const hasWords = (text: string) => /\p{L}{2,}/u.test(text);

function spokenIn(name: string, code: string): string[] {
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const walk = (node: ts.Node): void => {
    const line = () => `${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const inCode = () =>
      ts.isJsxElement(node.parent) && ["code", "kbd", "pre"].includes(node.parent.openingElement.tagName.getText());
    if (ts.isJsxText(node) && hasWords(node.text) && !inCode()) found.push(`${line()} ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (hasWords(node.initializer.text)) found.push(`${line()} ${node.name.getText()}="${node.initializer.text}"`);
    }
    ts.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

it("stands in a words file", () => {
  expect(Object.entries(sources).flatMap(([name, code]) => spokenIn(name, code))).toEqual([]);
});

it("finds what does not", () => {
  expect(spokenIn("a.tsx", 'const a = <p title="Tea">Green <code>tea</code></p>;')).toEqual([
    'a.tsx:1 title="Tea"',
    "a.tsx:1 Green",
  ]);
});
