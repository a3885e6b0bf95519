/** What a message's markup does when it is pressed or sent: the attributes `data-omotenashi-*`. */

import { listen, quiet } from "./quiet";
import type { Tools } from "./tools";
import type { Values } from "./wire";

/** What markup can set in motion. */
export interface Hands {
  click(name: string, url?: string): void;
  /** An event of the visitor's. */
  say(name: string, values: Values): unknown;
  /** An event about this message. */
  report(name: string, values: Values): unknown;
  setState(name: string): void;
  close(by: "button"): void;
}

/** A press that only closes is told as a close. */
const COUNTED = ["click", "track", "grant", "deny", "later", "go"];
const PRESSED = ["a[href]", ...[...COUNTED, "close", "then"].map((name) => `[data-omotenashi-${name}]:not(form)`)].join();

/** Listens to everything in the root: each press is told once, then does what its attributes say, in their fixed order.
 * Forms need the tools. */
export function obey(root: ShadowRoot, hands: Hands, tools: Tools | undefined): void {
  const pressed = (event: Event) => {
    if (event.type === "auxclick" && (event as MouseEvent).button !== 1) return;
    const element = (event.target as Element | null)?.closest?.<HTMLElement>(PRESSED);
    const { type, form } = (element ?? {}) as HTMLButtonElement;
    if (!element || (form && type === "submit")) return; // told when the form is sent
    const url = element.getAttribute("href") === null ? undefined : (element as HTMLAnchorElement).href;
    const counts = url !== undefined || COUNTED.some((name) => said(element, name) !== null);
    if (counts) hands.click(said(element, "click") || (url === undefined ? "button" : "link"), url);
    act([element], {}, hands);
  };
  for (const type of ["click", "auxclick"]) listen(root, type, pressed);
  if (tools === undefined) return;
  listen(root, "click", (event) => tools.turnToWrong(event, hands), { capture: true });
  for (const type of ["keydown", "keypress", "keyup"]) listen(root, type, tools.keepKeys);
  listen(root, "submit", (event) => {
    const form = event.target as HTMLFormElement;
    const by = (event as SubmitEvent).submitter;
    if (form.getAttribute("action") === null) event.preventDefault();
    hands.click((by && said(by, "click")) || said(form, "click") || "submit");
    act(by ? [by, form] : [form], tools.fields(form, by), hands);
  });
}

function act(elements: Element[], filled: Values, hands: Hands): void {
  const first = (name: string) => elements.map((element) => said(element, name)).find((value) => value !== null) ?? null;
  for (const [name, state] of [["grant", "granted"], ["deny", "denied"], ["later", "later"]] as const) {
    const purpose = first(name);
    if (purpose) hands.report("consent", { purpose, state });
  }
  const event = first("track");
  if (event) hands.say(event, { ...values(first("values")), ...filled });
  if (first("attribute") !== null) hands.say("attribute", filled);
  if (first("answer") !== null) hands.report("_answer_question", { answers: filled });
  const go = first("go");
  if (go) hands.setState(go);
  if (first("close") !== null || first("then") === "close") hands.close("button");
}

export function said(element: Element, name: string): string | null {
  return element.getAttribute(`data-omotenashi-${name}`);
}

function values(text: string | null): Values {
  return quiet("values", () => (text ? (JSON.parse(text) as Values) : {}))() ?? {};
}
