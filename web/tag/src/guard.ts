/** Whether a message stands in the way: of the page's links, buttons and fields, of protected places, of another message. */

import type { Position } from "./wire";

/** A message on the page. `others` are the hosts of the other open messages. */
export interface Framed {
  host: Element;
  element: HTMLElement;
  modal: boolean;
  others: Element[];
}

/**
 * Something that is covered. `document.querySelector(selector)` finds it; inside an open shadow root the selectors of
 * the hosts come first, joined by " >>> ". `share` of its visible area, 0 to 1. `message`: the action of another message.
 */
export interface Conflict {
  selector: string;
  share: number;
  message?: string;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const ENOUGH = 0.3;
const MOST_POINTS = 120;
const FEWEST_POINTS = 2;
const POINTS_TIMES_ELEMENTS = 60_000;
const PROBE = 48;
const LARGE_PAGE = 5_000;
const MANY = 64;
const MOST_CANDIDATES = 24;
const MOST_TOLD = 6;
const SMALLEST = 4;
const LONGEST_VALUE = 60;

const CONTROL =
  'a[href],button,input,select,textarea,summary,label,[role=button],[role=link],[role=checkbox],[role=tab],[role=switch],[onclick],[tabindex]:not([tabindex^="-"])';
const CORNERS: Position[] = ["bottom-right", "bottom-left", "top-right", "top-left", "bottom", "top", "right", "left"];
const EDGES: Position[] = ["bottom", "top"];

/** Reads the page as it stands and changes nothing; protected places come first, then other messages, then by share. */
export function conflicts(frame: Framed, page: Document, protect: readonly string[]): Conflict[] {
  return new Look(frame, page).conflicts(protect);
}

/**
 * Moves the message to the first place, in a fixed order, where it is in nobody's way; leaves it where it was and
 * returns undefined when there is none.
 */
export function freeCorner(frame: Framed, page: Document, protect: readonly string[]): Position | undefined {
  const stage = frame.element.parentElement;
  if (stage === null || frame.modal) return undefined;
  const before = stage.getAttribute("data-position") ?? "";
  for (const position of stage.getAttribute("data-kind") === "bar" ? EDGES : CORNERS) {
    if (position === before) continue;
    stage.setAttribute("data-position", position);
    if (conflicts(frame, page, protect).length === 0) return position;
  }
  stage.setAttribute("data-position", before);
  return undefined;
}

/**
 * One look at the page. Asking what lies at a point takes the browser longer the more elements there are, milliseconds
 * for 50,000; asking where an element stands takes microseconds. So geometry finds what may be covered, points confirm
 * it, and a large page is asked for fewer of them.
 */
class Look {
  private readonly elements: number;
  private points: number;
  private readonly window: Box;
  private readonly box: Box;

