/** What a message's own script is given. Nothing of it throws, whatever the script asks. */

import { type Delivery, KEPT } from "./delivery";
import { quiet } from "./quiet";
import type { Sent } from "./sender";
import type { ClosedBy, Values } from "./wire";

export type Listener = (...args: unknown[]) => void;

export interface Widget {
  readonly reservation: string;
  readonly campaign: string;
  readonly action: string;
  /** Null in a message that is a script only. */
  readonly root: ShadowRoot | null;
  readonly element: HTMLElement | null;
  readonly language: string;
  /** The name of the state that is shown; empty when there is one only. */
  readonly state: string;
  /** Aborted when the message is closed: for listeners and timers. */
  readonly signal: AbortSignal;
  /** Makes it visible; opens a message that waited for it. */
  show(): void;
  /** Makes it invisible without closing it. */
  hide(): void;
  close(by?: ClosedBy): void;
  setState(name: string): void;
  track(name: string, values?: Values): Promise<Sent>;
  attribute(values: Values): Promise<Sent>;
  consent(purpose: string, state: "granted" | "denied" | "withdrawn" | "later"): Promise<Sent>;
  answer(answers: Values): Promise<Sent>;
  click(name: string, url?: string): void;
  /** Replaces the text of everything marked `data-omotenashi-set="NAME"`. */
  set(name: string, text: string): void;
  on(event: "state" | "close" | "show", heard: Listener): void;
  /** Of this campaign in this browser; survives the page. */
  readonly storage: { get(key: string): unknown; set(key: string, value: unknown): void };
}

export function widget(of: Delivery): Widget {
  const { reservation, campaign, action } = of.message;
  const { storage, language } = of.place.desk;
  const { root = null, element = null } = of.frame ?? {};
  const kept = (key: string) => `${KEPT}${campaign}.${key}`;
  const safe = <A extends unknown[], R>(run: (...args: A) => R) => quiet("widget", run);
  return {
    reservation,
    campaign,
    action,
    root,
    element,
    language: language(),
    signal: of.end.signal,
    get state() {
      return of.state;
    },
    show: safe(() => of.hide(false)),
    hide: safe(() => of.hide(true)),
    close: safe((by = "button") => of.close(by)),
    setState: safe((name) => of.setState(name)),
    click: safe((name, url) => of.click(name, url)),
    track: (name, values = {}) => of.say(name, values),
    attribute: (values) => of.say("attribute", values),
    consent: (purpose, state) => of.report("consent", { purpose, state }),
    answer: (answers) => of.report("_answer_question", { answers }),
    set: safe((name, text) => {
      for (const one of element?.querySelectorAll("[data-omotenashi-set]") ?? []) {
        if (one.getAttribute("data-omotenashi-set") === name) one.textContent = text;
      }
    }),
    on: (event, heard) => void of.listeners.push([event, heard]),
    storage: {
      get: safe((key) => JSON.parse(storage.get(kept(key)) ?? "null") as unknown),
      set: safe((key, value) => void storage.set(kept(key), JSON.stringify(value ?? null))),
    },
  };
}
