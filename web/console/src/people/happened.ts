/** What an event was about, in a few words, from its values. */

import type { Formats } from "@/words/format";

const NAMED = ["name", "title", "item_name", "product_name", "query", "words", "keyword", "transaction_id", "purpose"] as const;
const MONEY = ["revenue", "in_cart_price", "price"] as const;

/** The thing that is named, and the amount if there is one; "" when the values tell neither. */
export function about(name: string, values: Readonly<Record<string, unknown>>, formats: Formats): string {
  if (name === "view") return text(values.title) || path(values.url);
  if (name === "identify") return [text(values.name), text(values.user_id)].filter(Boolean).join(" · ");
  if (name === "consent") return [text(values.purpose), text(values.state)].filter(Boolean).join(": ");
  const named = NAMED.map((key) => text(values[key])).find(Boolean);
  const amount = MONEY.map((key) => values[key]).find((value) => typeof value === "number" && value !== 0);
  const parts = [named ?? "", typeof amount === "number" ? formats.number(amount) : ""];
  if (parts.some(Boolean)) return parts.filter(Boolean).join(" · ");
  if (name === "cart" || name === "_live_record_start") return "";
  const first = Object.entries(values).find(
    ([key, value]) => key !== "reservation" && ["string", "number"].includes(typeof value),
  );
  return first ? String(first[1]) : "";
}

/** The part of an address after the host. */
export function path(url: unknown): string {
  if (typeof url !== "string") return "";
  try {
    const address = new URL(url);
    return decodeURIComponent(address.pathname) + address.search;
  } catch {
    return url;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