  constructor(
    private readonly frame: Framed,
    private readonly page: Document,
  ) {
    const { clientWidth, clientHeight } = page.documentElement;
    const view = page.defaultView;
    this.window = { left: 0, top: 0, right: view?.innerWidth ?? clientWidth, bottom: view?.innerHeight ?? clientHeight };
    this.box = within(this.window, frame.element.getBoundingClientRect());
    this.elements = page.getElementsByTagName("*").length;
    this.points = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.round(POINTS_TIMES_ELEMENTS / this.elements)));
  }

  conflicts(protect: readonly string[]): Conflict[] {
    const { frame, page } = this;
    const told: Conflict[] = [];
    const tell = (selector: string, share: number, message?: string) => {
      if (told.length === MOST_TOLD || share < ENOUGH || told.some((one) => one.selector === selector)) return;
      told.push({ selector, share: Math.round(share * 100) / 100, ...(message === undefined ? {} : { message }) });
    };
    for (const selector of protect) {
      for (const [area, share] of this.confirmed(matching(page, selector), frame.modal ? this.window : this.box)) {
        tell(page.querySelector(selector) === area ? selector : selectorOf(area), share);
      }
    }
    for (const other of frame.others) {
      const message = other.getAttribute("data-omotenashi-message") ?? "";
      tell(`[data-omotenashi-message="${message}"]`, this.overlap(other), message);
    }
    if (frame.modal) return told; // what lies behind a modal is not to be pressed anyway
    for (const [area, share] of this.confirmed(this.controls(), this.box)) {
      tell(selectorOf(area instanceof HTMLLabelElement && area.control ? area.control : area), share);
    }
    return told;
  }

  /** What a visitor could press somewhere under the message. */
  private controls(): Element[] {
    const found = new Set<Element>();
    const consider = (element: Element, box: Box = this.box) => {
      if (size(within(box, this.box)) > 0 && found.size < MOST_CANDIDATES && element.matches(CONTROL) && this.usable(element)) found.add(element);
    };
    // Fixed bars stand anywhere in the tree, also in parts that are far from the window.
    const step = Math.max(PROBE, Math.sqrt((2 * size(this.box)) / this.points));
    for (let y = this.box.top + step / 2; y < this.box.bottom; y += step) {
      for (let x = this.box.left + step / 2; x < this.box.right; x += step) {
        for (let at = this.under(x, y); at !== null; at = parent(at)) consider(at);
      }
    }
    if (this.elements < LARGE_PAGE) {
      for (const control of this.page.querySelectorAll(CONTROL)) consider(control, control.getBoundingClientRect());
    }
    let asked = 0;
    const descend = (tree: Element | ShadowRoot) => {
      for (const child of near(tree.children, this.box)) {
        const box = child.getBoundingClientRect();
        const empty = box.width === 0 || box.height === 0;
        if (++asked > MANY * MOST_CANDIDATES || (!empty && size(within(box, this.box)) === 0)) continue;
        consider(child, box);
        if (child.shadowRoot !== null && child !== this.frame.host && !this.frame.others.includes(child)) descend(child.shadowRoot);
        if (child.childElementCount > 0) descend(child);
      }
    };
    descend(this.page.body);
    return [...found];
  }

  private usable(element: Element): boolean {
    const { body, documentElement } = this.page;
    const target = element instanceof HTMLLabelElement ? element.control : element;
    if (target === null || element === body || element === documentElement) return false;
    return !target.matches(":disabled,[aria-disabled=true]");
  }

  /** Those that are covered enough, with their share, the worst first. */
  private confirmed(areas: Element[], box: Box): [area: Element, share: number][] {
    const covered: [Element, number, Box][] = [];
    for (const area of areas) {
      if (!shown(area) || area.contains(this.frame.host)) continue; // an embedded message stands in its page, not over it
      const boxes = this.visible(area);
      const parts = boxes.map((one) => within(one, box)).sort((a, b) => size(b) - size(a));
      const share = sum(parts) / sum(boxes);
      if (share >= ENOUGH && parts[0] !== undefined) covered.push([area, share, parts[0]]);
    }
    covered.sort((a, b) => b[1] - a[1]);
    const found: [Element, number][] = [];
    for (const [area, share, part] of covered) {
      if (found.length === MOST_TOLD || (this.points <= 0 && found.length > 0) || this.points < -FEWEST_POINTS) break;
      const certain = share * this.certainty(area, part);
      if (certain >= ENOUGH) found.push([area, certain]);
    }
    return found;
  }

  /** The part of up to five points where the message takes the pointer and this element would without it. */
  private certainty(area: Element, part: Box): number {
    const [wide, high] = [part.right - part.left, part.bottom - part.top];
    let asked = 0;
    let hits = 0;
    for (const [across, down] of [[0.5, 0.5], [0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]] as const) {
      if (asked > 0 && this.points <= 0) break;
      asked++;
      let at = this.under(part.left + wide * across, part.top + high * down);
      while (at !== null && at !== area) at = parent(at);
      if (at === area) hits++;
    }
    return hits / asked;
  }

  /** The page's element right under the message at this point, if the message takes the pointer there. */
  private under(x: number, y: number): Element | null {
    this.points--;
    const [top, next] = this.page.elementsFromPoint(x, y);
    return top === this.frame.host && next !== undefined && !this.frame.others.includes(next) ? deepest(next, x, y) : null;
  }

  /** The boxes of an element as far as they are inside the window and everything that cuts them off. */
  private visible(area: Element): Box[] {
    let clip = this.window;
    for (let at: Element | null = area; at !== null && at !== this.page.body; at = parent(at)) {
      const style = getComputedStyle(at);
      if (at !== area && style.overflow !== "visible") clip = within(clip, at.getBoundingClientRect());
      if (style.position === "fixed") break;
    }
    const own = Array.from(area.getClientRects());
    const inner = Array.from(area.children).slice(0, MOST_TOLD).map((child) => child.getBoundingClientRect());
    const all = own.length > 1 ? own : [around([...own, ...inner.filter((one) => one.width > 0 && one.height > 0)])];
    return all.map((one) => within(one, clip));
  }

  /** How much of the lower of two messages lies under the upper one. */
  private overlap(host: Element): number {
    const element = host.shadowRoot?.querySelector(".omo-frame");
    if (!element) return 0;
    const its = within(this.window, element.getBoundingClientRect());
    const both = within(this.box, its);
    if (size(both) === 0) return 0;
    const order = this.page.elementsFromPoint((both.left + both.right) / 2, (both.top + both.bottom) / 2);
    const [mine, theirs] = [order.indexOf(this.frame.host), order.indexOf(host)];
    return mine < 0 || theirs < 0 ? 0 : size(both) / size(mine < theirs ? its : this.box);
  }
}

