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

/** A covered element is told under another's name where it only serves that one: a label and its field. */
interface Candidate {
  area: Element;
  target: Element;
}

const ENOUGH = 0.3;
const STEP = 16;
const MOST_POINTS = 360;
const MOST_CANDIDATES = 24;
const MOST_TOLD = 8;
const SAMPLES = 5;
const SMALLEST = 4;
const LONGEST_VALUE = 60;

const CONTROL =
  'a[href],button,input,select,textarea,summary,label,[role=button],[role=link],[role=checkbox],[role=tab],[role=switch],[onclick],[tabindex]:not([tabindex^="-"])';
const CORNERS: Position[] = ["bottom-right", "bottom-left", "top-right", "top-left", "bottom", "top", "right", "left"];
const EDGES: Position[] = ["bottom", "top"];

/** Reads the page as it stands and changes nothing; the worst come first, protected places before all others. */
export function conflicts(frame: Framed, page: Document, protect: readonly string[]): Conflict[] {
  const box = clipped([frame.element], page);
  const told: Conflict[] = [];
  const tell = (selector: string, share: number, message?: string | null) => {
    if (share < ENOUGH || told.some((one) => one.selector === selector)) return;
    told.push({ selector, share: Math.round(share * 100) / 100, ...(message ? { message } : {}) });
  };
  const measured = (candidates: Candidate[]) =>
    candidates
      .map(({ area, target }) => ({ target, share: covered(area, frame.host, page) }))
      .filter(({ share }) => share >= ENOUGH)
      .sort((a, b) => b.share - a.share)
      .slice(0, MOST_TOLD);

  for (const selector of protect) {
    const guarded = matching(page, selector).filter((one) => !frame.host.contains(one) && shown(one));
    for (const { target, share } of measured(guarded.map((area) => ({ area, target: area })))) {
      tell(page.querySelector(selector) === target ? selector : selectorOf(target), share);
    }
  }
  for (const other of frame.others) {
    tell(...overlap(frame, box, other, page));
  }
  if (!frame.modal) for (const { target, share } of measured(beneath(box, frame, page))) tell(selectorOf(target), share);
  return told.slice(0, MOST_TOLD);
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

/** What a visitor could press under the message, found by looking through it at a grid of points. */
function beneath(box: Box, frame: Framed, page: Document): Candidate[] {
  const found = new Map<Element, Candidate>();
  const step = Math.max(STEP, Math.sqrt(((box.right - box.left) * (box.bottom - box.top)) / MOST_POINTS) || 0);
  for (const [x, y] of points(box, step, step)) {
    const [top, next] = page.elementsFromPoint(x, y);
    if (top !== frame.host || next === undefined || frame.others.includes(next)) continue;
    let area: Element | null = deepest(next, x, y);
    while (area !== null && !area.matches(CONTROL)) area = parent(area);
    if (area === null || area === page.body || area === page.documentElement || found.has(area)) continue;
    const target = area instanceof HTMLLabelElement ? area.control : area;
    if (target === null || target.matches(":disabled,[aria-disabled=true]") || !shown(area)) continue;
    found.set(area, { area, target });
    if (found.size === MOST_CANDIDATES) break;
  }
  return [...found.values()];
}

/** The share of an element's visible area that lies under the message. */
function covered(area: Element, host: Element, page: Document): number {
  const box = clipped([area, ...Array.from(area.children).slice(0, MOST_TOLD)], page);
  let visible = 0;
  let hidden = 0;
  for (const [x, y] of points(box, (box.right - box.left) / SAMPLES, (box.bottom - box.top) / SAMPLES)) {
    const [top, next] = page.elementsFromPoint(x, y);
    let hit: Element | null | undefined = top === host ? next : top;
    if (hit === undefined) continue;
    hit = deepest(hit, x, y);
    while (hit !== null && hit !== area) hit = parent(hit);
    if (hit === null) continue;
    visible++;
    if (top === host) hidden++;
  }
  return visible === 0 ? 0 : hidden / visible;
}

/** How much of two messages' frames lies one over the other, measured on the lower one. */
function overlap(frame: Framed, box: Box, host: Element, page: Document): [string, number, string | null] {
  const message = host.getAttribute("data-omotenashi-message");
  const told = (share: number): [string, number, string | null] => [`[data-omotenashi-message="${message}"]`, share, message];
  const element = host.shadowRoot?.querySelector(".omo-frame");
  if (!element) return told(0);
  const its = clipped([element], page);
  const both = within(box, its);
  const common = size(both);
  if (common === 0) return told(0);
  const order = page.elementsFromPoint((both.left + both.right) / 2, (both.top + both.bottom) / 2);
  const [mine, theirs] = [order.indexOf(frame.host), order.indexOf(host)];
  if (mine < 0 || theirs < 0) return told(0);
  return told(common / size(mine < theirs ? its : box));
}

function* points(box: Box, across: number, down: number): Generator<[x: number, y: number]> {
  if (size(box) === 0) return;
  for (let y = box.top + down / 2; y < box.bottom; y += down) {
    for (let x = box.left + across / 2; x < box.right; x += across) yield [x, y];
  }
}

/** The box around these elements, as far as it is inside the window. */
function clipped(elements: Element[], page: Document): Box {
  const boxes = elements.map((element) => element.getBoundingClientRect()).filter((one) => one.width > 0 && one.height > 0);
  const view = page.documentElement;
  const around = {
    left: Math.min(...boxes.map((one) => one.left)),
    top: Math.min(...boxes.map((one) => one.top)),
    right: Math.max(...boxes.map((one) => one.right)),
    bottom: Math.max(...boxes.map((one) => one.bottom)),
  };
  const width = page.defaultView?.innerWidth ?? view.clientWidth;
  const height = page.defaultView?.innerHeight ?? view.clientHeight;
  return within(around, { left: 0, top: 0, right: width, bottom: height });
}

function within(one: Box, other: Box): Box {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

function size(box: Box): number {
  return box.right > box.left && box.bottom > box.top ? (box.right - box.left) * (box.bottom - box.top) : 0;
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
