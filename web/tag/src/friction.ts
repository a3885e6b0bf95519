/** What `friction.js` exports: it notices where a page makes trouble, and says so in events. Loaded where a project wants it.
 *
 * It says where and how often, never what was entered, read or written there: no text of the page, no value, no message of an
 * error, no query of an address. */

import { listen, quiet } from "./quiet";
import type { Tag } from "./tag";

export interface FrictionFile {
  watch(tag: Tag): void;
}

type Values = Record<string, unknown>;
type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };
type Slow = PerformanceEntry & { interactionId?: number };

/** Events of one name a page view may send. */
const MOST = 5;
const RAGE_CLICKS = 3;
const RAGE_MS = 1_000;
const RAGE_PX = 30;
const DEAD_MS = 1_000;
const QUICK_MS = 5_000;
const LEFT = "_omo.left_page";
const PRESSABLE = "a[href],button,[role=button],[role=link],[role=tab],[onclick],input[type=button],input[type=submit],summary";
/** What answers a click by itself, where the page cannot see it. */
const ANSWERS = "a[target],a[download],a[href^='mailto:'],a[href^='tel:'],[disabled],[aria-disabled=true],select,label";

let watched: Tag | undefined;
let page = "";
let said = new Map<string, number>();

function say(name: string, values: Values): void {
  const tag = watched;
  const now = tag?.running?.page.id;
  if (tag === undefined || now === undefined) return;
  if (now !== page) {
    page = now;
    said = new Map();
  }
  const times = said.get(name) ?? 0;
  if (times >= MOST) return;
  said.set(name, times + 1);
  void tag.track(name, values);
}

/** Where an element is, in names of tags, ids and classes; whatever could count or name somebody in them is a star. */
export function place(element: Element): string {
  const parts: string[] = [];
  for (let one: Element | null = element; one !== null && parts.length < 4 && one.localName !== "body"; one = one.parentElement) {
    const names = [...one.classList].slice(0, 2).map((name) => `.${name}`);
    parts.unshift(one.localName + (one.id ? `#${one.id}` : names.join("")));
    if (one.id) break;
  }
  return parts.join(" > ").replace(/[\w%+-]*@[\w.-]*|\d+/g, "*").slice(0, 200);
}

/** An address without its query, and without what in its path could be a number, a key or a name of somebody. */
export function masked(address: string): string {
  try {
    const { protocol, origin, pathname } = new URL(address, location.href);
    if (!protocol.startsWith("http")) return protocol;
    const path = pathname.split("/").map((part) => (/\d{3}|[@%]/.test(part) || part.length > 24 ? "*" : part));
    return (origin + path.join("/")).slice(0, 500);
  } catch {
    return "";
  }
}

/** Begins to watch. A second call changes nothing. */
export const watch = quiet("friction", (tag: Tag): void => {
  if (watched !== undefined) return;
  watched = tag;
  watchPresses();
  watchGoingBack(tag);
  watchForms(tag);
  watchErrors();
  watchRequests(tag);
  watchVitals(tag);
});

function watchPresses(): void {
  let presses: { at: number; x: number; y: number }[] = [];
  let raging = Number.NEGATIVE_INFINITY;
  listen(
    document,
    "click",
    (event) => {
      const { clientX: x, clientY: y, timeStamp: at, isTrusted } = event as MouseEvent;
      const target = event.composedPath()[0];
      if (!isTrusted || !(target instanceof Element) || (x === 0 && y === 0)) return; // the keyboard presses, too
      presses = [...presses.filter((one) => at - one.at < RAGE_MS && Math.hypot(one.x - x, one.y - y) < RAGE_PX), { at, x, y }];
      if (presses.length >= RAGE_CLICKS && at - raging > RAGE_MS && !target.closest("input,textarea,[contenteditable]")) {
        raging = at;
        say("_rage_click", { selector: place(target), clicks: presses.length });
      }
      const pressed = target.closest(PRESSABLE);
      if (pressed !== null && target.closest(ANSWERS) === null) awaitAnswer(pressed);
    },
    { capture: true, passive: true },
  );
}

/** A press is dead when nothing on the page moves, no address changes and nothing is asked of a server for a while. */
function awaitAnswer(pressed: Element): void {
  const address = location.href;
  const before = performance.now();
  let answered = false;
  const heard = (): void => {
    answered = true;
  };
  const seen = new MutationObserver(heard);
  seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const signs = ["scroll", "pagehide", "visibilitychange", "focusin", "submit", "selectionchange"];
  for (const sign of signs) document.addEventListener(sign, heard, true);
  window.addEventListener("pagehide", heard, true);
  setTimeout(
    quiet("friction", () => {
      seen.disconnect();
      for (const sign of signs) document.removeEventListener(sign, heard, true);
      window.removeEventListener("pagehide", heard, true);
      const asked = performance.getEntriesByType("resource").some((one) => one.startTime >= before && !own(one.name));
      if (!answered && !asked && location.href === address) say("_dead_click", { selector: place(pressed) });
    }),
    DEAD_MS,
  );
}

function own(address: string): boolean {
  return watched !== undefined && address.startsWith(`${watched.base || location.origin}/v1/`);
}