/**
 * The children that may stand in the box. Long lists run down the page, so halving finds the place; what a page adds at
 * either end, such as bars and dialogs, is looked at anyway.
 */
function near(children: HTMLCollection, box: Box): Element[] {
  const all = Array.from(children);
  if (all.length <= MANY * 2) return all;
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.getBoundingClientRect().bottom ?? 0) <= box.top) low = middle + 1;
    else high = middle;
  }
  return [...new Set([...all.slice(0, 16), ...all.slice(Math.max(0, low - 16), low + MANY), ...all.slice(-16)])];
}

function within(one: Box, other: Box): Box {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

function around(boxes: Box[]): Box {
  return {
    left: Math.min(...boxes.map((one) => one.left)),
    top: Math.min(...boxes.map((one) => one.top)),
    right: Math.max(...boxes.map((one) => one.right)),
    bottom: Math.max(...boxes.map((one) => one.bottom)),
  };
}

function size(box: Box): number {
  return box.right > box.left && box.bottom > box.top ? (box.right - box.left) * (box.bottom - box.top) : 0;
}

function sum(boxes: Box[]): number {
  return boxes.reduce((all, box) => all + size(box), 0);
}

/** Large enough to be seen, and painted; file pickers and the like lie transparent over what stands for them. */
function shown(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  const painted = element.checkVisibility?.({ opacityProperty: !(element instanceof HTMLInputElement), visibilityProperty: true });
  return painted !== false && ((width >= SMALLEST && height >= SMALLEST) || element.childElementCount > 0);
}

/** The element at this point, looked for inside open shadow roots too. */
function deepest(element: Element, x: number, y: number): Element {
  for (let root = element.shadowRoot; root !== null; root = element.shadowRoot) {
    const inner = root.elementsFromPoint(x, y).find((one) => one.getRootNode() === root);
    if (inner === undefined) break;
    element = inner;
  }
  return element;
}

/** One step up the tree as it is rendered: through slots and out of shadow roots. */
function parent(element: Element): Element | null {
  const root = element.getRootNode();
  return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

function matching(page: Document, selector: string): Element[] {
  try {
    return Array.from(page.querySelectorAll(selector)).slice(0, MOST_CANDIDATES);
  } catch {
    return []; // a project's selector that this browser does not know
  }
}

/** A short name that finds the element again, made of what a site's next release is likely to keep. */
export function selectorOf(element: Element): string {
  const root = element.getRootNode() as Document | ShadowRoot;
  const before = root instanceof ShadowRoot ? `${selectorOf(root.host)} >>> ` : "";
  const known = names(element).find((name) => root.querySelector(name) === element);
  if (known !== undefined) return before + known;
  let path = step(element);
  for (let up = element.parentElement; up !== null && root.querySelector(path) !== element; up = up.parentElement) {
    const [name] = names(up);
    path = `${name !== undefined && root.querySelector(name) === up ? name : step(up)} > ${path}`;
  }
  return before + path;
}

/** Ids and classes that a build or a state wrote: numbers, hashes, prefixes of styling libraries. */
const PASSING = /\d{3}|[:\s]|^(?:css|sc|jsx|svelte|is|has)-|(?:^|[-_])(?=[a-z\d]{5,}$)[a-z\d]*\d[a-z]|^(?:active|open|selected|hover|focus)$/i;
const PASSING_DATA = /^data-(?:v-|omotenashi|react|state|open|active|index|loaded)/;

function names(element: Element): string[] {
  const tag = element.localName;
  const found: string[] = [];
  if (element.id !== "" && !PASSING.test(element.id)) found.push(`#${CSS.escape(element.id)}`);
  const told = element.getAttributeNames().filter((name) => name.startsWith("data-") && !PASSING_DATA.test(name));
  for (const name of [...told, "name", "aria-label", ...(tag === "a" ? ["href"] : [])]) {
    const value = element.getAttribute(name);
    if (value && value.length <= LONGEST_VALUE && !/["\\\n]/.test(value)) found.push(`${tag}[${name}="${value}"]`);
  }
  const plain = plainStep(element);
  if (plain !== tag) found.push(plain);
  return found;
}

function plainStep(element: Element): string {
  const lasting = Array.from(element.classList).filter((one) => !PASSING.test(one));
  return [element.localName, ...lasting.slice(0, 2).map((one) => CSS.escape(one))].join(".");
}

function step(element: Element): string {
  const plain = plainStep(element);
  const siblings = Array.from(element.parentElement?.children ?? []).filter((one) => one.localName === element.localName);
  const alone = siblings.filter((one) => one.matches(plain)).length < 2;
  return alone ? plain : `${plain}:nth-of-type(${siblings.indexOf(element) + 1})`;
}
