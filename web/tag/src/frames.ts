/** A page inside a page: which of the two tags measures. */

import type { Omotenashi } from "./index";

/**
 * The tag of a page of the same site around this one, if there is one: it is told what happens in here, so that one
 * visit to one page is one view. A page of another site around this one keeps its own secrets.
 */
export function around(inner: Window): Omotenashi | undefined {
  try {
    const { omotenashi } = inner.top as Window & { omotenashi?: Omotenashi };
    return typeof omotenashi === "function" ? omotenashi : undefined;
  } catch {
    return undefined;
  }
}
