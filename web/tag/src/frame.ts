/** How a message stands on the page: a shadow root of its own, reachable by keyboard, calm for those who ask. */

import { quiet } from "./quiet";
import type { ClosedBy, Message } from "./wire";

export interface Hands {
  clicked(name: string, url: string | undefined): void;
  closed(by: ClosedBy): void;
}

export interface Frame {
  readonly root: ShadowRoot;
  readonly element: HTMLElement;
  remove(): void;
}

const BASE = `
:host{all:initial!important;color-scheme:light dark}
:host([data-theme=light]){color-scheme:light}
:host([data-theme=dark]){color-scheme:dark}
*,*::before,*::after{box-sizing:border-box}
.omo{position:fixed;inset:0;display:flex;padding:16px;padding-bottom:calc(16px + env(safe-area-inset-bottom));pointer-events:none;
z-index:var(--omo-z,2147483000);font:15px/1.6 var(--omo-font,system-ui,-apple-system,"Hiragino Sans","Noto Sans JP","Yu Gothic UI",sans-serif);
text-align:start;-webkit-text-size-adjust:100%}
.omo[data-kind=modal]{pointer-events:auto;overflow:auto;overscroll-behavior:contain}
.omo[data-kind=bar]{padding:0}
.omo-backdrop{position:fixed;inset:0;background:var(--omo-backdrop,rgba(20,20,18,.42));animation:omo-fade 160ms ease-out}
.omo-frame{position:relative;pointer-events:auto;outline:0;margin:auto;max-width:100%;animation:omo-rise 160ms ease-out}
[data-kind=bar]>.omo-frame{width:100%}
[data-position^=top]>.omo-frame{margin-top:0}
[data-position^=bottom]>.omo-frame{margin-bottom:0}
[data-position$=left]>.omo-frame{margin-left:0}
[data-position$=right]>.omo-frame{margin-right:0}
.omo-x{position:absolute;top:8px;right:8px;width:40px;height:40px;border:0;background:none;color:inherit;font:22px/1 sans-serif;cursor:pointer}
@keyframes omo-rise{from{opacity:0;transform:translateY(8px)}}
@keyframes omo-fade{from{opacity:0}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media print{.omo{display:none}}`;

const FOCUSABLE = 'a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex]:not([tabindex="-1"])';

let above = 0;

/** Puts the message on the page. The opening has been recorded before. */
export function paint(message: Message, page: Document, hands: Hands, language: string): Frame {
  const modal = message.kind === "modal";
  const before = page.activeElement;
  const host = page.createElement("div");
  host.setAttribute("data-omotenashi-message", message.action);
  const theme = page.documentElement.getAttribute("data-omotenashi-theme");
  if (theme !== null) host.setAttribute("data-theme", theme);
  const root = host.attachShadow({ mode: "open" });
  dress(root, BASE + (message.css ?? ""), page);

  const stage = page.createElement("div");
  stage.className = "omo";
  stage.dataset["kind"] = message.kind;
  stage.dataset["position"] = message.display?.position ?? (modal ? "center" : "bottom-right");
  if (message.kind === "bar" && !stage.dataset["position"].startsWith("bottom")) stage.dataset["position"] = "top";
  if (modal && message.display?.position === undefined) stage.dataset["position"] = "center";
  stage.style.setProperty("z-index", `calc(var(--omo-z, 2147483000) + ${above++})`);

  const element = page.createElement("div");
  element.className = "omo-frame";
  element.tabIndex = -1;
  element.lang = language;
  element.setAttribute("role", modal ? "dialog" : "region");
  if (modal) element.setAttribute("aria-modal", "true");
  else element.setAttribute("aria-live", "polite");
  element.innerHTML = trusted(message.html ?? "");
  name(element, language);
  if (element.querySelector("[data-omotenashi-close]") === null) element.append(cross(page, language));

  if (modal) {
    const backdrop = page.createElement("div");
    backdrop.className = "omo-backdrop";
    backdrop.addEventListener(
      "click",
      quiet("backdrop", () => hands.closed("backdrop")),
    );
    stage.append(backdrop);
  }
  stage.append(element);
  root.append(stage);

  root.addEventListener(
    "click",
    quiet("click", (event: Event) => {
      const target = event.target as Element | null;
      const pressed = target?.closest?.("[data-omotenashi-click],a[href]");
      if (pressed) {
        const url = pressed.getAttribute("href") === null ? undefined : (pressed as HTMLAnchorElement).href;
        hands.clicked(pressed.getAttribute("data-omotenashi-click") || "link", url);
      }
      if (target?.closest?.("[data-omotenashi-close]")) hands.closed("button");
    }),
  );
  if (modal) {
    root.addEventListener(
      "keydown",
      quiet("tab", (event: Event) => hold(event as KeyboardEvent, root, element)),
    );
  }

  (page.body ?? page.documentElement).append(host);
  if (modal) {
    const wanted = element.querySelector<HTMLElement>("[autofocus]") ?? element;
    wanted.focus({ preventScroll: true });
  }

  return {
    root,
    element,
    remove() {
      const had = page.activeElement === host;
      host.remove();
      if ((modal || had) && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
  };
}

/** Runs a script the way a page's content security policy can judge it. Errors inside stay inside. */
export function run(code: string, page: Document, failed: (error: unknown) => void): void {
  const element = page.createElement("script");
  const nonce = page.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  if (nonce) element.nonce = nonce;
  element.text = trusted(code, "createScript");
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    failed(event.error ?? event.message);
  };
  addEventListener("error", caught, true);
  try {
    (page.head ?? page.documentElement).append(element);
  } finally {
    removeEventListener("error", caught, true);
    element.remove();
  }
}

/** Tab and Shift+Tab stay inside an open modal. */
function hold(event: KeyboardEvent, root: ShadowRoot, element: HTMLElement): void {
  if (event.key !== "Tab") return;
  const stops = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)];
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

function name(element: HTMLElement, language: string): void {
  const title = element.querySelector("h1,h2,h3,[data-omotenashi-title]");
  if (title === null) element.setAttribute("aria-label", language.startsWith("ja") ? "お知らせ" : "Message");
  else {
    title.id ||= "omo-title";
    element.setAttribute("aria-labelledby", title.id);
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

/** Constructed sheets are not inline styles, so a strict policy lets them pass. */
function dress(root: ShadowRoot, css: string, page: Document): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = page.createElement("style");
    const nonce = page.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
    if (nonce) style.nonce = nonce;
    style.textContent = css;
    root.append(style);
  }
}

interface Policies {
  createPolicy(
    name: string,
    rules: Record<"createHTML" | "createScript", (text: string) => string>,
  ): Record<"createHTML" | "createScript", (text: string) => string>;
}

let policy: Record<"createHTML" | "createScript", (text: string) => string> | undefined;

/** Pages that require Trusted Types allow the policy `omotenashi`. */
function trusted(text: string, as: "createHTML" | "createScript" = "createHTML"): string {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  if (policies === undefined) return text;
  const same = (given: string) => given;
  policy ??= policies.createPolicy("omotenashi", { createHTML: same, createScript: same });
  return policy[as](text);
}
