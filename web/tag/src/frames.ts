/** A page inside a page: which of the two tags measures. */

import type { Omotenashi } from "./index";

/**
 * The tag of a page of the same site around this one, if there is one: it is told what happens in here, so that one
 * visit to one page is one view. A page of another site around this one keeps its own secrets.
 */
export function around(inner: Window): Omotenashi | undefined {
  const outside = () => (inner.top as Window & { omotenashi?: Omotenashi }).omotenashi;
  try {
    // asked anew for each call: so far it may be the stub, whose queue will have been emptied
    return typeof outside() === "function" ? (...call) => (outside() as Omotenashi)(...call) : undefined;
  } catch {
    return undefined;
  }
}