/** Somebody comes to a page, and is back within seconds. */
function watchGoingBack(tag: Tag): void {
  let since = tag.time.now() - Math.min(performance.now(), 2 ** 31);
  const look = (isBack: boolean) => {
    const [address, ms, at] = JSON.parse(sessionStorage.getItem(LEFT) ?? "[]") as [string?, number?, number?];
    sessionStorage.removeItem(LEFT);
    if (!isBack || address === undefined || address === masked(location.href) || ms === undefined || at === undefined) return;
    if (ms < QUICK_MS && tag.time.now() - at < QUICK_MS) say("_quick_back", { url: address, ms });
  };
  const [came] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  quiet("friction", look)(came?.type === "back_forward");
  listen(window, "pageshow", (event) => {
    if (!(event as PageTransitionEvent).persisted) return;
    since = tag.time.now();
    look(true);
  });
  listen(window, "pagehide", () => {
    if (tag.running === undefined) return;
    const now = tag.time.now();
    sessionStorage.setItem(LEFT, JSON.stringify([masked(location.href), Math.round(now - since), now]));
  });
}

/** A form in which something was entered, and which was never sent. */
function watchForms(tag: Tag): void {
  const entered = new Map<HTMLFormElement, { fields: Set<EventTarget>; last: Element }>();
  listen(
    document,
    "input",
    (event) => {
      const field = event.composedPath()[0];
      const form = field instanceof Element ? field.closest("form") : null;
      if (!event.isTrusted || form === null || form.role === "search") return;
      const about = entered.get(form) ?? { fields: new Set(), last: field as Element };
      about.fields.add(field as Element);
      about.last = field as Element;
      entered.set(form, about);
    },
    { capture: true, passive: true },
  );
  listen(document, "submit", (event) => entered.delete(event.target as HTMLFormElement), { capture: true });
  listen(window, "pagehide", () => {
    for (const [form, { fields, last }] of entered)
      say("_form_abandon", { form: place(form), fields: fields.size, last: place(last) });
    if (entered.size) tag.running?.sender.beacon();
    entered.clear();
  });
}

/** That something failed, and where. What an error says may be anything, also what somebody entered: it stays on the page. */
function watchErrors(): void {
  const tell = (kind: string, error: unknown, file = "", line = 0) => {
    const name = error instanceof Error ? error.constructor.name : "";
    say("_console_error", { kind, name, file: file && masked(file), line });
  };
  listen(window, "error", (event) => {
    if (!(event instanceof ErrorEvent)) return;
    tell("error", event.error, event.filename, event.lineno);
  });
  listen(window, "unhandledrejection", (event) => tell("promise", (event as PromiseRejectionEvent).reason));
  const written = console.error;
  console.error = function (this: unknown, ...args: unknown[]) {
    quiet("friction", tell)("console", args.find((one) => one instanceof Error));
    return written.apply(this as Console, args as []);
  };
}

function watchRequests(tag: Tag): void {
  const tell = quiet("friction", (method: string, address: string, status: number) => {
    if (!own(new URL(address, location.href).href)) say("_request_failed", { method: method.toUpperCase().slice(0, 20), url: masked(address), status });
  });
  const { fetch: fetched } = window;
  window.fetch = function (this: unknown, ...args: Parameters<typeof fetch>) {
    const asked = fetched.apply((this ?? window) as Window, args);
    const [what, how] = args;
    const isRequest = typeof what === "object" && "url" in what;
    const method = how?.method ?? (isRequest ? what.method : "GET");
    const address = isRequest ? what.url : String(what);
    asked.then(
      (answer) => answer.status >= 400 && tell(method, address, answer.status),
      (error: unknown) => (error as Error | undefined)?.name !== "AbortError" && tag.running?.page.visible && tell(method, address, 0),
    );
    return asked;
  };
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, method: string, address: string | URL, ...rest: unknown[]) {
    this.addEventListener("load", () => this.status >= 400 && tell(method, String(address), this.status));
    this.addEventListener("error", () => tell(method, String(address), 0));
    return (open as (...args: unknown[]) => void).call(this, method, address, ...rest);
  } as typeof open;
}

/** How soon the page stood, how much it moved, how slowly it answered: told once, when it is first hidden. */
function watchVitals(tag: Tag): void {
  const found: Record<"lcp" | "cls" | "inp", number | undefined> = { lcp: undefined, cls: undefined, inp: undefined };
  let moved = 0;
  let first = 0;
  let last = 0;
  const see = (type: string, run: (entry: PerformanceEntry) => void, more: object = {}) => {
    if (!PerformanceObserver.supportedEntryTypes?.includes(type)) return;
    new PerformanceObserver(quiet("friction", (list) => list.getEntries().forEach(run))).observe({ type, buffered: true, ...more });
  };
  see("largest-contentful-paint", ({ startTime }) => {
    found.lcp = startTime;
  });
  see("layout-shift", (entry) => {
    const { value, hadRecentInput, startTime } = entry as Shift;
    if (hadRecentInput) return;
    if (startTime - last > 1_000 || startTime - first > 5_000) [moved, first] = [0, startTime];
    last = startTime;
    moved += value;
    found.cls = Math.max(found.cls ?? 0, moved);
  });
  see("event", (entry) => (entry as Slow).interactionId && (found.inp = Math.max(found.inp ?? 0, entry.duration)), { durationThreshold: 40 });
  let told = false;
  const tell = () => {
    if (told || document.visibilityState !== "hidden") return;
    told = true;
    const [loaded] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    const ms = { lcp: found.lcp, inp: found.inp, fcp: painted?.startTime, ttfb: loaded?.responseStart };
    const whole = Object.entries(ms).flatMap(([name, value]) => (value === undefined ? [] : [[name, Math.round(value)]]));
    say("_web_vitals", { ...Object.fromEntries(whole), cls: Math.round((found.cls ?? 0) * 10_000) / 10_000 });
    tag.running?.sender.beacon();
  };
  listen(document, "visibilitychange", tell, { capture: true });
}
