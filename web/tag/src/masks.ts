/** What is taken out of a recording before it is kept anywhere: rrweb hides what it knows of, this hides the rest. */

import { mend } from "./looks";
import type { Masks } from "./wire";

/** As rrweb writes nodes down; only what is looked at here. */
export interface Written {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  textContent?: string;
  childNodes?: Written[];
}

const ELEMENT = 2;
const TEXT = 3;
const ALWAYS = "[data-omotenashi-mask],title,noscript";
const ENTERED = "textarea,select,datalist,[contenteditable]:not([contenteditable=false])";
const FIELDS = "input,select,option,[role=textbox],[role=searchbox],[role=combobox],[role=spinbutton],[role=slider]";
/** Their value is what stands on them, not what somebody entered. */
const BUTTONS = "input:is([type=submit],[type=button],[type=reset],[type=image])";
/** Whatever a project shows, these it does not. */
const SENSITIVE =
  "input:is([type=password],[type=hidden],[type=email],[type=tel],[data-rr-is-password]),[autocomplete*=cc-],[autocomplete*=password],[autocomplete*=one-time-code],[autocomplete*=email],[autocomplete*=tel],[autocomplete*=address],[autocomplete*=name],[autocomplete*=bday]";
const SPOKEN = /^(value|placeholder|title|alt|label|content|summary|cite|datetime|(aria|data)-.*)$/;
const STATES = /^(true|false|mixed|)$/;
const LINKS = /^(href|src|rr_src|action|formaction|ping)$/;
/** Links without which a page looks otherwise. */
const LOOKS = /stylesheet|icon|preload/;
/** What a page says of how it is to be drawn. */
const SETTINGS = /^(viewport|color-scheme)$/;
const LINKING = /^(a|area|form|button|input|link|iframe)$/;

/** So many stars as letters; blanks stay, so that lines break where they did. */
export function stars(text: string): string {
  return text.replace(/\S/gu, "*");
}

/** An entered value says nothing, not even its length. */
export function hidden(text: string): string {
  return text === "" ? "" : "********";
}

/** The address without the values of its parameters, but for those in `kept`, and without a fragment that is no route. */
export function bare(address: string, kept: readonly string[]): string {
  const [whole = "", ...fragments] = address.split("#");
  const [path = "", ...queries] = whole.split("?");
  const fragment = fragments.join("#");
  const query = queries
    .join("?")
    .split("&")
    .map((pair) => {
      const [name = ""] = pair.split("=");
      return pair === name || kept.includes(name) ? pair : `${name}=*`;
    })
    .join("&");
  return path + (queries.length > 0 ? `?${query}` : "") + (/^!?\//.test(fragment) ? `#${bare(fragment, kept)}` : "");
}

/** Where a node hangs: inside shadow roots and frames too. */
function above(node: Node): Element | null {
  if (node.parentElement !== null) return node.parentElement;
  const root = node.getRootNode();
  if (root instanceof ShadowRoot) return root.host;
  try {
    return (node.ownerDocument ?? (node as Document)).defaultView?.frameElement ?? null;
  } catch {
    return null; // somebody else's page
  }
}

export class Mask {
  /** What rrweb is to mask by itself. */
  readonly texts: string;
  readonly blocks: string;
  private readonly open: string;

  constructor(private readonly masks: Masks) {
    const { text = [], block = [], unmask = [], inputs = "all" } = masks;
    this.texts = one([ALWAYS, ...(inputs === "all" ? [ENTERED] : []), ...text]);
    this.blocks = one(["[data-omotenashi-block]", ...block]);
    this.open = one(unmask);
  }

  /** Whether what the node says is hidden: it, or what it hangs in. The nearest that says something counts. */
  covers(node: Node | null): boolean {
    for (let at = node; at !== null; at = above(at)) {
      const said = at instanceof Element || at.nodeType === 1 ? this.says(at as Element) : undefined;
      if (said !== undefined) return said;
    }
    return false;
  }

  /** Whether what is entered here is hidden. */
  hides(field: Element): boolean {
    if (field.matches(SENSITIVE) || field.closest("select")?.matches(SENSITIVE)) return true;
    if (field.matches(BUTTONS)) return this.covers(field);
    for (let at: Element | null = field; at !== null; at = above(at)) {
      if (this.open !== "" && at.matches(this.open)) return false;
      if (at.matches(this.texts)) return true;
    }
    return (this.masks.inputs ?? "all") === "all";
  }

  /** Hides in a node as rrweb wrote it, and in all below; `live` finds the page's own. */
  scrub(node: Written, live: (id: number) => Node | null, covered: boolean): void {
    if (node.type === TEXT) {
      if (covered && node.textContent !== undefined) node.textContent = stars(node.textContent);
      return;
    }
    let inside = covered;
    if (node.type === ELEMENT && node.attributes !== undefined) {
      const own = live(node.id);
      const element = own?.nodeType === 1 ? (own as Element) : null;
      inside = (element === null ? undefined : this.says(element)) ?? covered;
      if (element !== null) mend(node.attributes, element);
      this.attributes(node.attributes, node.tagName ?? "", element, inside);
      if (node.tagName === "style") inside = false; // what it says is seen by nobody, and looks are needed
    }
    for (const child of node.childNodes ?? []) this.scrub(child, live, inside);
  }

  /** Hides in attributes as rrweb wrote them, those of an element that may be gone already. */
  attributes(written: Record<string, unknown>, tag: string, element: Element | null, covered: boolean): void {
    const field = element?.matches(FIELDS) === true && !element.matches(BUTTONS) ? this.hides(element) : false;
    const secret = element === null || covered || field;
    for (const [name, value] of Object.entries(written)) {
      if (name.startsWith("on") || name === "nonce" || name === "srcdoc" || (secret && name === "selected")) delete written[name];
      else if (typeof value !== "string") continue;
      else if (tag === "meta") {
        if (name === "content" && !SETTINGS.test(String(written["name"]))) written[name] = "";
      } else if (secret && SPOKEN.test(name)) {
        if (!name.startsWith("data-omotenashi") && !(name.startsWith("aria-") && STATES.test(value)))
          written[name] = name === "value" ? hidden(value) : stars(value);
      } else if (LINKING.test(tag) && LINKS.test(name) && !LOOKS.test(String(written["rel"] ?? "")))
        written[name] = secret && name === "href" ? "" : bare(value, this.masks.query ?? []);
    }
  }

  private says(element: Element): boolean | undefined {
    if (this.open !== "" && element.matches(this.open)) return false;
    return element.matches(this.texts) ? true : undefined;
  }
}

/** One selector of several. Throws what a browser throws that does not understand one of them: then nothing is recorded. */
function one(selectors: string[]): string {
  const whole = selectors.join(",");
  if (whole !== "") document.createDocumentFragment().querySelector(whole);
  return whole;
}
