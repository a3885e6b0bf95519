/** A message that is still being written, drawn over the page it is meant for: what the console says now, again with every change.
 *
 * Nothing that happens to it is recorded anywhere. It stands where it would stand, at once: when it would come is not tried here.
 */

import { clock, mark } from "./clock";
import type { Desk } from "./delivery";
import { find } from "./display";
import type { Guard } from "./lookout";
import { Messages } from "./messages";
import { quiet } from "./quiet";
import { openStorage } from "./storage";
import * as tools from "./tools";
import type { Widget } from "./widget";
import type { Display, Message } from "./wire";

/** What became of it. `nowhere`: the page has no element that it could be put beside. */
export type Fitted = "waiting" | "shown" | "closed" | "stopped" | "nowhere" | "conflict" | "failed" | "over";

export interface Asked {
  /** Where the edge is. */
  base: string;
  key: string;
  /** The token of the link. */
  test: string;
  /** Who this browser is by now. */
  visitor(): string;
  language: string;
  /** False once the visitor has ended the test, or does not want to be measured any more. */
  wanted(): boolean;
  guard(): Promise<Guard | undefined>;
  told(fitted: Fitted): void;
}

/** What this file exports to the panel. */
export interface FittingFile {
  begin(asked: Asked): Begun;
}

export interface Begun {
  /** Draws what the visitor has closed. */
  again(): void;
  end(): void;
}

type Drawn = Pick<Message, "kind" | "html" | "css" | "script" | "display">;

interface Answer {
  mark?: string;
  drawn?: Record<string, Drawn>;
  stopped?: boolean;
  over?: boolean;
}

type Speaking = { message?: (reservation: string) => Widget | undefined };

const NAME = "fitting";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** Longer than the edge keeps a page waiting. */
const PATIENCE_MS = 40_000;

export function begin(asked: Asked): Begun {
  const page = document;
  const tag = (window as unknown as { omotenashi: Speaking }).omotenashi;
  const others = tag.message;
  const over = new AbortController();
  let message: Drawn | undefined;
  /** The look of the message that stands, so that it does not come in again with each letter. */
  let standing = "";
  let times = 0;

  const desk: Desk = {
    record(name, values) {
      if (name === "_message_open") void Promise.resolve().then(quiet(NAME, opened));
      else if (name === "_message_close") asked.told("closed");
      else if (name === "_error") asked.told("failed");
      else if (name === "_release" && values["reason"] === "conflict") asked.told("conflict");
      return Promise.resolve({ ok: true });
    },
    send: () => undefined,
    tell: () => undefined,
    language: () => asked.language,
    storage: openStorage(() => {
      throw new Error("A fitting remembers nothing.");
    }),
    guard: asked.guard,
    tools: () => Promise.resolve(tools),
  };
  const messages = new Messages(page, clock, desk);
  let state = "";

  /** In the moment it stands there: on the screen that was looked at, and without its entrance when it only changed. */
  function opened(): void {
    const delivery = messages.live[0];
    if (delivery?.frame === undefined || message === undefined) return;
    const look = JSON.stringify([message.kind, message.css, message.display]);
    if (look === standing) {
      for (const one of delivery.frame.root.getAnimations?.() ?? []) {
        if (Number(one.effect?.getComputedTiming().endTime) < Number.POSITIVE_INFINITY) one.finish();
      }
      if (state) delivery.setState(state);
    }
    standing = look;
    asked.told("shown");
  }

  function draw(): void {
    state = messages.live[0]?.state ?? "";
    messages.clear();
    if (message === undefined) return;
    const display = placed(message.display ?? {});
    const { embed } = display;
    if (embed && find(page, embed.selector).length === 0) {
      standing = "";
      asked.told("nowhere");
    }
    const given = { ...message, display, reservation: `${NAME}-${++times}`, campaign: NAME, action: NAME };
    messages.receive([{ ...given, until: 0, validMs: 2 ** 31 - 1 }], mark(clock));
  }

  function take({ drawn, stopped }: Answer): void {
    const ours = asked.language.toLowerCase().startsWith("ja") ? "ja" : "en";
    message = drawn?.[ours] ?? drawn?.[Object.keys(drawn)[0] ?? ""];
    if (stopped || message === undefined) {
      standing = "";
      asked.told(stopped ? "stopped" : "waiting");
    }
    draw();
  }

  async function ask(after: string): Promise<Answer> {
    const { base, key, test } = asked;
    const impatient = new AbortController();
    const timer = setTimeout(() => impatient.abort(), PATIENCE_MS);
    const stop = () => impatient.abort();
    over.signal.addEventListener("abort", stop);
    try {
      const body = JSON.stringify({ key, test, visitor: asked.visitor(), after, url: location.href });
      const got = await fetch(`${base}/v1/fitting`, { method: "POST", body, signal: impatient.signal });
      if (got.status === 400 || got.status === 401 || got.status === 403) return { over: true };
      if (!got.ok) throw new Error(String(got.status));
      return (await got.json()) as Answer;
    } finally {
      clearTimeout(timer);
      over.signal.removeEventListener("abort", stop);
    }
  }

  async function follow(): Promise<void> {
    let after = "";
    let wait = FIRST_WAIT_MS;
    asked.told("waiting");
    while (!over.signal.aborted) {
      try {
        const answer = await ask(after);
        wait = FIRST_WAIT_MS;
        if (over.signal.aborted) return;
        if (!asked.wanted()) return end();
        if (answer.over) {
          end();
          asked.told("over");
        } else if (answer.mark !== after) {
          after = answer.mark ?? "";
          quiet(NAME, take)(answer);
        }
      } catch {
        // the network is away, or the edge is: what stands, stands
        if (!over.signal.aborted) await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    }
  }

  const seen = quiet(NAME, () => (page.visibilityState === "visible" ? messages.comeBack() : undefined));
  function end(): void {
    over.abort();
    messages.clear();
    page.removeEventListener("visibilitychange", seen);
    if (others) tag.message = others;
  }

  tag.message = (reservation) => messages.widget(reservation) ?? others?.(reservation);
  page.addEventListener("visibilitychange", seen);
  void follow();
  return {
    again: quiet(NAME, () => {
      standing = "";
      draw();
    }),
    end,
  };
}

/** Where it stands, without when it would. */
function placed({ position, margin, phone, zIndex, manual, embed, guard }: Display): Display {
  return JSON.parse(JSON.stringify({ position, margin, phone, zIndex, manual, embed, guard })) as Display;
}
