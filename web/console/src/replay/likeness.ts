/** What rrweb's replayer would draw otherwise than the visitor saw it: canvases, where the keys go, motion that is over by then, boxes
 * that were blocked, other sites' frames, places scrolled to before there was anything to scroll. */

import type { Replayer } from "@rrweb/replay";

const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
const META = 4;
const MUTATION = 0;
const MOUSE_MOVE = 1;
const MOUSE = 2;
const SCROLL = 3;
const TOUCH_MOVE = 6;
const SHEET = 8;
const CANVAS = 9;
const DECLARATION = 13;
const FOCUS = 5;
const BLUR = 6;
/** What our recorder says of what pops up: see the tag's `looks.ts`. */
const POPPED = "data-omotenashi-popped";
const PAUSED = "rrweb-paused";
/** How something would be that is pointed at, or has the keys: rrweb knows of the first, in sheets whose text it has. */
const STATES = /(?<!\\):(hover|focus-visible|focus-within|focus)(?![\w-])/g;
const HATCHED = "repeating-linear-gradient(135deg, #8d8a8333 0 8px, #8d8a8318 8px 16px)";

/** Rules for every page that is drawn. Where no script may run, browsers show a film's controls unasked. */
export const RULES = [
  "html { cursor: default !important; }",
  "html, html * { scroll-behavior: auto !important; }",
  "video:not([controls])::-webkit-media-controls, audio:not([controls])::-webkit-media-controls { display: none !important; }",
  ":where(.\\:focus-visible) { outline: -webkit-focus-ring-color auto 1px; }",
];

/** Bars of scrolling that take the room they took on the visitor's device. */
export function barred(events: readonly Happened[]): string[] {
  const bar = Number((events.find(({ type }) => type === META)?.data as Said | undefined)?.bar ?? 0);
  if (!(bar > 0 && bar < 40)) return [];
  return [
    `::-webkit-scrollbar { width: ${bar}px; height: ${bar}px; background: #f1f1f1; }`,
    "::-webkit-scrollbar-thumb { background: #c1c1c1; }",
  ];
}

interface Happened {
  type: number;
  data: unknown;
}

/** As far as it is looked at here; what is recorded may be anything. */
interface Said {
  source?: number;
  type?: number;
  id?: number;
  x?: number;
  y?: number;
  seen?: boolean;
  dark?: boolean;
  bar?: number;
  styleId?: number;
  positions?: { id: number }[];
  attributes?: { id: number }[];
  commands?: { property?: string; args?: unknown[] }[];
  node?: { id: number };
  initialOffset?: { left?: number; top?: number };
}

/** A node as rrweb writes it. */
interface Written {
  attributes?: { rr_src?: unknown; rr_width?: unknown };
  childNodes?: { id: number; tagName?: string }[];
}

/** What of the replayer its types keep to themselves. */
interface Inner {
  styleMirror: { getStyle(id: number): CSSStyleSheet | null };
  applyStyleSheetMutation(said: Said): void;
}

/** Stands beside a replayer: is told what it draws, and mends that. */
export class Likeness {
  private replayer: Replayer | undefined;
  /** By rrweb's id: what is on a canvas, and how far something is scrolled. */
  private readonly pictures = new Map<number, string>();
  private readonly scrolled = new Map<number, { left: number; top: number }>();
  private readonly painting = new Set<Promise<void>>();
  private readonly marked = new Set<Element>();
  private readonly known = new WeakMap<CSSStyleSheet, number>();
  private focus: { id: number; seen: boolean } | undefined;
  private pointed = 0;
  /** Changes of sheets that the replayer makes before there are such sheets, when it jumps. */
  private early: Said[] = [];

  /** For the replayer's list of plugins. */
  readonly plugin = {
    onBuild: (node: unknown) => this.built(node as Node),
    handler: (event: unknown, isSync: boolean) => {
      try {
        this.happened(event as Happened, isSync);
      } catch {
        // nobody promised that it has a shape; what comes after it is drawn all the same
      }
    },
  };

  /** To be called once it is made. */
  watch(replayer: Replayer): void {
    this.replayer = replayer;
    replayer.on("flush", () => this.mend());
    replayer.on("fullsnapshot-rebuilded", () => {
      const inside = this.document;
      if (inside?.documentElement) this.order(inside.documentElement);
      this.mend();
      inside?.addEventListener(
        "load",
        ({ target }) => ((target as Node).nodeName === "LINK" ? this.mend() : this.scroll()),
        true,
      );
      void inside?.fonts.ready.then(() => this.scroll());
    });
  }

  /** Every canvas shows what it was last given. */
  async painted(): Promise<void> {
    await Promise.all(this.painting);
  }

