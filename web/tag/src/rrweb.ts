/** What `rrweb.js` exports: rrweb's recorder, and the masks in front of it. Loaded where somebody is recorded. */

import { record } from "@rrweb/record";

import { Canvases } from "./canvases";
import { hasHoles, isPopped, mend, POPPED, source, whole } from "./looks";
import { bare, hidden, Mask, stars, type Written } from "./masks";
import { quiet } from "./quiet";
import type { Recording } from "./wire";

/** As rrweb tells what happened; `timestamp` is the browser's clock. */
export interface Told {
  type: number;
  timestamp: number;
  data: Record<string, unknown>;
}

export interface Begun {
  /** Writes the whole page down anew. */
  snapshot(): void;
  stop(): void;
}

/** What this file exports. */
export interface RrwebFile {
  begin(how: Pick<Recording, "mask" | "canvas">, take: (told: Told) => void): Begun | undefined;
}

const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
const META = 4;
const MUTATION = 0;
const MOUSE = 2;
const SCROLL = 3;
const INPUT = 5;
const SHEET = 8;
const CANVAS = 9;
const FONT = 10;
const DECLARATION = 13;
const ADOPTED = 15;
const FOCUS = 5;
const DOCUMENT_TYPE = 1;
/** A long visit can be entered in the middle. */
const ANEW_MS = 5 * 60_000;
/** Characters of one font as rrweb writes it: as an address, or every byte of it. */
const LARGEST_FONT = 500_000;

interface Mutation {
  texts: { id: number; value: string | null }[];
  attributes: { id: number; attributes: Record<string, unknown> }[];
  adds: { parentId: number; node: Written }[];
  isAttachIframe?: boolean;
}

/** Rules put into a sheet, or into several: rrweb writes their addresses as they were said. */
interface Sheets {
  id?: number;
  adds?: { rule: string }[];
  replace?: string;
  replaceSync?: string;
  set?: { value: string | null };
  styles?: { rules: { rule: string }[] }[];
}

