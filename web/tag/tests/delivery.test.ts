/** What a message waits for, and what its markup and its script can do. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mark, mark } from "../src/clock";
import type { Guard } from "../src/lookout";
import { Messages } from "../src/messages";
import type { Tools } from "../src/tools";
import * as tools from "../src/tools";
import type { Widget } from "../src/widget";
import type { Message, Values } from "../src/wire";
import { HandClock, drawer } from "./house";

/** What a script in the page sees, and where these scripts leave their widget. */
const page = globalThis as unknown as {
  omotenashi?: { message(reservation: string): Widget | undefined };
  widget: Widget | undefined;
};

const message = (given: Partial<Message>): Message => ({
  reservation: "r1",
  campaign: "welcome",
  action: "d1K",
  kind: "notification",
  until: 0,
  validMs: 1_800_000,
  html: "<p>Tea</p>",
  ...given,
});

function house(guard?: Promise<Guard | undefined>, found: Tools | null = tools) {
  const clock = new HandClock();
  const said: [string, Values][] = [];
  const told: [string, Values][] = [];
  const { storage } = drawer();
  const messages = new Messages(document, clock, {
    record: (name, values) => {
      said.push([name, values]);
      return Promise.resolve({ ok: true });
    },
    send: () => undefined,
    tell: (event, about) => told.push([event, about]),
    language: () => "en",
    storage,
    guard: () => guard ?? Promise.resolve(undefined),
    tools: () => Promise.resolve(found ?? undefined),
  });
  page.omotenashi = { message: (reservation) => messages.widget(reservation) };
  const pass = async (ms: number) => {
    clock.pass(ms);
    await vi.advanceTimersByTimeAsync(ms);
  };
  const arrive = async (given: Partial<Message>, sent: Mark = mark(clock)) => {
    messages.receive([message(given)], sent);
    await vi.advanceTimersByTimeAsync(0);
  };
  const root = () => document.querySelector("[data-omotenashi-message]")?.shadowRoot ?? undefined;
  const press = (selector: string) => root()?.querySelector<HTMLElement>(selector)?.click();
  const names = () => said.map(([name]) => name);
  return { clock, said, told, names, storage, messages, pass, arrive, root, press };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.innerHTML = "";
  for (const host of document.querySelectorAll("[data-omotenashi-message]")) host.remove();
  page.widget = undefined;
});

describe("waiting", () => {
  test("for rest begins anew with everything the visitor does, and takes one timer at a time", async () => {
    const { arrive, pass, names } = house();
    await arrive({ display: { idleMs: 5_000 } });
    for (const type of ["pointermove", "keydown", "wheel", "touchstart", "scroll"]) {
      await pass(4_000);
      document.dispatchEvent(new Event(type));
      expect(vi.getTimerCount()).toBeLessThan(5);
    }
    await pass(4_000);
    expect(names()).toEqual([]);
    await pass(1_000);
    expect(names()).toEqual(["_message_open"]);
  });

  test("for rest does not count the time away", async () => {
    const { arrive, pass, names, messages } = house();
    await arrive({ display: { idleMs: 5_000 } });
    const away = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    await pass(60_000);
    away.mockRestore();
    messages.comeBack();
    await pass(4_900);
    expect(names()).toEqual([]);
    await pass(100);
    expect(names()).toEqual(["_message_open"]);
  });

  test("follows the page only while a message lives", async () => {
    const living = new Set<AbortSignal>();
    const add = vi.spyOn(document, "addEventListener").mockImplementation((_type, _run, options) => {
      const { signal } = options as AddEventListenerOptions;
      if (signal) living.add(signal);
    });
    const { arrive, messages } = house();
    expect(add).not.toHaveBeenCalled();
    await arrive({});
    expect([...living].map((signal) => signal.aborted)).toEqual([false]);
    messages.leave();
    expect([...living].map((signal) => signal.aborted)).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
    add.mockRestore();
  });

  test("for the guard lasts a second at most, and only for those who must not be in the way", async () => {
    const never = new Promise<undefined>(() => undefined);
    const { arrive, pass, said } = house(never);
    await arrive({ reservation: "reports" });
    await arrive({ reservation: "hides", display: { guard: "hide" } });
    expect(said).toEqual([["_message_open", { reservation: "reports" }]]);
    await pass(1_000);
    expect(said.at(-1)).toEqual(["_message_open", { reservation: "hides" }]);
  });

  test("of a message that would be in the way ends with what it would cover", async () => {
    const guard: Guard = {
      blocks: () => true,
      move: () => false,
      report: ({ tell }) => tell({ selector: "#cart", share: 1 }),
    };
    const { arrive, said, root } = house(Promise.resolve(guard));
    await arrive({ display: { guard: "hide" } });
    expect(said).toEqual([
      ["_message_conflict", { reservation: "r1", selector: "#cart", share: 1 }],
      ["_release", { reservation: "r1", reason: "conflict" }],
    ]);
    expect(root()).toBeUndefined();
  });
});

