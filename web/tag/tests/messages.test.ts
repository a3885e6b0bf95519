import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mark } from "../src/clock";
import { Messages } from "../src/messages";
import type { Message, Values } from "../src/wire";
import * as tools from "../src/tools";
import { HandClock, drawer } from "./house";

const message = (given: Partial<Message> = {}): Message => ({
  reservation: "r1",
  campaign: "welcome",
  action: "d1K",
  kind: "notification",
  until: 0,
  validMs: 30_000,
  html: '<h2>Tea</h2><a href="https://shop.example/tea" data-omotenashi-click="tea">See</a><button data-omotenashi-close>x</button>',
  ...given,
});

function stage() {
  const clock = new HandClock();
  const said: [string, Values][] = [];
  const told: [string, Values][] = [];
  const shown = () => document.querySelectorAll("[data-omotenashi-message]").length;
  const sent: boolean[] = [];
  const messages = new Messages(document, clock, {
    record: (name, values) => {
      said.push([name, values]);
      return Promise.resolve({ ok: true });
    },
    send: (urgent) => sent.push(urgent),
    tell: (event, about) => told.push([event, about]),
    language: () => "en",
    storage: drawer().storage,
    guard: () => Promise.resolve(undefined),
    tools: () => Promise.resolve(tools),
  });
  const pass = async (ms: number) => {
    clock.pass(ms);
    await vi.advanceTimersByTimeAsync(ms);
  };
  const show = (given: Partial<Message> = {}) => messages.receive([message(given)], mark(clock));
  const root = () => document.querySelector("[data-omotenashi-message]")?.shadowRoot ?? null;
  return { clock, said, told, sent, messages, pass, show, shown, root };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.innerHTML = "";
  for (const host of document.querySelectorAll("[data-omotenashi-message]")) host.remove();
});

describe("a message", () => {
  test("has its opening recorded before it is painted", () => {
    const { show, said, shown } = stage();
    show(); // one task: nothing is painted before it returns
    expect(said).toEqual([["_message_open", { reservation: "r1" }]]);
    expect(shown()).toBe(1);
  });

  test("comes once, however often it is answered", () => {
    const { show, said, shown } = stage();
    show();
    show();
    expect(said).toHaveLength(1);
    expect(shown()).toBe(1);
  });

  test("waits for its delay", async () => {
    const { show, shown, pass } = stage();
    show({ display: { delayMs: 2000 } });
    await pass(1999);
    expect(shown()).toBe(0);
    await pass(1);
    expect(shown()).toBe(1);
  });

  test("is never painted after its lease, and gives its place back", async () => {
    const { show, shown, pass, said } = stage();
    show({ validMs: 1000, display: { delayMs: 2000 } });
    await pass(1000);
    await pass(4000);
    expect(shown()).toBe(0);
    expect(said).toEqual([["_release", { reservation: "r1", reason: "delay" }]]);
  });

  test("counts its lease from when the request left, not from when the answer came", async () => {
    const { clock, messages, said } = stage();
    const left = mark(clock);
    clock.pass(30_000);
    messages.receive([message()], left);
    expect(said).toEqual([["_release", { reservation: "r1", reason: "expired" }]]);
  });

  test("of a holdout is recorded at the same moment and shows nothing", async () => {
    const { show, said, shown, pass, messages } = stage();
    const { html: _, ...bare } = message({ holdout: true, display: { delayMs: 500 } });
    show(bare);
    expect(said).toEqual([]);
    await pass(500);
    expect(said).toEqual([["_message_open", { reservation: "r1" }]]);
    expect(shown()).toBe(0);
    messages.leave();
    expect(said).toHaveLength(1);
  });

  test("reports a click by name and address, urgently, because the page may go", () => {
    const { show, said, sent, root } = stage();
    show();
    root()?.querySelector("a")?.dispatchEvent(new Event("click", { bubbles: true }));
    expect(said[1]).toEqual(["_message_click", { reservation: "r1", name: "tea", url: "https://shop.example/tea" }]);
    expect(sent.at(-1)).toBe(true);
  });

  test("is closed by its button, by Escape, by its timer, and by the page going away", async () => {
    const { show, said, root, pass, messages, shown } = stage();
    const by = () => said.at(-1)?.[1]["by"];
    show({ reservation: "r1" });
    root()?.querySelector("button")?.dispatchEvent(new Event("click", { bubbles: true }));
    expect(by()).toBe("button");
    show({ reservation: "r2" });
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(by()).toBe("escape");
    show({ reservation: "r3", display: { hideAfterMs: 3000 } });
    await pass(3000);
    expect(by()).toBe("timer");
    show({ reservation: "r4" });
    messages.leave();
    expect(by()).toBe("navigation");
    expect(shown()).toBe(0);
  });

  test("that never opened is released when the page goes away", () => {
    const { show, said, messages } = stage();
    show({ display: { delayMs: 5000 } });
    messages.leave();
    expect(said).toEqual([["_release", { reservation: "r1", reason: "delay" }]]);
  });

  test("of a modal kind is a named dialog that takes the focus and gives it back", () => {
    const { show, root } = stage();
    document.body.innerHTML = "<button id=before>before</button>";
    const before = document.getElementById("before") as HTMLButtonElement;
    before.focus();
    show({ kind: "modal" });
    const dialog = root()?.querySelector("[role=dialog]");
    expect(dialog?.getAttribute("aria-modal")).toBe("true");
    expect(dialog?.getAttribute("aria-labelledby")).toBe(root()?.querySelector("h2")?.id);
    root()?.querySelector(".omo-backdrop")?.dispatchEvent(new Event("click", { bubbles: true }));
    expect(document.activeElement).toBe(before);
  });

  test("without a way to close it is given one", () => {
    const { show, root } = stage();
    show({ html: "<p>Tea</p>" });
    expect(root()?.querySelector("[data-omotenashi-close]")?.getAttribute("aria-label")).toBe("Close");
  });
});
