/** What the visitor has chosen, as the edge knows it; and how a consent tool on the page, or the browser, chooses for them. */

import { quiet } from "./quiet";
import { answer, type Sent } from "./sender";
import type { Tag } from "./tag";

/** How a consent tool answers for a purpose: granted when everything that is named is. */
export interface Signals {
  tcf?: number[];
  vendor?: number;
  google?: string[];
  gpc?: boolean;
}

type Words = Record<string, string>;

export interface Purpose {
  name: string;
  label: Words;
  text: Words;
  /** Names the label and text of a language, for the record of what was shown. */
  shown: Words;
  state: "unknown" | "granted" | "denied" | "withdrawn" | "expired";
  /** When the visitor chose; 0 while they have not. */
  at: number;
  policy: string;
  signals?: Signals;
}

export interface Known {
  purposes: Purpose[];
  /** The project's language. */
  language: string;
  /** The theme of the project's messages. */
  style: string;
}

/** Asks the edge. Undefined when it does not answer, or when this browser is left alone. */
export async function known(tag: Tag): Promise<Known | undefined> {
  const visitor = tag.running?.identity.visitor;
  if (visitor === undefined) return undefined;
  try {
    const body = JSON.stringify({ key: tag.options.key, visitor });
    const answered = await fetch(`${tag.base}/v1/consents`, { method: "POST", body, headers: { "content-type": "text/plain" } });
    return answered.ok ? ((await answered.json()) as Known) : undefined;
  } catch {
    return undefined;
  }
}

/** `omotenashi("consents")`: the state of every purpose, by name. */
export async function consents(tag: Tag): Promise<Sent & { consents?: Words }> {
  if (tag.running === undefined) return answer("opted_out");
  const found = await known(tag);
  if (found === undefined) return answer("failed");
  return { ok: true, consents: Object.fromEntries(found.purposes.map(({ name, state }) => [name, state])) };
}

const KEPT = "_omo.cmp.";
const LOOK_MS = 500;
const LOOKS = 40;

type TcData = { eventStatus?: string; purpose?: { consents?: Record<string, boolean> }; vendor?: { consents?: Record<string, boolean> } };
type TcfApi = (command: string, version: number, heard: (data: TcData, ok: boolean) => void) => void;
type Around = Window & { __tcfapi?: TcfApi; dataLayer?: ArrayLike<unknown>[] & { push(...said: unknown[]): number } };

let following = false;

/** `omotenashi("cmp")`: from here on this page's consent tool answers for the purposes that are mapped to it. */
export async function cmp(tag: Tag): Promise<Sent> {
  if (following) return answer();
  const found = await known(tag);
  if (found === undefined) return answer(tag.running === undefined ? "opted_out" : "failed");
  following = true;
  const around = tag.window as unknown as Around;
  const mapped = found.purposes.filter(({ signals }) => signals !== undefined);
  let tcf: TcData | undefined;
  const google = new Map<string, boolean>();

  const judge = quiet("cmp", () => {
    for (const purpose of mapped) {
      const verdict = judged(purpose.signals ?? {}, tcf, google);
      if (verdict !== undefined) choose(tag, purpose, verdict, tcf ? "tcf" : "google");
      else if (purpose.signals?.gpc && purpose.at === 0 && (tag.window.navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
        choose(tag, purpose, false, "gpc");
    }
  });
  judge();
  if (mapped.some(({ signals }) => signals?.tcf?.length)) {
    hearTcf(around, (data) => {
      tcf = data;
      judge();
    });
  }
  if (mapped.some(({ signals }) => signals?.google?.length)) {
    hearGoogle(around, (types) => {
      for (const [type, state] of Object.entries(types)) google.set(type, state === "granted");
      judge();
    });
  }
  return answer();
}

/** True or false when every tool that the purpose names has an answer, or one has refused; undefined before. */
export function judged(signals: Signals, tcf: TcData | undefined, google: Map<string, boolean>): boolean | undefined {
  const said: (boolean | undefined)[] = [];
  for (const number of signals.tcf ?? []) said.push(tcf && tcf.purpose?.consents?.[number] === true);
  if (signals.tcf?.length && signals.vendor) said.push(tcf && tcf.vendor?.consents?.[signals.vendor] === true);
  for (const type of signals.google ?? []) said.push(google.get(type));
  if (said.includes(false)) return false;
  return said.length > 0 && said.every((one) => one === true) ? true : undefined;
}

/** Each answer is told once: what the visitor chooses elsewhere later is not undone by the next page. */
function choose(tag: Tag, purpose: Purpose, granted: boolean, text: string): void {
  const before = purpose.state === "granted";
  if (tag.storage.get(KEPT + purpose.name) === String(granted)) return;
  tag.storage.set(KEPT + purpose.name, String(granted));
  if (granted ? before && purpose.at > 0 : purpose.state === "denied" || purpose.state === "withdrawn") return;
  const state = granted ? "granted" : before && purpose.at > 0 ? "withdrawn" : "denied";
  purpose.state = state;
  purpose.at = tag.time.now();
  void tag.track("consent", { purpose: purpose.name, state, source: "cmp", text });
}

/** The framework's answers, once the visitor has given one; its tool may come later than the tag. */
function hearTcf(around: Around, heard: (data: TcData) => void, looks = LOOKS): void {
  if (typeof around.__tcfapi === "function") {
    around.__tcfapi("addEventListener", 2, (data, ok) => {
      if (ok && (data.eventStatus === "tcloaded" || data.eventStatus === "useractioncomplete")) heard(data);
    });
  } else if (looks > 0) {
    setTimeout(
      quiet("cmp", () => hearTcf(around, heard, looks - 1)),
      LOOK_MS,
    );
  }
}

/** Every update of the consent mode, those before this one too. A default is the site's, and no answer of the visitor. */
function hearGoogle(around: Around, heard: (types: Record<string, unknown>) => void): void {
  const read = (said: unknown) => {
    const [command, kind, types] = Array.from((said ?? []) as ArrayLike<unknown>);
    if (command === "consent" && kind === "update" && typeof types === "object" && types !== null) heard(types as Record<string, unknown>);
  };
  around.dataLayer ??= [] as unknown as NonNullable<Around["dataLayer"]>;
  const layer = around.dataLayer;
  layer.forEach(read);
  const push = layer.push;
  const heed = quiet("cmp", read);
  layer.push = function (this: unknown, ...said: never[]) {
    const length = push.apply(layer, said);
    said.forEach(heed);
    return length;
  };
}
