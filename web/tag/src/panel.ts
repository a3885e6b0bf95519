/** The panel of test mode: what this page sent, and what became of every campaign that listened. Loaded when a test is answered.
 * Where a message is tried on that is still being written, it calls for what draws it, and says how that stands. */

import type { Begun, Fitted, FittingFile } from "./fitting";
import { dress } from "./frame";
import type { Guard } from "./lookout";
import { type Language, type Words, words } from "./panel-words";
import { permitted, trusted } from "./script";
import type { Storage } from "./storage";
import { TEST } from "./test";
import type { Rejected, Traced, TrackAnswer, TrackEvent, TrackRequest } from "./wire";

/** What this file exports to the tag. */
export interface PanelFile {
  /** `base`: where the edge is. */
  tell(request: TrackRequest, answer: TrackAnswer, storage: Storage, base: string): void;
}

interface Opened {
  tell(request: TrackRequest, answer: TrackAnswer): void;
  /** How the message stands that is tried on. */
  fitted(fitted: Fitted, again: () => void): void;
  close(): void;
}

/** What was called for, in the browser that opened a fitting's link. */
interface Fitting {
  visitor: string;
  begun?: Begun;
}

/** Where the tag's files are. */
const folder = ((document.currentScript as HTMLScriptElement | null)?.src ?? "").replace(/[^/]*([?#].*)?$/, "");

const MOST_EVENTS = 100;
const FOLDED = `${TEST}.folded`;
const NARROW = 600;
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;

const STYLE = `
:host{color-scheme:light dark;--paper:#faf8f4;--ink:#1f1e1b;--muted:#6f6a60;--line:#e7e2d8;--blue:#27406b;--good:#4f7032;--bad:#b93a1f;--wait:#8c5f06;--other:#6f6a60}
@media (prefers-color-scheme:dark){:host{--paper:#16181c;--ink:#ece9e2;--muted:#9a958a;--line:#2a2d33;--blue:#8fb0e8;--good:#9cbf77;--bad:#f0764f;--wait:#e8b24a;--other:#9a958a}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.panel{display:flex;flex-direction:column;width:360px;max-width:calc(100vw - 32px);max-height:min(560px,calc(100vh - 96px));overflow:hidden;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:6px;font:13px/1.55 Inter,system-ui,-apple-system,"Hiragino Sans","Noto Sans JP","Yu Gothic UI",sans-serif;font-variant-numeric:tabular-nums;text-align:start;word-break:auto-phrase;overflow-wrap:anywhere}
.panel.folded{width:auto}
button{font:inherit;color:inherit;background:none;border:0;margin:0;cursor:pointer;text-align:start}
:focus-visible{outline:2px solid var(--blue);outline-offset:-2px}
.head{display:flex;align-items:center;gap:8px;min-height:44px;padding:8px 16px}
.head b{font-weight:600;color:var(--blue)}
.head .count{color:var(--muted)}
.head svg{margin-inline-start:auto;flex:none;transition:transform 140ms ease-out}
.folded .head svg{transform:rotate(180deg)}
.list{margin:0;padding:0;list-style:none;overflow:auto;overscroll-behavior:contain;border-top:1px solid var(--line);flex:1 1 auto}
.list>li{padding:10px 16px;border-bottom:1px solid var(--line)}
.event{display:flex;gap:8px;align-items:baseline}
.event time{color:var(--muted);flex:none}
.event .name{font-weight:600}
.event .state{margin-inline-start:auto;flex:none}
details{margin-top:2px}
summary{cursor:pointer;color:var(--muted);width:fit-content}
pre{margin:4px 0 0;padding:8px;border:1px solid var(--line);border-radius:4px;font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono CJK JP",monospace;white-space:pre-wrap;max-height:240px;overflow:auto}
.verdicts{margin:6px 0 0;padding:0;list-style:none;display:grid;gap:4px}
.verdicts li{display:grid;grid-template-columns:1em 1fr;gap:0 8px}
.verdicts .mark{text-align:center}
.verdicts .why{grid-column:2;color:var(--muted)}
.panel .good{color:var(--good)}.panel .bad{color:var(--bad)}.panel .wait{color:var(--wait)}.panel .other{color:var(--other)}
.notice{margin:0;padding:12px 16px;border-top:1px solid var(--line);color:var(--ink)}
.foot{display:flex;align-items:center;justify-content:space-between;gap:12px;padding:8px 16px;border-top:1px solid var(--line);color:var(--muted)}
.foot button,.again{flex:none;min-height:36px;padding:4px 12px;border:1px solid var(--line);border-radius:6px;color:var(--ink)}
.foot button:hover,.again:hover{border-color:var(--blue);color:var(--blue)}
.notice{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center}
@media (max-width:${NARROW - 1}px){.panel{max-height:min(420px,60vh)}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{.panel{display:none}}`;

let opened: Opened | undefined;
let fitting: Fitting | undefined;

/** Tells an answer to a test. The panel stands on the page from the first one on. */
export function tell(request: TrackRequest, answer: TrackAnswer, storage: Storage, base: string): void {
  if (answer.testOver) storage.remove(TEST);
  opened ??= open(request.language ?? "", answer.fitting === true, () => {
    // Who tests without a link is one of the project's test people, and has to say that they do not want to.
    if (storage.get(TEST) === null) storage.set(TEST, "off");
    else storage.remove(TEST);
    opened?.close();
    fitting?.begun?.end();
    opened = fitting = undefined;
  });
  if (answer.testOver) fitting?.begun?.end();
  opened.tell(request, answer);
  const visitor = answer.visitor ?? request.visitor;
  if (fitting) fitting.visitor = visitor;
  else if (answer.fitting) fit((fitting = { visitor }), request, storage, base);
}

function fit(mine: Fitting, { key, test = "", language = "" }: TrackRequest, storage: Storage, base: string): void {
  const told = (fitted: Fitted) => mine === fitting && opened?.fitted(fitted, () => mine.begun?.again());
  void part<FittingFile>("fitting").then((file) => {
    if (mine !== fitting) return;
    if (file === undefined) return void told("failed");
    const wanted = () => mine === fitting && storage.get(TEST) === test;
    const guard = () => part<Guard>("guard");
    mine.begun = file.begin({ base, key, test, language, visitor: () => mine.visitor, wanted, guard, told: (fitted) => void told(fitted) });
  });
}

/** Another of the tag's files, which the tag may have called for itself before; undefined when it cannot be had. */
async function part<T>(name: string): Promise<T | undefined> {
  const { parts } = (window as unknown as { omotenashi: { parts: Record<string, unknown> } }).omotenashi;
  if (parts[name] === undefined) {
    await new Promise<void>((resolve) => {
      const script = permitted("script", document);
      script.onload = script.onerror = () => {
        script.remove();
        resolve();
      };
      script.src = trusted(`${folder}${name}.js`, "createScriptURL");
      document.documentElement.append(script);
    }).catch(() => undefined); // a page that allows no trusted type
  }
  return parts[name] as T | undefined;
}

const FITTED: Record<Fitted, string> = {
  waiting: "wait",
  shown: "good",
  closed: "other",
  stopped: "wait",
  nowhere: "wait",
  conflict: "wait",
  failed: "bad",
  over: "other",
};

/** Puts the panel on the page. `tryingOn`: for a message that is still being written. */
function open(language: string, tryingOn: boolean, end: () => void): Opened {
  const spoken: Language = language.toLowerCase().startsWith("ja") ? "ja" : "en";
  const w = words(spoken);
  const host = standing(document.createElement("div"));
  const root = host.attachShadow({ mode: "open" });
  dress(root, STYLE, document);

  const head = element("button", "head");
  const list = element("ol", "list");
  const notice = element("p", "notice");
  const foot = element("div", "foot");
  const panel = element("section", "panel", head, notice, list, foot);
  const count = element("span", "count");
  const title = tryingOn ? w.fitting : w.title;
  const ending = element("button", "", tryingOn ? w.endFitting : w.end);
  panel.lang = spoken;
  panel.setAttribute("aria-label", title);
  head.append(element("b", "", title), count, chevron());
  head.type = ending.type = "button";
  list.id = "list";
  list.tabIndex = 0;
  list.setAttribute("aria-label", w.list);
  notice.hidden = true;
  notice.setAttribute("role", "status");
  foot.append(element("span", "", w.nothingCounts), ending);
  head.setAttribute("aria-controls", "list");
  root.append(panel);

  const fold = (folded: boolean) => {
    panel.classList.toggle("folded", folded);
    head.setAttribute("aria-expanded", String(!folded));
    list.hidden = foot.hidden = folded;
  };
  head.addEventListener("click", () => {
    const folded = !panel.classList.contains("folded");
    fold(folded);
    if (!tryingOn) remember(folded);
  });
  ending.addEventListener("click", end);
  fold(tryingOn || wasFolded());
  document.documentElement.append(host);

  const shown = new Map<string, HTMLElement>();
  const lines = new Map<string, { line: HTMLElement; name: string }>();
  let over = false;

  return {
    tell(request, answer) {
      if (answer.testOver) {
        over = true;
        notice.textContent = w.over;
        notice.hidden = false;
        list.remove();
        foot.replaceChildren(close(w, () => host.remove()));
        fold(false);
        return;
      }
      if (over) return;
      const rejected = new Map((answer.rejected ?? []).map((one) => [one.index, one]));
      request.events.forEach((event, index) => {
        follow(event, lines, w);
        if (shown.has(event.id)) return;
        const entry = told(event, rejected.get(index), (answer.trace ?? []).filter((one) => one.event === event.id), lines, w);
        shown.set(event.id, entry);
        list.prepend(entry);
      });
      while (list.childElementCount > MOST_EVENTS) list.lastElementChild?.remove();
      if (!tryingOn) count.textContent = w.events(shown.size);
    },
    fitted(fitted, again) {
      if (over) return;
      count.textContent = w.fitted(fitted);
      count.className = `count ${FITTED[fitted]}`;
      const why = w.fittedWhy(fitted);
      notice.textContent = why;
      notice.hidden = why === "";
      if (fitted !== "closed") return;
      const button = element("button", "again", w.again);
      button.type = "button";
      button.addEventListener("click", again);
      notice.append(button);
    },
    close: () => host.remove(),
  };
}

/** One event with the verdicts of those who listened to it. */
function told(
  event: TrackEvent,
  rejected: Rejected | undefined,
  trace: Traced[],
  lines: Map<string, { line: HTMLElement; name: string }>,
  w: Words,
): HTMLElement {
  const at = new Date(event.at);
  const time = element("time", "", at.toLocaleTimeString(w.language, CLOCK));
  time.dateTime = at.toISOString();
  const refused = rejected !== undefined && rejected.code !== "duplicate";
  const state = refused ? element("span", "state bad", `✗ ${w.rejected}`) : element("span", "state good", `✓ ${w.accepted}`);
  const message = lines.get(String(event.values["reservation"]))?.name;
  const name = element("span", "name", message === undefined ? w.event(event.name) : `${w.event(event.name)} · ${message}`);
  const entry = element("li", "", element("div", "event", time, name, state));
  if (refused) entry.append(element("div", "bad", `${w.refusal(rejected.code)}${rejected.where ? ` (${rejected.where})` : ""}`));
  const values = Object.keys(event.values).length;
  if (values > 0) {
    const folded = element("details", "", element("summary", "", w.values(values)));
    folded.append(element("pre", "", JSON.stringify(event.values, null, 2)));
    entry.append(folded);
  }
  if (trace.length > 0) {
    const verdicts = element("ul", "verdicts");
    for (const one of trace) {
      const line = element("li", "");
      verdict(line, one, w);
      if (awaited(one)) lines.set(one.reservation ?? "", { line, name: one.name });
      verdicts.append(line);
    }
    entry.append(verdicts);
  }
  return entry;
}

/** Whether there is more to come: a holdout is handed to the page too, but nothing of it is seen. */
function awaited(one: Traced): boolean {
  return one.reservation !== undefined && one.gate !== "holdout";
}

function verdict(line: HTMLElement, one: Traced, w: Words): void {
  if (awaited(one)) return say(line, "wait", "◌", one.name, w.waiting);
  const winner = one.winner ? `: ${one.winner}` : "";
  say(line, "other", "–", one.name, w.gate(one.gate) + winner);
  for (const { subject, wanted, found } of one.compared ?? [])
    line.append(element("span", "why", w.compared(subject, wanted, found)));
}

/** What the page did with a message since it was handed out. */
function follow(event: TrackEvent, lines: Map<string, { line: HTMLElement; name: string }>, w: Words): void {
  const { reservation, reason, by } = event.values;
  const known = lines.get(String(reservation));
  if (known === undefined) return;
  const { line, name } = known;
  if (event.name === "_message_open") say(line, "good", "●", name, w.opened);
  else if (event.name === "_release") say(line, "wait", "–", name, w.release(String(reason ?? "left")));
  else if (event.name === "_message_close") say(line, "good", "○", name, w.closed(String(by)));
  else if (event.name === "_error") say(line, "bad", "✗", name, `${w.failed}: ${String(event.values["message"] ?? "")}`);
}

function say(line: HTMLElement, color: string, mark: string, name: string, words: string): void {
  const sign = element("span", `mark ${color}`, mark);
  sign.setAttribute("aria-hidden", "true");
  line.replaceChildren(sign, element("span", "", name), element("span", `why ${color}`, words));
}

function close(w: Words, act: () => void): HTMLElement {
  const button = element("button", "", w.close);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/** Where it stands, whatever the page's style sheets say. */
function standing(host: HTMLElement): HTMLElement {
  host.setAttribute("data-omotenashi-panel", "");
  const style = { all: "initial", position: "fixed", left: "16px", bottom: "16px", "z-index": "2147483646", display: "block" };
  for (const [name, value] of Object.entries(style)) host.style.setProperty(name, value, "important");
  return host;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, kind: string, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (kind !== "") made.className = kind;
  made.append(...inside);
  return made;
}

function chevron(): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ width: "16", height: "16", viewBox: "0 0 24 24", fill: "none", "aria-hidden": "true" }))
    drawing.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  for (const [name, value] of Object.entries({ d: "M6 9l6 6l6 -6", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round" }))
    path.setAttribute(name, value);
  drawing.append(path);
  return drawing;
}

function wasFolded(): boolean {
  try {
    const kept = localStorage.getItem(FOLDED);
    return kept === null ? innerWidth < NARROW : kept === "1";
  } catch {
    return innerWidth < NARROW;
  }
}

function remember(folded: boolean): void {
  try {
    localStorage.setItem(FOLDED, folded ? "1" : "0");
  } catch {
    // storage is blocked; the next page begins as the first one did
  }
}