describe("markup", () => {
  test("tells a press once and does what it says in its order", async () => {
    const { arrive, press, said } = house();
    await arrive({
      html: `<button data-omotenashi-click="yes" data-omotenashi-track="tea" data-omotenashi-values='{"leaf":"sencha"}'
        data-omotenashi-grant="record" data-omotenashi-close><b>Yes</b></button>`,
    });
    press("b");
    expect(said.slice(1)).toEqual([
      ["_message_click", { reservation: "r1", name: "yes" }],
      ["consent", { reservation: "r1", purpose: "record", state: "granted" }],
      ["tea", { leaf: "sencha" }],
      ["_message_close", { reservation: "r1", by: "button" }],
    ]);
  });

  test("that only closes is no click", async () => {
    const { arrive, press, names } = house();
    await arrive({ html: "<button data-omotenashi-close>x</button>" });
    press("button");
    expect(names()).toEqual(["_message_open", "_message_close"]);
  });

  test("with values that are no JSON still records its event", async () => {
    const { arrive, press, said } = house();
    await arrive({ html: `<button type="button" data-omotenashi-track="tea" data-omotenashi-values="{leaf}">x</button>` });
    press("button");
    expect(said.at(-1)).toEqual(["tea", {}]);
  });

  test("shows one screen at a time and reports the change", async () => {
    const { arrive, press, said, root } = house();
    await arrive({
      html: `<section data-omotenashi-state="ask"><h2>Ask</h2><button data-omotenashi-go="thanks">Next</button></section>
        <section data-omotenashi-state="thanks"><h2>Thanks</h2></section>`,
    });
    const shown = () => [...(root()?.querySelectorAll<HTMLElement>("section") ?? [])].map((one) => !one.hidden);
    const title = () => {
      const frame = root()?.querySelector(".omo-frame");
      return root()?.querySelector(`#${frame?.getAttribute("aria-labelledby")}`)?.textContent;
    };
    expect(shown()).toEqual([true, false]);
    expect(title()).toBe("Ask");
    press("button");
    expect(shown()).toEqual([false, true]);
    expect(title()).toBe("Thanks");
    expect(said.slice(1)).toEqual([
      ["_message_click", { reservation: "r1", name: "button" }],
      ["_message_state_changed", { reservation: "r1", state: "thanks", from: "ask" }],
    ]);
  });

  test("of a form sends what was filled in, numbers as numbers and several as a list", async () => {
    const { arrive, said, root } = house();
    await arrive({
      html: `<form data-omotenashi-answer data-omotenashi-go="done"><input name="comment" value=" "><input name="age" type="number" value="4">
        <input type="radio" name="score" value="9" checked data-omotenashi-number><input type="checkbox" name="tea" value="sencha" checked>
        <input type="checkbox" name="tea" value="matcha"><button name="by" value="hand">Send</button></form>`,
    });
    const form = root()?.querySelector("form");
    form?.requestSubmit(form.querySelector("button"));
    expect(said.slice(1)).toEqual([
      ["_message_click", { reservation: "r1", name: "submit" }],
      ["_answer_question", { reservation: "r1", answers: { age: 4, score: 9, tea: ["sencha"], by: "hand" } }],
      ["_message_state_changed", { reservation: "r1", state: "done", from: "" }],
    ]);
  });
});

