/** Test mode: the token of a test link, taken out of the address and kept for this browser. The rest is the panel's. */

import type { Storage } from "./storage";

export const TEST = "_omo.test";

const IN_ADDRESS = /([?&])omotenashi_test=([^&#]*)(&?)/;

/** Before the first page view: neither its address nor anybody who is shown the page learns the token. */
export function takeToken(place: Location, history: History, storage: Storage): void {
  const [all = "", before = "", token, more] = IN_ADDRESS.exec(place.href) ?? [];
  if (token === undefined) return;
  storage.set(TEST, token);
  history.replaceState(history.state, "", place.href.replace(all, more ? before : ""));
}
