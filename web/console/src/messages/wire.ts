/** What the console and the page that draws messages (`/preview`) say to each other; the other half is web/tag/src/preview.ts. */

import type { Schemas } from "@/api/client";

/** A message as a visitor's page would be sent it. */
export type WireMessage = Pick<Schemas["ShownMessage"], "kind" | "html" | "css" | "script"> & { display: unknown };

/** What the page is asked to draw. `site` is where pictures with a relative address are found. */
export interface Drawing {
  draw: WireMessage | null;
  language: string;
  theme: "light" | "dark";
  site: string;
  still?: boolean;
  state?: string;
  /** Another number draws it from the beginning. */
  again?: number;
}

/** What the page tells. It comes out of somebody's script: nothing of it is trusted, and all of it is shown as text. */
export type Told =
  | { did: "ready" }
  | { did: "drawn"; states: string[]; state: string }
  | { did: "state"; state: string }
  | { did: "closed"; by: string }
  | { did: "recorded"; name: string; values: Record<string, unknown> }
  | { did: "failed"; message: string };

const text = (value: unknown) => (typeof value === "string" ? value.slice(0, 500) : "");

/** What was told, if it is something that can be told. */
export function heard(data: unknown): Told | undefined {
  const told = (data as { omotenashi?: Record<string, unknown> } | null)?.omotenashi;
  switch (told?.did) {
    case "ready":
      return { did: "ready" };
    case "drawn":
      return {
        did: "drawn",
        states: Array.isArray(told.states) ? told.states.slice(0, 50).map(text).filter(Boolean) : [],
        state: text(told.state),
      };
    case "state":
      return { did: "state", state: text(told.state) };
    case "closed":
      return { did: "closed", by: text(told.by) };
    case "failed":
      return { did: "failed", message: text(told.message) };
    case "recorded": {
      const values = told.values;
      return {
        did: "recorded",
        name: text(told.name),
        values: values && typeof values === "object" ? (values as Record<string, unknown>) : {},
      };
    }
    default:
      return undefined;
  }
}
