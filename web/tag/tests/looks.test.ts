import { describe, expect, it } from "vitest";

import { mend, whole } from "../src/looks";

const HERE = "https://midori.example/tea/sencha";

describe("addresses in CSS", () => {
  it.each([
    ["a { color: red }", "a { color: red }"],
    ["url(leaf.svg)", 'url("https://midori.example/tea/leaf.svg")'],
    ["url('../art/leaf.svg?v=2')", 'url("https://midori.example/art/leaf.svg?v=2")'],
    ['url( "/art/leaf.svg" ) 10px', 'url("https://midori.example/art/leaf.svg") 10px'],
    ["url(https://cdn.example/leaf.svg)", "url(https://cdn.example/leaf.svg)"],
    ["url(//cdn.example/leaf.svg)", 'url("https://cdn.example/leaf.svg")'],
    ["url(data:image/gif;base64,R0lG)", "url(data:image/gif;base64,R0lG)"],
    [String.raw`url("data:image/svg+xml,<svg id=\"/#a\"/>")`, String.raw`url("data:image/svg+xml,<svg id=\"/#a\"/>")`],
    ["url(blob:https://midori.example/1)", "url(blob:https://midori.example/1)"],
    ["url()", "url()"],
  ])("%s is told as %s", (css, told) => expect(whole(css, HERE)).toBe(told));

  it("that name a place in the page stay there, also where rrweb made a folder's of it", () => {
    expect(whole('url("#heart")', HERE)).toBe('url("#heart")');
    expect(whole('url("https://midori.example/tea/#heart")', HERE)).toBe('url("#heart")');
    expect(whole("url(/art/icons.svg#leaf)", HERE)).toBe('url("https://midori.example/art/icons.svg#leaf")');
  });
});

describe("what rrweb wrote", () => {
  function element(html: string): Element {
    document.body.innerHTML = html;
    return document.body.querySelector("#it") as Element;
  }

  it("of a style holds elsewhere, as text and as what changed", () => {
    const it = element('<p id="it"></p>');
    const base = it.baseURI;
    const said = { style: "background: url(leaf.svg)" };
    mend(said, it);
    expect(said.style).toBe(`background: url("${new URL("leaf.svg", base).href}")`);
    const changed = { style: { "background-image": "url(leaf.svg)", color: ["red", "important"], width: false } };
    mend(changed, it);
    expect(changed.style).toEqual({
      "background-image": `url("${new URL("leaf.svg", base).href}")`,
      color: ["red", "important"],
      width: false,
    });
  });

  it("of a gradient that another is made from names the one of the page", () => {
    const it = element('<svg><linearGradient id="it" href="#base"></linearGradient></svg>');
    const said = { href: "https://midori.example/tea/sencha#base" };
    mend(said, it);
    expect(said.href).toBe("#base");
  });

  it("of a film's poster is an address", () => {
    const it = element('<video id="it"></video>');
    const said = { poster: "cup.svg" };
    mend(said, it);
    expect(said.poster).toBe(new URL("cup.svg", it.baseURI).href);
  });

  it("of a box that is blocked keeps its place", () => {
    const it = element('<p id="it" style="float: right; margin: 4px"></p>');
    const said: Record<string, unknown> = { rr_width: "10px", rr_height: "20px" };
    mend(said, it);
    expect(said["style"]).toContain("float:right");
    expect(said["style"]).toContain("box-sizing:border-box");
  });
});