/** Begins to record this page; undefined when rrweb will not. Whatever is handed to `take` is masked. */
export function begin({ mask: masks = {}, canvas }: Pick<Recording, "mask" | "canvas">, take: (told: Told) => void): Begun | undefined {
  const mask = new Mask(masks);
  const { mirror } = record;
  const live = (id: number): Node | null => mirror.getNode(id);
  const kept = masks.query ?? [];
  /** Of scripts; a page that is written down anew says nothing of them. */
  const fonts: Record<string, unknown>[] = [];
  const tell = (source: number, data: Record<string, unknown>): void =>
    take({ type: INCREMENTAL, timestamp: Date.now(), data: { source, ...data } });

  const canvases = canvas
    ? new Canvases(
        (id) => {
          const node = live(id) as HTMLCanvasElement | null;
          return node === null || !node.isConnected || mask.covers(node) ? null : node;
        },
        (id, type, base64, { width, height }) => tell(CANVAS, { id, type: 0, commands: painted(type, base64, width, height) }),
      )
    : undefined;
  /** Texts of sheets by address. */
  const texts = new Map<string, Promise<string>>();
  const fill = (id: number): void => {
    const link = live(id) as HTMLLinkElement | null;
    const href = link?.sheet?.href;
    if (!link?.sheet || !href) return;
    const text = texts.get(href) ?? source(link.sheet);
    texts.set(href, text);
    text.then(
      (css) => {
        if (live(id) === link) change(id, { _cssText: css });
      },
      () => undefined, // then it stays as the browser printed it
    );
  };
  const change = (id: number, attributes: Record<string, unknown>): void =>
    tell(MUTATION, { texts: [], attributes: [{ id, attributes }], removes: [], adds: [] });
  const wrote = (node: Written): void => {
    if (node.tagName === "canvas") canvases?.wrote(node.id);
    else if (hasHoles(node)) fill(node.id);
    node.childNodes?.forEach(wrote);
  };

  const scrub = ({ type, data }: Told): void => {
    if (type === META) {
      data["href"] = bare(String(data["href"]), kept);
      data["bar"] = innerWidth - document.documentElement.clientWidth; // of scrolling
      data["dark"] = matchMedia("(prefers-color-scheme: dark)").matches;
    } else if (type === FULL_SNAPSHOT) {
      const page = data["node"] as Written & { compatMode?: string };
      // a type of document by which browsers draw in their old way is lost on the replayer; that there is none is not
      if (page.compatMode === "BackCompat" && page.childNodes?.[0]?.type === DOCUMENT_TYPE) page.childNodes.shift();
      mask.scrub(page, live, false);
    } else if (type !== INCREMENTAL) return;
    else if (data["source"] === MUTATION) {
      const { texts, attributes, adds } = data as unknown as Mutation;
      for (const text of texts) {
        const node = live(text.id);
        if (text.value !== null && (node === null || mask.covers(node))) text.value = stars(text.value);
      }
      for (const one of attributes) {
        const node = live(one.id) as Element | null;
        if (node !== null) mend(one.attributes, node);
        mask.attributes(one.attributes, node?.localName ?? "", node, mask.covers(node));
      }
      for (const { parentId, node } of adds) mask.scrub(node, live, mask.covers(live(parentId)));
    } else if (data["source"] === INPUT) {
      const field = live(Number(data["id"])) as Element | null;
      if (field === null || mask.hides(field)) data["text"] = hidden(String(data["text"] ?? ""));
    } else if (data["source"] === MOUSE && data["type"] === FOCUS) data["seen"] = isSeen(live(Number(data["id"])));
    else if (data["source"] === FONT && data["buffer"] !== true) data["fontSource"] = whole(String(data["fontSource"]), document.baseURI);
    else if ([SHEET, DECLARATION, ADOPTED].includes(data["source"] as number)) {
      const sheets = data as Sheets;
      const base = (sheets.id === undefined ? null : live(sheets.id))?.baseURI ?? document.baseURI;
      for (const one of [...(sheets.adds ?? []), ...(sheets.styles ?? []).flatMap(({ rules }) => rules)]) one.rule = whole(one.rule, base);
      if (sheets.replace !== undefined) sheets.replace = whole(sheets.replace, base);
      if (sheets.replaceSync !== undefined) sheets.replaceSync = whole(sheets.replaceSync, base);
      if (typeof sheets.set?.value === "string") sheets.set.value = whole(sheets.set.value, base);
    }
  };

  /** What rrweb leaves out of what it has just told. */
  const complete = ({ type, data }: Told): void => {
    if (type === FULL_SNAPSHOT) {
      for (const font of fonts) tell(FONT, font);
      const id = mirror.getId(focused(document));
      if (id > 0) tell(MOUSE, { type: FOCUS, id, seen: isSeen(live(id)) });
      wrote(data["node"] as Written);
      canvases?.look();
    } else if (type === INCREMENTAL && data["source"] === FONT) {
      if (String(data["fontSource"]).length <= LARGEST_FONT) fonts.push(data);
    } else if (type === INCREMENTAL && data["source"] === MUTATION) {
      const { adds, attributes, isAttachIframe } = data as unknown as Mutation;
      for (const { node } of adds) wrote(node);
      for (const one of attributes) {
        if (hasHoles({ type: 2, id: one.id, tagName: "link", attributes: one.attributes })) fill(one.id); // its sheet came later
      }
      const view = isAttachIframe ? (live(adds[0]?.node.id ?? 0) as Document | null)?.defaultView : null;
      if (view && (view.scrollX || view.scrollY)) tell(SCROLL, { id: adds[0]?.node.id, x: view.scrollX, y: view.scrollY });
    }
  };

  const popped = quiet("recorder", ({ target }: Event): void => {
    const id = mirror.getId(target as Node);
    if (id < 0 || !(target as Element).hasAttribute("popover")) return;
    change(id, { [POPPED]: isPopped(target as Element) ? "" : null });
  });
  document.addEventListener("toggle", popped, true);

  const stop = record({
    emit: (event) => {
      const told = event as unknown as Told;
      scrub(told);
      take(told);
      complete(told);
    },
    blockSelector: mask.blocks,
    maskTextSelector: mask.texts,
    // by the element's name, which its types leave out; of a select, rrweb would not say what is chosen: `Mask` hides it
    maskInputOptions: { input: true, textarea: true, select: false } as never,
    maskInputFn: (text, field) => (mask.hides(field) ? hidden(text) : text),
    maskTextFn: (text, element) => (element === null || mask.covers(element) ? stars(text) : text),
    slimDOMOptions: {
      script: true,
      comment: true,
      headFavicon: true,
      headWhitespace: true,
      headMetaDescKeywords: true,
      headMetaSocial: true,
      headMetaRobots: true,
      headMetaHttpEquiv: true,
      headMetaAuthorship: true,
      headMetaVerification: true,
    },
    sampling: { mousemove: 50, mousemoveCallback: 500, scroll: 100 },
    checkoutEveryNms: ANEW_MS,
    collectFonts: true,
    recordAfter: "DOMContentLoaded",
    errorHandler: () => true, // a page is never disturbed by being recorded
  });
  if (stop === undefined) return undefined;
  return {
    stop: () => {
      canvases?.stop();
      document.removeEventListener("toggle", popped, true);
      stop();
    },
    snapshot: () => record.takeFullSnapshot(true),
  };
}

/** A picture on a canvas, in rrweb's words for drawing it. */
function painted(type: string, base64: string, width: number, height: number): unknown[] {
  const blob = { rr_type: "Blob", data: [{ rr_type: "ArrayBuffer", base64 }], type };
  return [
    { property: "clearRect", args: [0, 0, width, height] },
    { property: "drawImage", args: [{ rr_type: "ImageBitmap", args: [blob] }, 0, 0] },
  ];
}

/** What takes the keys just now, in shadow roots and frames too. */
function focused(root: DocumentOrShadowRoot): Element | null {
  const at = root.activeElement;
  const below = at?.shadowRoot ?? (at as HTMLIFrameElement | null)?.contentDocument;
  return (below && focused(below)) || (at === document.body ? null : at);
}

/** Whether the browser shows where the keys go. */
function isSeen(node: Node | null): boolean {
  return node?.nodeType === 1 && (node as Element).matches(":focus-visible");
}
