/** A message inside the page's own text: put beside its anchor, and put back when the page renders itself again. */

import type { Clock } from "./clock";
import { find } from "./display";
import type { Embed } from "./wire";

export interface Embedded {
  /** Puts it where it belongs unless it is there. A page that keeps removing it is not answered at once each time. */
  keep(): void;
  remove(): void;
}

const OFTEN_MS = 90; // less than from one look of the messages to the next

export function embedded(host: HTMLElement, { selector, place }: Embed, page: Document, time: Clock): Embedded {
  const inside = place === "prepend" || place === "append";
  let anchor: HTMLElement | undefined;
  let uncover: (() => void) | undefined;
  let putAt = Number.NEGATIVE_INFINITY;

  const inPlace = () => {
    if (!anchor?.isConnected || (place === "replace" && anchor.style.display !== "none")) return false;
    return host.isConnected && host.parentNode === (inside ? anchor : anchor.parentNode);
  };
  /** Hidden, not removed: a framework that renders this element must find it again. */
  const cover = ({ style }: HTMLElement) => {
    const before = [style.getPropertyValue("display"), style.getPropertyPriority("display")] as const;
    style.setProperty("display", "none", "important");
    uncover = () => style.setProperty("display", ...before);
  };
  const put = () => {
    putAt = time.steady();
    anchor = find(page, selector)[0] as HTMLElement | undefined;
    if (anchor === undefined) return host.remove();
    if (inside) anchor[place](host);
    else anchor[place === "after" ? "after" : "before"](host);
    if (place === "replace" && anchor.style.display !== "none") cover(anchor);
  };

  return {
    keep() {
      if (!inPlace() && time.steady() - putAt >= OFTEN_MS) put();
    },
    remove() {
      uncover?.();
      host.remove();
    },
  };
}
