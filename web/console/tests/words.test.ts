import { describe, expect, it } from "vitest";
import type { Dictionary } from "@/words/words";

const files = import.meta.glob<{ words: { ja: Dictionary; en: Dictionary } }>(
  ["../src/**/words.ts", "../src/words/shared.ts", "!../src/words/words.ts"],
  { eager: true },
);

/** What is written alike in both languages: names, symbols, forms of addresses and codes. */
const ALIKE = new Set([
  "English",
  "日本語",
  "CSV",
  "YAML",
  "HTML",
  "CSS",
  "JavaScript",
  "URL",
  "ID",
  "API",
  "Liquid",
  "OpenID Connect",
  "TOTP",
  "–",
  "",
]);

function pairs(ja: Dictionary, en: Dictionary, path: string[] = []): { path: string; ja: unknown; en: unknown }[] {
  return [...new Set([...Object.keys(ja), ...Object.keys(en)])].flatMap((key) => {
    const [one, other] = [ja[key], en[key]];
    const here = [...path, key];
    if (typeof one === "object" && typeof other === "object") return pairs(one, other, here);
    return [{ path: here.join("."), ja: one, en: other }];
  });
}

const hasLetters = (text: string) => /\p{L}/u.test(text);
const said = (value: unknown) =>
  typeof value === "function" ? value(...Array.from({ length: value.length }, () => "7")) : value;

describe.each(Object.entries(files))("%s", (_, { words }) => {
  const all = pairs(words.ja, words.en);

  it("says everything in both languages", () => {
    expect(all.filter(({ ja, en }) => typeof ja !== typeof en || !["string", "function"].includes(typeof ja))).toEqual([]);
  });

  it("does not leave one language in the other's place", () => {
    const alike = all.filter(
      ({ ja, en }) => said(ja) === said(en) && hasLetters(String(said(ja))) && !ALIKE.has(String(said(ja))),
    );
    expect(alike.map(({ path, ja }) => `${path}: ${String(ja)}`)).toEqual([]);
    const english = all.filter(({ en }) => /[ぁ-んァ-ヶ一-龠]/u.test(String(said(en))) && !ALIKE.has(String(said(en))));
    expect(english.map(({ path, en }) => `${path}: ${String(en)}`)).toEqual([]);
  });
});
