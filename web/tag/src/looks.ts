/** What rrweb writes down would look otherwise in another place: addresses that hold only here, boxes that nothing holds open. */

import type { Written } from "./masks";

const ADDRESS = /url\(\s*(?:"([^"\\]*)"|'([^'\\]*)'|([^"'()\s\\]*))\s*\)/g;
const ELSEWHERE = /^[a-z][a-z\d+.-]*:/i;
/** Of `url(#clip)` rrweb makes the address of the page's folder. */
const WITHIN = /(?:^|\/)(#[^/]*)$/;
/** What browsers print of a shorthand with a variable of which one side is set anew: nothing. */
const EMPTIED = /: ;/;
const IMPORT = /@import\s+(?:url\([^)]*\)|"[^"]*"|'[^']*')[^;]*;/g;
const SVG = "http://www.w3.org/2000/svg";
/** Where a box stands. */
const PLACE = "display position top right bottom left float margin z-index align-self grid-area vertical-align border-radius".split(" ");

/** CSS whose addresses hold everywhere: made whole by `base`, or left as places in the page itself. */
export function whole(css: string, base: string): string {
  if (!css.includes("url(")) return css;
  return css.replace(ADDRESS, (all: string, ...[one, two, three]: (string | undefined)[]) => {
    const said = one ?? two ?? three ?? "";
    if (said === "" || said.startsWith("data:")) return all;
    const within = WITHIN.exec(said)?.[1];
    if (within !== undefined) return `url("${within}")`;
    return ELSEWHERE.test(said) ? all : `url("${address(said, base)}")`;
  });
}

/** Says of an element with `popover` that it is open: no attribute of the page's does. */
export const POPPED = "data-omotenashi-popped";

/** Mends attributes of `element` as rrweb wrote them, so that it looks the same elsewhere. */
export function mend(written: Record<string, unknown>, element: Element): void {
  if ("popover" in written && isPopped(element)) written[POPPED] = "";
  for (const [name, value] of Object.entries(written)) {
    if (name === "_cssText" && typeof value === "string") sheet(written, value, element);
    else if (name === "style") written[name] = styled(value, element.baseURI);
    else if (name === "poster" && typeof value === "string" && value !== "") written[name] = address(value, element.baseURI);
    else if ((name === "href" || name === "xlink:href") && element.namespaceURI === SVG) {
      const said = element.getAttribute(name);
      if (said?.startsWith("#")) written[name] = said;
    } else if (name === "rr_width") written["style"] = box(element);
  }
}

/** Whether it has popped up; browsers that know of no such thing show it always. */
export function isPopped(element: Element): boolean {
  return "popover" in HTMLElement.prototype && element.matches(":popover-open");
}

/** A `style` as rrweb writes it: CSS, or what has changed of it by property. */
function styled(value: unknown, base: string): unknown {
  if (typeof value === "string") return whole(value, base);
  if (Array.isArray(value)) return value.map((one) => styled(one, base));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, styled(one, base)]));
}

function sheet(written: Record<string, unknown>, css: string, element: Element): void {
  const own = element.localName === "style" && element.childNodes.length === 1 ? (element.textContent ?? "") : "";
  if (EMPTIED.test(css) && rules(own) === (element as HTMLStyleElement).sheet?.cssRules.length)
    written["_cssText"] = whole(own, element.baseURI);
  else if (css.includes("/#")) written["_cssText"] = whole(css, element.baseURI);
}

/** Whether what rrweb wrote of a sheet has holes, and its own text is to be had elsewhere only. */
export function hasHoles({ tagName, attributes }: Written): boolean {
  return tagName === "link" && EMPTIED.test(String(attributes?.["_cssText"] ?? ""));
}

/** The text of a sheet that was loaded, and of all it imports; the browser has it still, mostly. Rejects when it is not to be had. */
export async function source(loaded: CSSStyleSheet): Promise<string> {
  const from = loaded.href ?? "";
  const answer = await fetch(from, { cache: "force-cache" });
  if (!answer.ok) throw new Error(from);
  const text = whole(await answer.text(), from).replace(IMPORT, "");
  let before = "";
  for (const rule of loaded.cssRules) {
    if (!("styleSheet" in rule)) continue;
    const { styleSheet, media, layerName, supportsText } = rule as CSSImportRule;
    if (styleSheet === null) continue;
    let css = await source(styleSheet);
    if (layerName !== null && layerName !== undefined) css = `@layer ${layerName} {${css}}`;
    if (media.length > 0) css = `@media ${media.mediaText} {${css}}`;
    if (supportsText) css = `@supports ${supportsText} {${css}}`;
    before += css;
  }
  return before + text;
}

/** How many rules a text has: others were put in by a script. */
function rules(css: string): number {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made.cssRules.length;
}

/** Keeps an element that is blocked as large as it was, and where it was; rrweb writes down its size and class only. */
function box(element: Element): string {
  const now = getComputedStyle(element);
  const place = PLACE.map((name) => `${name}:${now.getPropertyValue(name).replace(/^inline$/, "inline-block")}`);
  return `${place.join(";")};box-sizing:border-box;flex:none;padding:0;border:0;min-width:0;max-width:none;min-height:0;max-height:none`;
}

function address(said: string, base: string): string {
  try {
    return new URL(said, base).href;
  } catch {
    return said;
  }
}
