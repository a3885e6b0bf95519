/** When a message may open: the conditions of its display, judged on the page as it is now. */

import type { Display, Unmet } from "./wire";

/** What is known of the visitor at this moment. */
export interface Moment {
  /** Ms since the message arrived. */
  waited: number;
  /** Ms since the visitor last did anything. */
  idle: number;
  /** The pointer is outside, above the page. */
  out: boolean;
  /** The visitor has left the tab and come back since the message arrived. */
  returned: boolean;
}

/** A selector may match half the page. */
const MOST = 200;

/** The first condition that does not hold; undefined when all do. Whether the script has shown it is not judged here. */
export function unmet(display: Display, moment: Moment, page: Document): Unmet | undefined {
  const has = (selector: string) => find(page, selector).length > 0;
  if (moment.waited < (display.delayMs ?? 0)) return "delay";
  if (display.scrollPercent && scrolled(page) < display.scrollPercent) return "scroll";
  if (moment.idle < (display.idleMs ?? 0)) return "idle";
  if (display.visible && !find(page, display.visible).slice(0, MOST).some((element) => inWindow(element, page))) return "visible";
  if (display.exit && !moment.out) return "exit";
  if (display.returning && !moment.returned) return "returning";
  if (display.requires?.every(has) === false) return "requires";
  if (display.forbids?.some(has)) return "forbids";
  if (display.embed && !has(display.embed.selector)) return "anchor";
  return undefined;
}

/** True when a change of the page's elements can change what `unmet` answers. */
export function readsElements({ visible, requires, forbids, embed }: Display): boolean {
  return (visible ?? requires ?? forbids ?? embed) !== undefined;
}

/** The elements of a selector that somebody typed: none when the browser does not understand it. */
export function find(page: Document, selector: string): Element[] {
  try {
    return Array.from(page.querySelectorAll(selector));
  } catch {
    return [];
  }
}

/** How far down the bottom of the window is, in percent of the document. */
function scrolled(page: Document): number {
  const all = page.documentElement.scrollHeight;
  const view = page.defaultView;
  if (view === null || all <= view.innerHeight + 1) return 100;
  return Math.round(((view.scrollY + view.innerHeight) / all) * 100);
}

function inWindow(element: Element, page: Document): boolean {
  const box = element.getBoundingClientRect();
  const { innerWidth = 0, innerHeight = 0 } = page.defaultView ?? {};
  return box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
}
