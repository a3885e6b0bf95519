/** What differs between two texts, line by line: what they begin and end with alike is left out. */

export interface Differing {
  /** The first line that differs, from 1. */
  line: number;
  before: readonly string[];
  after: readonly string[];
}

export function differing(before: string, after: string): Differing | null {
  if (before === after) return null;
  const [old, now] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  return { line: start + 1, before: old.slice(start, old.length - end), after: now.slice(start, now.length - end) };
}
