/** What a page of people shows: all of it stands in the address, so that it can be sent to a colleague. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Rule } from "@/rules/tree";

export const PLAIN = [
  "user_id",
  "last_seen_at",
  "visits",
  "segments",
  "views",
  "first_seen_at",
  "device",
  "os",
  "browser",
  "language",
  "country",
] as const;
export type Plain = (typeof PLAIN)[number];
export const FIRST: readonly string[] = ["user_id", "last_seen_at", "visits", "segments"];
export const ATTRIBUTE = "attribute:";

export interface Looking {
  text?: string;
  rule?: Rule;
  columns?: string;
}

export function useLooking(): [Looking, (to: Looking) => void] {
  const found = useSearch({ strict: false }) as Looking;
  const navigate = useNavigate();
  const look = (to: Looking) => {
    const search = Object.fromEntries(Object.entries(to).filter(([, value]) => value !== undefined && value !== ""));
    void navigate({ to: ".", search, replace: true } as never);
  };
  return [found, look];
}

export function columnsOf(looking: Looking): readonly string[] {
  return looking.columns ? String(looking.columns).split(",") : FIRST;
}

/** Whether a rule says anything. */
export function isNarrow(rule: Rule | undefined): boolean {
  return rule !== undefined && rule !== null && !(Array.isArray(rule) && rule.length === 0);
}
