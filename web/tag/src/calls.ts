/** What `calls.js` exports: an open page hears that something is wanted of it while its visitor only reads. Loaded where somebody
 * may be asked for something, or is recorded.
 *
 * One request waits at the edge, as long as the page is in sight and its visitor there. It is told to look, or that somebody
 * watches; what there is to be seen comes on the ordinary road. */

import { listen, quiet } from "./quiet";
import type { RecorderFile } from "./recorder";
import type { Tag } from "./tag";
import type { CallsAnswer } from "./wire";

export interface CallsFile {
  watch(tag: Tag, after: number): void;
}

/** Whoever has gone by then costs nothing. */
const FIRST_MS = 1_000;
const APART_MS = 500;
/** Whoever does nothing for so long is not there; the next sign of theirs asks at once. */
const AWAY_MS = 5 * 60_000;
const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "scroll", "visibilitychange", "pageshow"];

let home: Tag | undefined;
let known = 0;
let seenAt = 0;
let failures = 0;
let refused = false;
let visitor = "";
let call: AbortController | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** From here on the page hears. Said again at its next view, it knows what has changed until then. */
export const watch = quiet("calls", (tag: Tag, after: number): void => {
  known = Math.max(known, after);
  seenAt = performance.now();
  if (home === undefined) {
    home = tag;
    for (const sign of SIGNS) listen(window, sign, seen, { capture: true, passive: true });
    listen(window, "pagehide", end);
  }
  if (tag.running?.identity.visitor !== visitor) end();
  plan(FIRST_MS);
});

function seen(): void {
  seenAt = performance.now();
  if (document.hidden || home?.running === undefined) end();
  else plan(0);
}

/** Nobody waits for an answer any more. */
function end(): void {
  clearTimeout(timer);
  timer = undefined;
  call?.abort();
  call = undefined;
}

function plan(wait: number): void {
  if (timer !== undefined || call !== undefined || refused) return;
  timer = setTimeout(
    quiet("calls", () => {
      timer = undefined;
      void ask();
    }),
    wait,
  );
}

async function ask(): Promise<void> {
  const running = home?.running;
  if (home === undefined || running === undefined || document.hidden || performance.now() - seenAt > AWAY_MS) return;
  const mine = new AbortController();
  call = mine;
  visitor = running.identity.visitor;
  const recorder = recorderOf(home);
  const body = JSON.stringify({ key: home.options.key, visitor, after: known, recording: recorder?.id, watched: recorder?.isHurried() });
  let status = 0;
  let answer: CallsAnswer | undefined;
  try {
    const headers = { "content-type": "text/plain" };
    const got = await fetch(`${home.base}/v1/calls`, { method: "POST", body, headers, credentials: "omit", signal: mine.signal });
    status = got.status;
    if (got.ok) answer = (await got.json()) as CallsAnswer;
  } catch {
    // nothing came back
  }
  if (call !== mine) return;
  call = undefined;
  plan(heard(status, answer));
}

/** Another of the tag's files, which has put itself where all do. */
function recorderOf({ window: { omotenashi } }: { window: Window & { omotenashi?: { parts?: Record<string, unknown> } } }): RecorderFile | undefined {
  return omotenashi?.parts?.["recorder"] as RecorderFile | undefined;
}

/** Does what the page is called for; in how many ms it may ask again. */
function heard(status: number, answer: CallsAnswer | undefined): number {
  refused = status >= 400 && status < 500 && status !== 429;
  if (answer === undefined) return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.5 + Math.random() / 2);
  failures = 0;
  known = Math.max(known, answer.after);
  if (answer.look) void home?.track("_recheck", { page_view: home.running?.page.id });
  if (answer.watched && home) recorderOf(home)?.hurry();
  return Math.max(APART_MS, answer.waitMs ?? 0);
}
