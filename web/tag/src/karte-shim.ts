/** KARTE's two ways to speak, `tracker.track(...)` and `krt("send", ...)`, said again in our own verbs. */

import { openCookies } from "./cookies";
import { OPT_OUT, optedOut, VISITOR_COOKIE } from "./identity";
import { listen, quiet } from "./quiet";
import type { Sent } from "./sender";
import { openStorage } from "./storage";
import type { Values } from "./wire";

type Call = unknown[];
type Speaking = ((...call: Call) => Promise<Sent>) & { q?: [Call, (sent: Sent) => void][] };
type Heard = (sent: Sent) => void;

/** KARTE's first stub: an array of `["method", ...arguments]` that also has the methods. */
type Tracker = Call[] & Record<string, unknown> & { api_key?: string };

/** KARTE's second stub: `q` waits for `x`; `o` is "allow" or "deny" once the page has said so. */
type Krt = ((...call: Call) => unknown) & {
  q?: Call[];
  x?: (...call: Call) => void;
  o?: string;
  allow?: () => void;
  deny?: () => void;
};

type Page = Window & typeof globalThis & { omotenashi?: Speaking; karte_tracker_names?: string[] } & Record<string, unknown>;

/** All that KARTE's first stub offers; what we do not know is heard and nothing more. */
const METHODS =
  "init start stop user track action event goal chat buy page view admin group alias ready link form click submit cmd emit on send css js style option get set collection".split(
    " ",
  );
const OURS = ["view", "identify", "attribute"];
const OPT_OUT_SECONDS = 5 * 365 * 24 * 60 * 60;

const host = window as unknown as Page;
const own = document.currentScript as HTMLScriptElement | null;
let started = false;

function speak(...call: Call): Promise<Sent> {
  host.omotenashi ??= stub();
  return host.omotenashi(...call);
}

/** Ours: remembers calls until the tag, further down in this very file, takes over. */
function stub(): Speaking {
  const waiting: Speaking = (...call) => new Promise((resolve) => (waiting.q ??= []).push([call, resolve]));
  return waiting;
}

/** Dates travel as seconds, as KARTE has them in fields named `..._date`. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return Math.floor(value.getTime() / 1000);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** One event of KARTE's, by its name. */
function send(name: unknown, given: unknown, heard: Heard | undefined): void {
  const event = String(name);
  const values = (typeof given === "object" && given !== null ? plain(given) : {}) as Values;
  const said = OURS.includes(event) ? speak(event, values) : speak("track", event, values);
  if (heard !== undefined) void said.then(quiet("callback", heard));
}

function tracked(method: string, args: Call): void {
  const heard = args.find((one): one is Heard => typeof one === "function");
  if (method === "track") send(args[0], args[1], heard);
  else if (method === "user") send("identify", args[0], heard);
  else if (method === "view" || method === "buy") send(method, args[0], heard);
  else if (method === "ready" && heard !== undefined) quiet("callback", heard)({ ok: true });
}

function sent(call: Call): void {
  const [verb, name, values, heard] = call;
  if (verb === "send") send(name, values, typeof heard === "function" ? (heard as Heard) : undefined);
}

/** Takes over the stubs: what they remember is said now, in order, and what they hear from here on at once. */
function takeOver(trackers: Tracker[], krt: Krt | undefined): void {
  for (const tracker of trackers) {
    const remembered = [...tracker];
    tracker.length = 0;
    for (const method of METHODS) tracker[method] = quiet("tracker", (...args: Call) => tracked(method, args));
    for (const [method, ...args] of remembered) quiet("tracker", tracked)(String(method), args);
  }
  if (krt === undefined) return;
  krt.x = quiet("krt", (...call: Call) => sent(call));
  for (const call of (krt.q ?? []).splice(0)) krt.x(...call);
}

function begin(key: string, trackers: Tracker[], krt: Krt | undefined): void {
  started = true;
  // KARTE sends one view when it loads; those of a single-page site are the page's own words.
  void speak("init", { key, autoView: false, endpoint: own?.dataset["endpoint"], cookieDomain: own?.dataset["cookieDomain"] });
  takeOver(trackers, krt);
  const page = document as Document & { prerendering?: boolean };
  const view = () => void speak("view");
  if (page.prerendering === true) listen(page, "prerenderingchange", view, { once: true });
  else view();
  listen(window, "pageshow", (event) => (event as PageTransitionEvent).persisted && view());
}

quiet("karte", () => {
  const cookies = openCookies(document, location.hostname, location.protocol === "https:", own?.dataset["cookieDomain"]);
  const storage = openStorage(() => localStorage);
  const names = host.karte_tracker_names ?? ["tracker"];
  const trackers = names.map((name) => host[name]).filter((one): one is Tracker => Array.isArray(one));
  const global = own?.dataset["global"] ?? "krt";
  const krt = typeof host[global] === "function" ? (host[global] as Krt) : undefined;
  const key = own?.dataset["key"] ?? (own && new URL(own.src).searchParams.get("key")) ?? trackers[0]?.api_key;
  if (!key) {
    console.warn("Omotenashi: karte.js needs the project's public key: <script src=\".../karte.js\" data-key=\"pk_...\">");
    return;
  }
  if (cookies.get("krt_oo") === "1" && !optedOut(cookies, storage)) {
    // who has opted out of KARTE on this site stays alone
    storage.set(OPT_OUT, "1");
    cookies.set(OPT_OUT, "1", OPT_OUT_SECONDS);
  }
  const visitor = cookies.get("krt.vis");
  const known = cookies.get(VISITOR_COOKIE) ?? storage.get(VISITOR_COOKIE);
  const denied = krt?.o === "deny";
  if (visitor !== null && known === null && !denied && !optedOut(cookies, storage)) storage.set(VISITOR_COOKIE, visitor);
  if (krt !== undefined) {
    krt.deny = quiet("deny", () => {
      krt.o = "deny";
      if (started) void speak("optOut");
    });
    krt.allow = quiet("allow", () => {
      krt.o = "allow";
      if (started) return void speak("optIn");
      for (const unheard of [...trackers, krt.q ?? []]) unheard.length = 0; // nobody had agreed to it
      begin(key, trackers, krt);
    });
  }
  if (!denied) begin(key, trackers, krt);
})();
