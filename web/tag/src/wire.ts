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
  language?: string;
  user_id?: string;
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

/** Left out when they have their ordinary value: bottom-right, 0, 0, 0. */
export interface Display {
  position?: Position;
  delayMs?: number;
  scrollPercent?: number;
  hideAfterMs?: number;
}

export interface Message {
  reservation: string;
  campaign: string;
  action: string;
  kind: "modal" | "notification" | "bar" | "script";
  until: number;
  validMs: number;
  display?: Display;
  exclusive?: boolean;
  holdout?: boolean;
  html?: string;
  css?: string;
  script?: string;
}

export interface TrackAnswer {
  accepted: number;
  rejected?: Rejected[];
  messages?: Message[];
  visitor?: string;
  recheckMs?: number;
  stopRecording?: boolean;
}

/** How a message was closed. The first three were the visitor's own will. */
export type ClosedBy = "button" | "escape" | "backdrop" | "timer" | "navigation";
