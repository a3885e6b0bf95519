/** What the server says is wrong with an action, by the place in its form, in the reader's language. */

import type { Problem } from "@/api/client";
import { useWords } from "@/words/words";
import { words } from "./words";

type Say = ReturnType<typeof useWords<(typeof words)["ja"]>>["problems"];

/** The place below `texts`, such as `items[0].url`; undefined for what is not about a text. */
export function placeOf(path: string): string | undefined {
  const found = /(?:^|\.)texts\.(.+)$/.exec(path);
  return found?.[1];
}

/** Messages by place; a text's two languages are one place. */
export function byPlace(problems: readonly Problem[], say: Say): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, message } of problems) {
    const place = placeOf(path)?.replace(/\.(ja|en)$/, "");
    if (place === undefined) continue;
    const told = said(message, say);
    const here = found.get(place) ?? [];
    if (!here.includes(told)) found.set(place, [...here, told]);
  }
  return found;
}

export function useSaid(): (message: string) => string {
  const say = useWords(words).problems;
  return (message) => said(message, say);
}

type Rule = [RegExp, (found: string[], say: Say) => string];

const RULES: readonly Rule[] = [
  [/^is missing/, (_, say) => say.missing],
  [/may not be left empty/, (_, say) => say.empty],
  [/^expected at most (\d+) characters, here are (\d+)/, ([, most = "", here = ""], say) => say.longer(most, here)],
  [/^unknown variable '(.+?)'.*; expected one of (.+)$/, ([, name = "", known = ""], say) => say.variable(name, known)],
  [/^unknown filter '(.+?)'/, ([, name = ""], say) => say.filter(name)],
  [/^not Liquid/, (_, say) => say.liquid],
  [/^expected an http, https/, (_, say) => say.address],
  [/^expected a CSS colour/, (_, say) => say.colour],
  [/^expected a number/, (_, say) => say.number],
  [/^expected (-?[\d.e+]+) or more/, ([, least = ""], say) => say.least(least)],
  [/^expected (-?[\d.e+]+) or less/, ([, most = ""], say) => say.most(most)],
  [/^expected at least (\d+) items/, ([, least = ""], say) => say.leastItems(least)],
  [/^expected at most (\d+) items/, ([, most = ""], say) => say.mostItems(most)],
  [/^expected a telephone number/, (_, say) => say.phone],
  [/^expected a name of letters/, (_, say) => say.name],
  [/^expected .*selector/, (_, say) => say.selector],
  [/purpose of project\.yaml.*; expected one of (.+)$/, ([, known = ""], say) => say.purpose(known)],
  [/state of the template.*; expected one of (.+)$/, ([, known = ""], say) => say.state(known)],
  [/^expected one of (.+?); found/, ([, values = ""], say) => say.oneOf(values)],
  [/cannot be rendered/, (_, say) => say.cannot],
];

function said(message: string, say: Say): string {
  for (const [pattern, tell] of RULES) {
    const found = pattern.exec(message);
    if (found) return tell([...found], say);
  }
  return message;
}
