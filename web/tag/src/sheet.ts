/** A window of the tag's own in the look of the site's messages: above them all, one at a time, closed by Escape. */

import { build } from "./frame";
import { quiet } from "./quiet";
import type { Tag } from "./tag";
import type { Message } from "./wire";

/** Whoever opens it keeps it in sight, whatever comes meanwhile. */
const ABOVE_MESSAGES = 2147483600;

let opened: (() => void) | undefined;

export interface Sheet {
  /** Where its words go. */
  words: HTMLElement;
  add<K extends keyof HTMLElementTagNameMap>(to: Element, kind: K, className?: string, text?: string): HTMLElementTagNameMap[K];
  /** A button. */
  press(to: Element, className: string, text: string, run: () => unknown): HTMLButtonElement;
  close(): void;
  /** To be called when all its words are there. */
  reveal(): void;
}

/** Opens an empty one, named for error reports; `closed` is called once, when it goes. */
export function sheet(tag: Tag, name: string, language: string, css: string, closed?: () => void): Sheet {
  const page = tag.window.document;
  opened?.();
  const close = quiet(name, () => {
    page.removeEventListener("keydown", escape, true);
    frame.remove();
    opened = undefined;
    closed?.();
  });
  const escape = (event: KeyboardEvent) => event.key === "Escape" && !event.isComposing && close();
  const message = { action: name, kind: "modal", css, display: { zIndex: ABOVE_MESSAGES } } as Message;
  const frame = build(message, page, tag.time, language, undefined, close);
  page.addEventListener("keydown", escape, true);
  opened = close;
  frame.element.textContent = "";

  const add: Sheet["add"] = (to, kind, className = "", text = "") => {
    const one = page.createElement(kind);
    one.className = className;
    one.textContent = text;
    to.append(one);
    return one;
  };
  const press: Sheet["press"] = (to, className, text, run) => {
    const one = add(to, "button", className, text);
    one.type = "button";
    one.addEventListener("click", quiet(name, run));
    return one;
  };
  const words = add(add(frame.element, "article", "card"), "section", "words");
  const reveal = () => {
    frame.name();
    frame.reveal();
  };
  return { words, add, press, close, reveal };
}
