/** Where a segment can begin: rules over facts that every site has, and over events that a shop usually sends. */

import type { Rule } from "@/rules/tree";

export interface Preset {
  key: PresetKey;
  rule: Rule;
  /** Events that must come for it to mean anything. */
  needs?: readonly string[];
}

export type PresetKey =
  | "newcomers"
  | "regulars"
  | "membersWithoutPurchase"
  | "cartLeft"
  | "buyers"
  | "bigSpenders"
  | "dormant"
  | "fromAds"
  | "phones"
  | "deciding";

export const PRESETS: readonly Preset[] = [
  { key: "newcomers", rule: { fact: "visits", op: "=", value: 1 } },
  { key: "regulars", rule: { fact: "visits", op: ">=", value: 3 } },
  {
    key: "membersWithoutPurchase",
    rule: [
      { fact: "member", op: "=", value: true },
      { event: "buy", op: "missing" },
    ],
    needs: ["buy"],
  },
  {
    key: "cartLeft",
    rule: [
      { event: "cart", field: "in_cart_price", aggregate: "last", op: ">", value: 0 },
      { fact: "visits", op: ">=", value: 2 },
    ],
    needs: ["cart"],
  },
  { key: "buyers", rule: { event: "buy", period: "30 days", op: "exists" }, needs: ["buy"] },
  {
    key: "bigSpenders",
    rule: { event: "buy", field: "revenue", aggregate: "sum", period: "60 days", op: ">=", value: 10_000 },
    needs: ["buy"],
  },
  { key: "dormant", rule: { fact: "last_seen_at", op: "<", value: { today: -30 } } },
  { key: "fromAds", rule: { fact: "session.ad", op: "exists" } },
  { key: "phones", rule: { fact: "device", op: "=", value: "phone" } },
  { key: "deciding", rule: { fact: "session.seconds", op: ">=", value: 180 } },
];
