/** Draws one message in a page of its own, as the tag draws it on a site: the same frame, the same markup, the same script.
 *
 * The page is the console's `/preview`, in a sandboxed frame: it belongs to no site, and all it hears or says are the messages
 * below, to and from the window that holds it. Nothing that happens in it is recorded anywhere.
 */

import { clock, mark } from "./clock";
import { Delivery, type Desk, type Place } from "./delivery";
import { openStorage } from "./storage";
import * as tools from "./tools";
import type { Widget } from "./widget";
import type { Display, Message, Values } from "./wire";

/** What the console asks for. `site` is where pictures with a relative address are found. */
interface Asked {
  draw: Pick<Message, "kind" | "html" | "css" | "script" | "display"> | null;
  language: string;
  theme: "light" | "dark";
  site: string;
  /** Nothing moves, and nothing can be pressed. */
  still?: boolean;
  /** The screen to show, of those that it has. */
  state?: string;
  /** Another number: from the beginning, as if it had just come. */
  again?: number;
}

/** What the console is told. */
type Told =
  | { did: "ready" }
  | { did: "drawn"; states: string[]; state: string }
  | { did: "state"; state: string }
  | { did: "closed"; by: string }
  | { did: "recorded"; name: string; values: Values }
  | { did: "failed"; message: string };

const RESERVATION = "preview";
const outer = window.parent;
const root = document.documentElement;
const never = new Set(["_message_open", "_release", "_visibility"]);

let current: Delivery | undefined;
/** The look of the message that stands, so that typing does not make it come in again with each letter. */
let standing = "";
let times = 0;

const tell = (told: Told) => outer.postMessage({ omotenashi: told }, "*");

const desk: Desk = {
  record(name, values) {
    const { reservation: _, ...rest } = values;
    if (name === "_message_close") tell({ did: "closed", by: String(rest["by"] ?? "") });
    else if (name === "_message_state_changed") tell({ did: "state", state: String(rest["state"] ?? "") });
    else if (name === "_error") tell({ did: "failed", message: String(rest["message"] ?? "") });
    else if (!never.has(name)) tell({ did: "recorded", name, values: rest });
    return Promise.resolve({ ok: true });
  },
  send: () => undefined,
  tell: () => undefined,
  language: () => root.lang,
  storage: openStorage(() => {
    throw new Error("A preview remembers nothing.");
  }),
  guard: () => Promise.resolve(undefined),
  tools: () => Promise.resolve(tools),
};

const place: Place = {
  page: document,
  time: clock,
  desk,
  moment: () => ({ waited: Number.POSITIVE_INFINITY, idle: Number.POSITIVE_INFINITY, out: true, returned: true }),
  others: () => [],
  ended: () => undefined,
};

/** Where it stands, without when it would. */
function placed({ position, margin, phone, manual, embed }: Display): Display {
  const there = embed && document.querySelector(selectable(embed.selector)) === null ? { selector: "main", place: "prepend" as const } : embed;
  return JSON.parse(JSON.stringify({ position, margin, phone, manual, embed: there })) as Display;
}

function selectable(selector: string): string {
  try {
    document.createDocumentFragment().querySelector(selector);
    return selector;
  } catch {
    return ":not(*)";
  }
}

async function draw({ draw, language, theme, site, still = false, state, again = 0 }: Asked): Promise<void> {
  const shown = current?.state ?? "";
  if (again !== times) standing = "";
  times = again;
  current?.drop();
  current = undefined;
  root.lang = language;
  root.setAttribute("data-omotenashi-theme", theme);
  root.toggleAttribute("data-still", still);
  addressed(site);
  if (draw === null) return;
  const look = JSON.stringify([draw.kind, draw.css, draw.display, language]);
  const message: Message = {
    ...draw,
    reservation: RESERVATION,
    campaign: RESERVATION,
    action: RESERVATION,
    until: 0,
    validMs: 2 ** 31 - 1,
    display: placed(draw.display ?? {}),
  };
  const delivery = (current = new Delivery(message, mark(clock), place));
  await Promise.resolve(); // the tools come in a microtask
  await Promise.resolve();
  if (delivery !== current) return;
  delivery.look();
  const { frame } = delivery;
  const same = look === standing;
  standing = look;
  if (frame && (still || same)) settle(frame.root, still);
  const wanted = state ?? (same ? shown : "");
  const states = [...(frame?.root.querySelectorAll("[data-omotenashi-state]") ?? [])].map((one) => one.getAttribute("data-omotenashi-state") ?? "");
  if (wanted && states.includes(wanted)) delivery.setState(wanted);
  tell({ did: "drawn", states, state: delivery.state });
}

/** Where it will stand when its entrance is over; what goes on for ever stops, in a still one. */
function settle(shadow: ShadowRoot, still: boolean): void {
  for (const one of shadow.getAnimations?.() ?? []) {
    if (Number(one.effect?.getComputedTiming().endTime) < Number.POSITIVE_INFINITY) one.finish();
    else if (still) one.pause();
  }
}

function addressed(site: string): void {
  let base = document.querySelector("base");
  if (site === "") return base?.remove();
  if (base === null) document.head.append((base = document.createElement("base")));
  if (base.href !== site) base.href = site;
}

/** Whoever types beside the preview keeps the cursor: a message may take the focus only from itself. */
const focus = HTMLElement.prototype.focus;
HTMLElement.prototype.focus = function (this: HTMLElement, options?: FocusOptions) {
  if (document.hasFocus()) focus.call(this, options);
};

/** Links lead nowhere from here, after the message was told of the press. */
document.addEventListener("click", (event) => {
  const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement && one.hasAttribute("href"));
  if (link) event.preventDefault();
});
document.addEventListener("submit", (event) => event.preventDefault());
addEventListener("resize", () => current?.fit());
document.addEventListener("visibilitychange", () => current?.look());
addEventListener("message", (event: MessageEvent<{ omotenashi?: Asked } | undefined>) => {
  if (event.source === outer && event.data?.omotenashi) void draw(event.data.omotenashi);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && current?.open && current.message.kind !== "embed") current.close("escape");
});

(window as { omotenashi?: { message(reservation: string): Widget | undefined } }).omotenashi = {
  message: (reservation) => (reservation === RESERVATION ? current?.call() : undefined),
};
tell({ did: "ready" });
