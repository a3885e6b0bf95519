/** What `rrweb.js` exports: rrweb's recorder, and the masks in front of it. Loaded where somebody is recorded. */

import { record } from "@rrweb/record";

import { bare, hidden, Mask, type Written, stars } from "./masks";
import type { Masks } from "./wire";

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
  begin(masks: Masks, take: (told: Told) => void): Begun | undefined;
}

const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
const META = 4;
const MUTATION = 0;
const INPUT = 5;
/** A long visit can be entered in the middle. */
const ANEW_MS = 5 * 60_000;

interface Mutation {
  texts: { id: number; value: string | null }[];
  attributes: { id: number; attributes: Record<string, unknown> }[];
  adds: { parentId: number; node: Written }[];
}

/** Begins to record this page; undefined when rrweb will not. Whatever is handed to `take` is masked. */
export function begin(masks: Masks, take: (told: Told) => void): Begun | undefined {
  const mask = new Mask(masks);
  const { mirror } = record;
  const live = (id: number): Node | null => mirror.getNode(id);
  const kept = masks.query ?? [];

  const scrub = ({ type, data }: Told): void => {
    if (type === META) data["href"] = bare(String(data["href"]), kept);
    else if (type === FULL_SNAPSHOT) mask.scrub(data["node"] as Written, live, false);
    else if (type === INCREMENTAL && data["source"] === MUTATION) {
      const { texts, attributes, adds } = data as unknown as Mutation;
      for (const text of texts) {
        const node = live(text.id);
        if (text.value !== null && (node === null || mask.covers(node))) text.value = stars(text.value);
      }
      for (const one of attributes) {
        const node = live(one.id) as Element | null;
        mask.attributes(one.attributes, node?.localName ?? "", node, mask.covers(node));
      }
      for (const { parentId, node } of adds) mask.scrub(node, live, mask.covers(live(parentId)));
    } else if (type === INCREMENTAL && data["source"] === INPUT) {
      const field = live(Number(data["id"])) as Element | null;
      if (field === null || mask.hides(field)) data["text"] = hidden(String(data["text"] ?? ""));
    }
  };

  const every = { input: true, textarea: true, select: true };
  const stop = record({
    emit: (event) => {
      const told = event as unknown as Told;
      scrub(told);
      take(told);
    },
    blockSelector: mask.blocks,
    maskTextSelector: mask.texts,
    maskInputOptions: every as never, // by the element's name, which its types leave out
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
    recordAfter: "DOMContentLoaded",
    errorHandler: () => true, // a page is never disturbed by being recorded
  });
  if (stop === undefined) return undefined;
  return { stop, snapshot: () => record.takeFullSnapshot(true) };
}
