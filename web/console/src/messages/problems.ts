/** What the server says is wrong with an action, by the place in its form; in English in the words of a form, not of a file. */

import type { Problem } from "@/api/client";

/** The place below `texts`, such as `items[0].url`; undefined for what is not about a text. */
export function placeOf(path: string): string | undefined {
  const found = /(?:^|\.)texts\.(.+)$/.exec(path);
  return found?.[1];
}

/** Messages by place; a text's two languages are one place. */
export function byPlace(problems: readonly Problem[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, message } of problems) {
    const place = placeOf(path)?.replace(/\.(ja|en)$/, "");
    if (place === undefined) continue;
    const told = said(message);
    const here = found.get(place) ?? [];
    if (!here.includes(told)) found.set(place, [...here, told]);
  }
  return found;
}

const PLAINER: readonly [RegExp, string][] = [
  [/^is missing.*/, "Please fill this in."],
  [/.*may not be left empty.*/, "This may not be left empty."],
  [/^expected at most (\d+) characters, here are (\d+).*/, "At most $1 letters; there are $2."],
  [/^unknown variable '(.+?)'.*; expected one of (.+)$/, 'There is no variable "$1". You can use: $2'],
  [/^unknown filter '(.+?)'.*/, 'There is no filter "$1".'],
  [/^not Liquid.*/, "Something between {{ }} or {% %} is not written correctly."],
  [/^expected an http, https.*/, "Write an address that begins with http, https, mailto, tel or /."],
  [/^expected a CSS colour.*/, "Write a colour such as #27406b."],
  [/^expected a number.*/, "Write a number."],
  [/^expected (-?[\d.e+]+) or more.*/, "$1 or more, please."],
  [/^expected (-?[\d.e+]+) or less.*/, "$1 or less, please."],
  [/^expected at least (\d+) items.*/, "At least $1, please."],
  [/^expected at most (\d+) items.*/, "At most $1, please."],
  [/^expected a telephone number.*/, "Write a telephone number such as 0120-000-000."],
  [/^expected a name of letters.*/, "Use letters, digits and _, beginning with a letter or _."],
  [/^expected .*selector.*/, "This is not a correct CSS selector."],
  [/.*purpose of project\.yaml.*; expected one of (.+)$/, "There is no such purpose. There are: $1"],
  [/.*state of the template.*; expected one of (.+)$/, "There is no such screen. There are: $1"],
  [/^expected one of (.+?); found.*/, "Choose one of: $1"],
  [/.*cannot be rendered.*/, "It cannot be drawn like this."],
];

/** One message as a form says it; Japanese is said well by the server. */
export function said(message: string): string {
  const plainer = PLAINER.find(([pattern]) => pattern.test(message));
  return plainer ? message.replace(...plainer) : message;
}