describe("a script", () => {
  const keep = "window.widget = widget;";

  test("that waits with its message is what opens it", async () => {
    const { arrive, pass, names } = house();
    await arrive({ display: { manual: true }, script: keep });
    await pass(60_000);
    expect(names()).toEqual([]);
    page.widget?.show();
    expect(names()).toEqual(["_message_open"]);
  });

  test("that cannot be given its widget has failed", async () => {
    const { arrive, said } = house(undefined, null);
    await arrive({ script: keep });
    expect(said[0]).toEqual(["_error", expect.objectContaining({ reservation: "r1", message: "tools.js could not be loaded." })]);
    expect(said[1]).toEqual(["_release", { reservation: "r1", reason: "failed" }]);
  });

  test("that closes its message before it is seen has not wanted it", async () => {
    const { arrive, said, root } = house();
    await arrive({ script: "widget.close();" });
    expect(said).toEqual([["_release", { reservation: "r1", reason: "manual" }]]);
    expect(root()).toBeUndefined();
  });

  test("speaks after the opening, also where it spoke before it", async () => {
    const { arrive, said } = house();
    await arrive({ script: "widget.track('tea', { n: 1 }); widget.click('now'); widget.answer({ a: 1 });" });
    expect(said).toEqual([
      ["_message_open", { reservation: "r1" }],
      ["tea", { n: 1 }],
      ["_message_click", { reservation: "r1", name: "now" }],
      ["_answer_question", { reservation: "r1", answers: { a: 1 } }],
    ]);
  });

  test("hides its message and shows it again without closing it", async () => {
    const { arrive, names, root } = house();
    await arrive({ script: keep });
    const host = () => root()?.host as HTMLElement;
    page.widget?.hide();
    expect(host().hidden).toBe(true);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    page.widget?.show();
    expect(host().hidden).toBe(false);
    expect(names()).toEqual(["_message_open"]);
  });

  test("gives the focus back while its message is hidden", async () => {
    document.body.innerHTML = "<button>before</button>";
    const before = document.querySelector("button");
    before?.focus();
    const { arrive, root } = house();
    await arrive({ kind: "modal", script: keep });
    const focused = () => document.activeElement;
    expect(focused()).toBe(root()?.host);
    page.widget?.hide();
    expect(focused()).toBe(before);
    page.widget?.show();
    page.widget?.show();
    expect(focused()).toBe(root()?.host);
    page.widget?.close();
    expect(focused()).toBe(before);
  });

  test("hears of screens and of the end, which aborts what it started", async () => {
    const { arrive } = house();
    const heard: unknown[] = [];
    await arrive({ script: keep });
    const { widget } = page;
    widget?.on("state", (...args) => heard.push(args));
    widget?.on("close", (by) => {
      heard.push(by);
      throw new Error("mine");
    });
    widget?.setState("step2");
    expect(widget?.state).toBe("step2");
    widget?.close();
    expect(heard).toEqual([["step2", ""], "button"]);
    expect(widget?.signal.aborted).toBe(true);
    widget?.close();
    expect(heard).toHaveLength(2);
  });

  test("keeps what it must remember under its campaign's name", async () => {
    const { arrive, storage } = house();
    await arrive({ script: keep });
    expect(page.widget?.storage.get("step")).toBeNull();
    page.widget?.storage.set("step", { n: 2 });
    expect(page.widget?.storage.get("step")).toEqual({ n: 2 });
    expect(storage.names("_omo.w.welcome.")).toHaveLength(1);
  });

  test("replaces texts as texts", async () => {
    const { arrive, root } = house();
    await arrive({ html: `<p data-omotenashi-set="left">?</p>`, script: "widget.set('left', '<b>3</b>')" });
    expect(root()?.querySelector("p")?.innerHTML).toBe("&lt;b&gt;3&lt;/b&gt;");
  });

  test("alone opens nothing that has to be closed", async () => {
    const { arrive, names, messages } = house();
    await arrive({ kind: "script", script: keep });
    messages.leave();
    expect(names()).toEqual(["_message_open"]);
    expect(page.widget?.signal.aborted).toBe(true);
  });
});
