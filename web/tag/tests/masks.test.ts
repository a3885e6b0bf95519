import { afterEach, describe, expect, it } from "vitest";

import { bare, hidden, Mask, stars, type Written } from "../src/masks";

function page(html: string): void {
  document.body.innerHTML = html;
}

function at(selector: string): Element {
  const found = document.querySelector(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
}

/** What is left of one element's attributes. */
function left(mask: Mask, selector: string): Record<string, unknown> {
  const element = at(selector);
  const written = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  mask.attributes(written, element.localName, element, mask.covers(element));
  return written;
}

afterEach(() => page(""));

describe("an address", () => {
  it.each([
    ["https://m.example/a?b=c&d=e", "https://m.example/a?b=*&d=*"],
    ["/a?flag&step=2&token=x=y", "/a?flag&step=2&token=*"],
    ["/a?b=c#token=secret", "/a?b=*"],
    ["/app#/cart?id=7", "/app#/cart?id=*"],
    ["/a?x=1?y=2", "/a?x=*"],
    ["#top", ""],
    ["mailto:a", "mailto:a"],
  ])("%s is told as %s", (address, told) => expect(bare(address, ["step"])).toBe(told));
});

describe("what is hidden", () => {
  it("is as long as it was where it is read, and says nothing where it was entered", () => {
    expect(stars("Dear 花子 様")).toBe("**** ** *");
    expect([hidden("a"), hidden("a long one"), hidden("")]).toEqual(["********", "********", ""]);
  });

  it("is whatever hangs in a masked element, unless something nearer shows it again", () => {
    page('<div data-omotenashi-mask><p id="in"><b class="shown"><i id="out"></i></b></p></div><p id="beside"></p>');
    const mask = new Mask({ unmask: [".shown"] });
    expect(["#in", "#out", "#beside"].map((one) => mask.covers(at(one)))).toEqual([true, false, false]);
  });

  it("reaches into shadow roots", () => {
    page('<div id="host" data-omotenashi-mask></div>');
    const root = at("#host").attachShadow({ mode: "open" });
    root.innerHTML = "<p>said</p>";
    expect(new Mask({}).covers((root.firstChild as Element).firstChild)).toBe(true);
  });

  it("are all fields, or those that are sensitive", () => {
    page('<input id="q"><input id="p" type="password"><input id="c" autocomplete="cc-number"><input id="b" type="submit" value="Buy"><textarea></textarea>');
    const hides = (mask: Mask) => ["#q", "#p", "#c", "#b", "textarea"].map((one) => mask.hides(at(one)));
    expect(hides(new Mask({}))).toEqual([true, true, true, false, true]);
    expect(hides(new Mask({ inputs: "sensitive" }))).toEqual([false, true, true, false, false]);
    expect(hides(new Mask({ unmask: ["input"] }))).toEqual([false, true, true, false, true]);
  });

  it("are the words of a field, but not what it looks like", () => {
    page('<input id="a" class="wide" value="v" placeholder="pp" title="t" aria-label="al" aria-hidden="true" data-who="w" onfocus="x()">');
    expect(left(new Mask({}), "#a")).toEqual({
      id: "a",
      class: "wide",
      value: "********",
      placeholder: "**",
      title: "*",
      "aria-label": "**",
      "aria-hidden": "true",
      "data-who": "*",
    });
  });

  it("are addresses that links lead to, not those that pictures come from", () => {
    page('<a href="/x?k=v">a</a><img src="/i.png?v=1" alt="Tea"><svg><use href="#icon"></use></svg><p data-omotenashi-mask><a id="m" href="/to/hanako">b</a></p>');
    const mask = new Mask({});
    expect(left(mask, "a")).toEqual({ href: "/x?k=*" });
    expect(left(mask, "img")).toEqual({ src: "/i.png?v=1", alt: "Tea" });
    expect(left(mask, "use")).toEqual({ href: "#icon" });
    expect(left(mask, "#m")).toEqual({ id: "m", href: "" });
  });

  it("is said of an element that is gone already, too", () => {
    const written: Record<string, unknown> = { title: "Hanako", class: "x" };
    new Mask({}).attributes(written, "p", null, false);
    expect(written).toEqual({ title: "******", class: "x" });
  });

  it("goes down a whole tree as rrweb writes it, and leaves looks alone", () => {
    page('<div data-omotenashi-mask id="d"><p>Hanako</p><style>p{color:red}</style></div>');
    const ids = new Map<number, Node>();
    let next = 0;
    const write = (node: Node): Written => {
      const id = ++next;
      ids.set(id, node);
      if (node.nodeType === 3) return { type: 3, id, textContent: node.textContent ?? "" };
      const element = node as Element;
      return { type: 2, id, tagName: element.localName, attributes: {}, childNodes: [...element.childNodes].map(write) };
    };
    const written = write(at("#d"));
    new Mask({}).scrub(written, (id) => ids.get(id) ?? null, false);
    expect(written.childNodes?.map((child) => child.childNodes?.[0]?.textContent)).toEqual(["******", "p{color:red}"]);
  });
});

describe("a selector that the browser does not understand", () => {
  it("lets nothing be recorded", () => expect(() => new Mask({ text: ["p:::"] })).toThrow());
});
