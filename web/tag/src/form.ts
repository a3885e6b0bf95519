/** What a form in a message holds, and where it is wrong. */

import { type Hands, said } from "./press";
import type { Values } from "./wire";

/** What was filled in, without what was left empty: numbers as numbers, what can be chosen several times as lists. */
export function fields(form: HTMLFormElement, by: HTMLElement | null): Values {
  const filled: Values = {};
  const data = new FormData(form);
  const { name, value } = (by ?? {}) as HTMLButtonElement;
  if (name) data.append(name, value);
  data.forEach((given, field) => {
    if (typeof given !== "string" || given.trim() === "") return;
    const inputs = Array.from(form.elements).filter((one) => (one as HTMLInputElement).name === field) as HTMLInputElement[];
    const [input] = inputs;
    const number = input !== undefined && (/^(number|range)$/.test(input.type) || said(input, "number") !== null);
    const one = number ? Number(given) : given;
    const several = input?.type === "select-multiple" || (input?.type === "checkbox" && inputs.length > 1);
    filled[field] = several ? [...((filled[field] as unknown[]) ?? []), one] : one;
  });
  return filled;
}

/** A wrong field in a state that is not shown would stop the form in silence: its state comes first. */
export function turnToWrong(event: Event, hands: Hands): void {
  const button = (event.target as Element | null)?.closest?.<HTMLButtonElement>("[type=submit],button:not([type])");
  const wrong = button?.form?.noValidate === false && button.form.querySelector(":invalid:not(fieldset)");
  const state = wrong && wrong.closest("[data-omotenashi-state][hidden]");
  if (state) hands.setState(said(state, "state") ?? "");
}

/** A page's shortcuts do not know that somebody types in here: to them the message is no field. */
export function keepKeys(event: Event): void {
  const typing = event.target instanceof HTMLElement && event.target.matches("input,textarea,select");
  if (typing && (event as KeyboardEvent).key !== "Escape") event.stopPropagation();
}
