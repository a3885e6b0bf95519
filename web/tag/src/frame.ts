/** How a message stands on the page: a shadow root of its own, reachable by keyboard, calm for those who ask. */

import type { Clock } from "./clock";
import { quiet } from "./quiet";
import { permitted, trusted } from "./script";
import type { Tools } from "./tools";
import type { Display, Message, Position } from "./wire";

export interface Frame {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly element: HTMLElement;
  /** Makes it visible; a modal takes the focus. */
  reveal(): void;
  /** Makes it invisible and gives the focus back. */
  conceal(): void;
  /** Takes the place that the display names for a window of this width. */
  stand(): void;
  /** Puts an embedded one back where it belongs. */
  keep(): void;
  /** Names the frame by the heading that can be seen. */
  name(): void;
  remove(): void;
}

/** Where a message stands. How it looks, and moves, comes with it. */
const STAGE = `
:host{all:initial!important;position:fixed!important;top:0!important;left:0!important;direction:ltr!important;color-scheme:light dark}
:host([data-theme=light]){color-scheme:light}
:host([data-theme=dark]){color-scheme:dark}
:host([hidden]),[hidden]{display:none!important}
.omo{position:fixed;inset:0;display:flex;box-sizing:border-box;padding:var(--omo-margin,16px);padding-bottom:calc(var(--omo-margin,16px) + env(safe-area-inset-bottom));pointer-events:none}
.omo[data-kind=modal]{pointer-events:auto;overflow:auto;overscroll-behavior:contain}
.omo-backdrop{position:fixed;inset:0;background:var(--omo-backdrop,rgba(20,20,18,.42))}
.omo-frame{position:relative;pointer-events:auto;outline:0;margin:auto;max-width:100%}
[data-kind=bar]>.omo-frame{width:100%}
[data-position^=top]>.omo-frame{margin-top:0}
[data-position^=bottom]>.omo-frame{margin-bottom:0}
[data-position$=left]>.omo-frame{margin-left:0}
[data-position$=right]>.omo-frame{margin-right:0}
.omo-x{position:absolute;top:8px;right:8px;width:40px;height:40px;border:0;background:none;color:inherit;font:22px/1 sans-serif}`;
const IN_THE_TEXT = `
:host{display:block!important;position:static!important}
.omo{position:static;display:block;padding:0}`;

const FOCUSABLE = 'a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex]:not([tabindex="-1"])';
/** Px; a window narrower than this takes the display of phones. */
const PHONE = 600;
const HIGHEST = 2147483000;

let above = 0;

/** Builds the message on the page. Nobody has seen it when this returns: it is painted after the task that called. */
export function build(message: Message, page: Document, time: Clock, language: string, tools: Tools | undefined, dismiss: () => void): Frame {
  const { kind, display = {} } = message;
  const modal = kind === "modal";
  const host = page.createElement("div");
  host.setAttribute("data-omotenashi-message", message.action);
  const theme = page.documentElement.getAttribute("data-omotenashi-theme");
  if (theme !== null) host.setAttribute("data-theme", theme);
  const root = host.attachShadow({ mode: "open" });
  const height = `:host{z-index:calc(${display.zIndex ?? `var(--omo-z,${HIGHEST})`} + ${above++})!important}`;
  dress(root, STAGE + (kind === "embed" ? IN_THE_TEXT : height) + (message.css ?? ""), page);

  const stage = page.createElement("div");
  stage.className = "omo";
  stage.dataset["kind"] = kind;
  const element = page.createElement("div");
  element.className = "omo-frame";
  element.tabIndex = -1;
  element.lang = language;
  element.setAttribute("role", modal ? "dialog" : "region");
  if (modal) element.setAttribute("aria-modal", "true");
  else if (kind !== "embed") element.setAttribute("aria-live", "polite");
  element.innerHTML = trusted(message.html ?? "", "createHTML");
  if (kind !== "embed" && element.querySelector("[data-omotenashi-close]") === null) element.append(cross(page, language));

  if (modal) {
    const backdrop = page.createElement("div");
    backdrop.className = "omo-backdrop";
    backdrop.addEventListener("click", dismiss);
    stage.append(backdrop);
    const held = quiet("tab", (event: Event) => hold(event as KeyboardEvent, root, element));
    root.addEventListener("keydown", held);
  }
  stage.append(element);
  root.append(stage);

  const embedded = display.embed && tools?.embedded(host, display.embed, page, time);
  let before: Element | null = null;
  const frame: Frame = {
    host,
    root,
    element,
    reveal() {
      before = page.activeElement;
      host.hidden = false;
      stage.dataset["open"] = "";
      if (modal) (element.querySelector<HTMLElement>("[autofocus]") ?? element).focus({ preventScroll: true });
    },
    conceal() {
      const had = page.activeElement === host;
      host.hidden = true;
      if ((modal || had) && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
    stand() {
      const { position, margin } = placement(kind, display, (page.defaultView?.innerWidth ?? PHONE) < PHONE);
      stage.dataset["position"] = position;
      if (margin !== undefined) stage.style.setProperty("--omo-margin", `${margin}px`);
      else stage.style.removeProperty("--omo-margin");
    },
    keep: () => embedded?.keep(),
    name() {
      const titles = [...element.querySelectorAll("h1,h2,h3,[data-omotenashi-title]")];
      const title = titles.find((one) => one.closest("[hidden]") === null);
      if (title === undefined) element.setAttribute("aria-label", language.startsWith("ja") ? "お知らせ" : "Message");
      else element.setAttribute("aria-labelledby", (title.id ||= `omo-title-${titles.indexOf(title)}`));
    },
    remove() {
      frame.conceal();
      if (embedded) embedded.remove();
      else host.remove();
    },
  };
  frame.stand();
  // beside the body, not in it: a body that is transformed, filtered or re-rendered takes nothing along
  if (embedded) embedded.keep();
  else page.documentElement.append(host);
  return frame;
}

function placement(kind: Message["kind"], display: Display, phone: boolean): { position: Position; margin: number | undefined } {
  const chosen = (phone ? display.phone?.position : undefined) ?? display.position;
  const margin = (phone ? display.phone?.margin : undefined) ?? display.margin;
  if (kind === "bar") return { position: chosen?.startsWith("bottom") ? "bottom" : "top", margin: margin ?? 0 };
  return { position: chosen ?? (kind === "modal" ? "center" : "bottom-right"), margin };
}

/** Tab and Shift+Tab stay inside an open modal. */
function hold(event: KeyboardEvent, root: ShadowRoot, element: HTMLElement): void {
  if (event.key !== "Tab") return;
  const stops = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.closest("[hidden]") === null);
  const first = stops[0];
  const last = stops[stops.length - 1];
  const at = root.activeElement;
  const leaving = event.shiftKey ? at === first || at === element : at === last;
  if (first === undefined || last === undefined) event.preventDefault();
  else if (leaving) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

function cross(page: Document, language: string): HTMLButtonElement {
  const button = page.createElement("button");
  button.type = "button";
  button.className = "omo-x";
  button.textContent = "×";
  button.setAttribute("aria-label", language.startsWith("ja") ? "閉じる" : "Close");
  button.setAttribute("data-omotenashi-close", "");
  return button;
}

/** Gives a shadow root its style. Constructed sheets are not inline styles, so a strict policy lets them pass. */
export function dress(root: ShadowRoot, css: string, page: Document): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = permitted("style", page);
    style.textContent = css;
    root.append(style);
  }
}