  /** The replayer puts the body at the end, also before what stood after it. */
  private order(html: Element): void {
    const { childNodes = [] } = (this.replayer?.getMirror().getMeta(html as never) ?? {}) as Pick<Written, "childNodes">;
    const body = childNodes.findIndex(({ tagName }) => tagName === "body");
    for (const { id } of body < 0 ? [] : childNodes.slice(body + 1)) {
      const after = this.node(id);
      if (after) html.append(after);
    }
  }

  /** Draws what only shows when a moment is drawn as a whole, as after a jump. */
  mend(): void {
    const inside = this.document;
    if (!inside?.documentElement) return;
    for (const said of this.early.splice(0)) this.inner?.applyStyleSheetMutation(said);
    for (const root of roots(inside)) {
      for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) this.adapt(sheet);
      pop(root);
      rest(root);
    }
    this.dress();
    for (const id of this.pictures.keys()) this.paint(id);
    this.scroll();
  }

  /** Scrolls again to where it was: before pictures and fonts were there, a page may have been too short. */
  scroll(): void {
    for (const [id, { left, top }] of this.scrolled) {
      const node = this.node(id);
      const what = node?.nodeType === Node.DOCUMENT_NODE ? (node as Document).scrollingElement : (node as Element | null);
      if (what && (Math.abs(what.scrollTop - top) >= 1 || Math.abs(what.scrollLeft - left) >= 1))
        what.scrollTo({ left, top, behavior: "instant" });
    }
  }

  private get inner(): Inner | undefined {
    return this.replayer as unknown as Inner | undefined;
  }

  private get document(): Document | null {
    return this.replayer?.iframe.contentDocument ?? null;
  }

  private node(id: number): Node | null {
    return this.replayer?.getMirror().getNode(id) ?? null;
  }

  private happened({ type, data }: Happened, isSync: boolean): void {
    const said = (data ?? {}) as Said;
    if (type === META) {
      const frame = this.replayer?.iframe;
      if (!frame) return;
      frame.style.colorScheme = said.dark ? "dark" : "light";
      frame.setAttribute("scrolling", said.bar ? "auto" : "no");
    } else if (type === FULL_SNAPSHOT) {
      this.pictures.clear();
      this.scrolled.clear();
      this.focus = undefined;
      if (said.node) this.scrolled.set(said.node.id, { left: said.initialOffset?.left ?? 0, top: said.initialOffset?.top ?? 0 });
    } else if (type === INCREMENTAL) this.changed(said, isSync);
  }

  private changed(said: Said, isSync: boolean): void {
    const id = said.id ?? -1;
    switch (said.source) {
      case MUTATION:
        if (!isSync && said.attributes?.length) {
          this.dress();
          if (this.document) pop(this.document);
          for (const canvas of this.pictures.keys()) this.paint(canvas);
        }
        break;
      case MOUSE_MOVE:
      case TOUCH_MOVE:
        this.pointed = said.positions?.at(-1)?.id ?? this.pointed;
        break;
      case MOUSE:
        if (said.type === FOCUS) this.focus = { id, seen: said.seen === true };
        else if (said.type === BLUR) {
          if (this.focus?.id === id) this.focus = undefined;
        } else this.pointed = id;
        if (!isSync) this.dress();
        break;
      case SCROLL:
        this.scrolled.set(id, { left: said.x ?? 0, top: said.y ?? 0 });
        break;
      case SHEET:
      case DECLARATION:
        if (isSync && said.styleId && !this.inner?.styleMirror.getStyle(said.styleId)) this.early.push(said);
        break;
      case CANVAS: {
        const picture = pictured(said);
        if (picture === undefined) break;
        this.pictures.set(id, picture);
        if (!isSync) this.paint(id);
      }
    }
  }

  private built(node: Node): void {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const element = node as HTMLElement;
    const { attributes } = (this.replayer?.getMirror().getMeta(element as never) ?? {}) as Pick<Written, "attributes">;
    if (element.localName === "canvas") empty(element as HTMLCanvasElement);
    else if (element.localName === "iframe" && typeof attributes?.rr_src === "string") element.style.background = HATCHED;
    else if (attributes?.rr_width !== undefined) element.style.background = HATCHED;
  }

  /** A canvas is not drawn at all where no script may run; a picture in its place is. It is put there once it is read, so that nothing
   * flickers. */
  private paint(id: number): void {
    const picture = this.pictures.get(id);
    const canvas = this.node(id) as HTMLElement | null;
    const content = `url("${picture}")`;
    if (!picture || canvas?.localName !== "canvas" || canvas.style.content === content) return;
    const image = new Image();
    image.src = picture;
    const put = (): void => {
      if (this.pictures.get(id) === picture) canvas.style.setProperty("content", content, "important");
      this.painting.delete(painting);
    };
    const painting = image.decode().then(put, put);
    this.painting.add(painting);
  }

  /** Marks what is pointed at, and what has the keys; a page that sets its classes takes the marks away. */
  private dress(): void {
    for (const one of this.marked) one.classList.remove(":focus", ":focus-visible", ":focus-within");
    this.marked.clear();
    const focused = this.focus ? this.node(this.focus.id) : null;
    if (focused?.nodeType === Node.ELEMENT_NODE && focused.isConnected) {
      (focused as Element).classList.add(":focus", ...(this.focus?.seen ? [":focus-visible"] : []));
      for (const one of upwards(focused)) {
        one.classList.add(":focus-within");
        this.marked.add(one);
      }
    }
    const pointed = this.node(this.pointed);
    if (pointed?.isConnected) for (const one of upwards(pointed)) one.classList.add(":hover");
  }

  /** Lets a sheet's rules for such states hold for the marks, too. */
  private adapt(sheet: CSSStyleSheet): void {
    const rules = readable(sheet);
    if (!rules || this.known.get(sheet) === rules.length) return;
    this.known.set(sheet, rules.length);
    adapted(rules);
  }
}

