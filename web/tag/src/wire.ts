/** What the tag and the edge say to each other. The prose is `spec/wire.md`; the examples are `spec/wire.json`. */

export type Values = Record<string, unknown>;

/** The page view a request or a queued event comes from. `visible_ms` is cumulative for this page view. */
export interface PageContext {
  id: string;
  url: string;
  title: string;
  referrer: string;
  visible: boolean;
  visible_ms: number;
}

export interface TrackEvent {
  id: string;
  name: string;
  at: number;
  values: Values;
  page?: PageContext;
  offline?: true;
}

export interface TrackRequest {
  key: string;
  visitor: string;
  sent_at: number;
  page: PageContext;
  events: TrackEvent[];
  fetch: boolean;
  language?: string | undefined;
  user_id?: string | undefined;
  /** The visit that this page records just now. */
  recording?: string | undefined;
  /** The token of a test link, or "off" where one of the test people does not want to test. */
  test?: string | undefined;
}

export interface Rejected {
  index: number;
  code: string;
  message?: string;
  where?: string;
  id?: string;
}

export type Position =
  | "top-left"
  | "top"
  | "top-right"
  | "left"
  | "center"
  | "right"
  | "bottom-left"
  | "bottom"
  | "bottom-right";

/** When and where a message is shown; all conditions that it names must hold together. Left out: the ordinary value. */
export interface Display {
  /** Bottom-right when left out; bars stand at the top or the bottom, modals in the centre. */
  position?: Position;
  /** Ms since the message arrived. */
  delayMs?: number;
  scrollPercent?: number;
  hideAfterMs?: number;
  /** The visitor did nothing for so long. */
  idleMs?: number;
  /** An element of this selector is inside the window. */
  visible?: string;
  /** The pointer has left the window at its top edge. */
  exit?: boolean;
  /** The visitor has come back to the tab. */
  returning?: boolean;
  /** The message's own script calls `widget.show()`. */
  manual?: boolean;
  /** Px to the window's edges; 16 when left out, 0 for bars. */
  margin?: number;
  /** Instead of position and margin in narrow windows. */
  phone?: { position?: Position; margin?: number };
  zIndex?: number;
  /** The page has an element of each of these selectors. */
  requires?: string[];
  /** The page has no element of any of these selectors. */
  forbids?: string[];
  embed?: Embed;
  /** What happens when the message would stand in the way; `report` when left out. */
  guard?: "report" | "move" | "hide";
}

export interface Embed {
  selector: string;
  place: "before" | "after" | "replace" | "prepend" | "append";
}

export interface Message {
  reservation: string;
  campaign: string;
  action: string;
  kind: "modal" | "notification" | "bar" | "embed" | "script";
  until: number;
  validMs: number;
  display?: Display;
  exclusive?: boolean;
  holdout?: boolean;
  /** The project's selectors that no message may cover. */
  protect?: string[];
  html?: string;
  css?: string;
  script?: string;
}

/** What never leaves a recorded page; left out: all that is entered, and nothing else. */
export interface Masks {
  inputs?: "all" | "sensitive";
  /** Selectors: of what is read as stars, of what leaves an empty box, and of what is shown nevertheless. */
  text?: string[];
  block?: string[];
  unmask?: string[];
  /** Parameters of addresses that are kept with their values. */
  query?: string[];
}

/** A recording: the visit, what lets this page add to it, for how many ms, and how. */
export interface Recording {
  recording: string;
  token: string;
  leftMs: number;
  mask?: Masks;
  indicator?: boolean;
  /** What is painted on canvases is recorded too. */
  canvas?: boolean;
}

/** The answer to a chunk of a recording. */
export interface RecordAnswer {
  taken: boolean;
  nextMs: number;
  watched?: boolean;
  /** The visit that goes on, when the chunk's is over. */
  record?: Recording;
}

/** The answer to a page that waits for calls. */
export interface CallsAnswer {
  after: number;
  look?: boolean;
  watched?: boolean;
  waitMs?: number;
}

export interface TrackAnswer {
  accepted: number;
  rejected?: Rejected[];
  messages?: Message[];
  visitor?: string;
  recheckMs?: number;
  /** What this page records must end. */
  stopRecording?: boolean;
  /** The page shall tell where it makes trouble. */
  friction?: boolean;
  /** The page shall wait for calls; this is its first `after`. */
  calls?: number;
  /** This page is to be recorded. */
  record?: Recording;
  /** Of a test, and only then: what became of every campaign that listened to these events. */
  trace?: Traced[];
  /** The token is worth nothing any more. */
  testOver?: boolean;
  /** `POST /v1/fitting` tells this browser what to draw. */
  fitting?: boolean;
}

/** One campaign's verdict on one event. Without a `reservation` it was withheld at `gate`. */
export interface Traced {
  event: string;
  campaign: string;
  name: string;
  gate: string;
  action?: string;
  reservation?: string;
  winner?: string;
  compared?: { subject: string; wanted: string; found?: unknown }[];
}

/** How a message was closed. The first three were the visitor's own will. */
export type ClosedBy = "button" | "escape" | "backdrop" | "timer" | "navigation";

/** The condition of a display that does not hold, in the order in which they are judged. */
export type Unmet =
  | "delay"
  | "scroll"
  | "idle"
  | "visible"
  | "exit"
  | "returning"
  | "requires"
  | "forbids"
  | "anchor"
  | "manual";

/** Why a place was given back. `left`, `expired`: the page view or the lease ended although every condition held. */
export type Released = Unmet | "left" | "expired" | "conflict" | "failed" | "wrong_page";
