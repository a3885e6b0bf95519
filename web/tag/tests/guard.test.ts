import { beforeEach, describe, expect, test } from "vitest";

import { selectorOf } from "../src/guard";

const named = (html: string, find = "[data-me], .me, #me"): string => {
  document.body.innerHTML = html;
  const element = document.querySelector(find) as Element;
  const selector = selectorOf(element);
  expect(document.querySelector(selector)).toBe(element);
  return selector;
};

describe("the name of an element", () => {
  beforeEach(() => {
    document.body.innerHTML = "";
  });

  test("is its id before all others", () => {
    expect(named('<button id="me" data-action="buy" name="buy" class="big">', "button")).toBe("#me");
  });

  test("is not an id that a framework numbered", () => {
    for (const id of [":r1:", "radix-1042", "input-3f9a2c"]) {
      expect(named(`<button id="${id}" class="me">`, ".me")).toBe("button.me");
    }
  });

  test("is a data attribute that says what it is for, not one that a framework or a state wrote", () => {
    expect(named('<button data-v-7ba5bd90 data-state="open" data-testid="buy">', "button")).toBe('button[data-testid="buy"]');
  });

  test("is the name of a field, what is read aloud, or where a link leads", () => {
    expect(named('<input name="mail">', "input")).toBe('input[name="mail"]');
    expect(named('<button aria-label="カートに入れる">', "button")).toBe('button[aria-label="カートに入れる"]');
    expect(named('<a href="/cart">', "a")).toBe('a[href="/cart"]');
  });

  test("leaves out classes that a build or a state wrote", () => {
    expect(named('<button class="css-1q2w3e Button_root__x7Gh2 is-open active buy">', "button")).toBe("button.buy");
  });

  test("is a path where nothing of its own tells it from others", () => {
    const list = '<ul id="goods"><li><button>1</button></li><li><button>2</button></li></ul>';
    document.body.innerHTML = list;
    const second = document.querySelectorAll("button")[1] as Element;
    const selector = selectorOf(second);
    expect(document.querySelector(selector)).toBe(second);
    expect(selector).toBe("li:nth-of-type(2) > button");
  });

  test("goes through the hosts of open shadow roots", () => {
    document.body.innerHTML = '<x-shop id="shop"></x-shop>';
    const root = (document.querySelector("x-shop") as Element).attachShadow({ mode: "open" });
    root.innerHTML = '<button class="buy"></button>';
    expect(selectorOf(root.querySelector("button") as Element)).toBe("#shop >>> button.buy");
  });

  test("survives quotes and what else stands in attributes", () => {
    expect(named(`<button aria-label='say "hi"' class="me">`, ".me")).toBe("button.me");
    expect(named('<button class="2xl:p-4 me">', ".me")).toBe("button.me");
  });
});