function adapted(rules: CSSRuleList): void {
  for (const rule of rules) {
    if ("selectorText" in rule) {
      const own = rule as CSSStyleRule;
      const marked = own.selectorText.replace(STATES, ".\\:$1");
      if (marked !== own.selectorText && !own.selectorText.includes(marked)) own.selectorText += `, ${marked}`;
    }
    if ("cssRules" in rule) adapted((rule as CSSGroupingRule).cssRules);
  }
}

function readable(sheet: CSSStyleSheet): CSSRuleList | undefined {
  try {
    return sheet.cssRules;
  } catch {
    return undefined; // another site's
  }
}

/** A document, and all shadow roots and frames in it. */
function* roots(root: Document | ShadowRoot): Generator<Document | ShadowRoot> {
  yield root;
  for (const one of root.querySelectorAll("*")) {
    if (one.shadowRoot) yield* roots(one.shadowRoot);
    if (one.localName === "iframe") {
      const below = (one as HTMLIFrameElement).contentDocument;
      if (below?.documentElement) yield* roots(below);
    }
  }
}

/** An element and all it hangs in. */
function* upwards(node: Node): Generator<Element> {
  for (
    let at: Node | null = node;
    at;
    at = at.parentNode ?? (at as ShadowRoot).host ?? (at as Document).defaultView?.frameElement ?? null
  ) {
    if (at.nodeType === Node.ELEMENT_NODE) yield at as Element;
  }
}

/** Opens and closes what pops up over a page. */
function pop(root: Document | ShadowRoot): void {
  for (const one of root.querySelectorAll<HTMLElement>("[popover]")) {
    if (one.hasAttribute(POPPED) !== one.matches(":popover-open")) one.togglePopover();
  }
}

/** Ends motion that ends: at a moment that is jumped to it has been over for a while, mostly. */
function rest(root: Document | ShadowRoot): void {
  const html = root.ownerDocument?.documentElement ?? (root as Document).documentElement;
  const paused = html.classList.contains(PAUSED);
  html.classList.remove(PAUSED); // what the page itself has stopped stays where it is
  for (const motion of root.getAnimations()) {
    const ends = motion.effect?.getComputedTiming().endTime;
    if (motion.playState === "running" && typeof ends === "number" && Number.isFinite(ends)) motion.finish();
  }
  html.classList.toggle(PAUSED, paused);
}

/** The picture that a canvas is given: rrweb's words for it, as our recorder says them. */
function pictured({ commands }: Said): string | undefined {
  const drawn = commands?.find(({ property }) => property === "drawImage")?.args?.[0] as
    | { args?: { type?: string; data?: { base64?: string }[] }[] }
    | undefined;
  const blob = drawn?.args?.[0];
  const base64 = blob?.data?.[0]?.base64;
  const isPicture = /^image\/(webp|png|jpeg)$/.test(String(blob?.type)) && /^[\w+/=]+$/.test(String(base64));
  return isPicture ? `data:${blob?.type};base64,${base64}` : undefined;
}

function empty(canvas: HTMLCanvasElement): void {
  const nothing = `<svg xmlns="http://www.w3.org/2000/svg" width="${canvas.width}" height="${canvas.height}"/>`;
  canvas.style.setProperty("content", `url("data:image/svg+xml,${encodeURIComponent(nothing)}")`, "important");
}
