/** The npm package: loads the tag from your edge, and says its verbs with types. Nothing here runs on a server. */

import { permitted, trusted } from "./script";

/** Fields of an event. What JSON cannot hold is left out. */
export type Values = Record<string, unknown>;

/** What became of a call. It never rejects; `code` says why something was not taken. */
export interface Sent {
  ok: boolean;
  code?: string;
}

export interface Options {
  /** The project's public (or staging) write key. */
  key: string;
  /** Where your edge is, such as "https://edge.shop.example", or a path of your site that leads to it. */
  endpoint: string;
  /** Registrable domain for the visitor cookie; found by itself when left out. */
  cookieDomain?: string;
  /** False: no automatic views; the page says `omotenashi("view")` itself. */
  autoView?: boolean;
  /** True: in an iframe, measure and show messages as on a page of its own. */
  frames?: boolean;
  /** Language of the page's texts; `<html lang>` and then the browser's when left out. */
  language?: string;
}

export interface Loading extends Options {
  /** The address of the tag; `tag.js` at the endpoint when left out. */
  src?: string;
}

/** What is told of a message. */
export interface About {
  campaign: string;
  action: string;
  reservation: string;
  /** Of a click. */
  name?: string;
  /** Of a click on a link. */
  url?: string;
  /** What closed it. */
  by?: "button" | "escape" | "backdrop" | "timer" | "navigation";
  /** Of an error. */
  message?: string;
}

export interface Omotenashi {
  /** Records an event. */
  (verb: "track", name: string, values?: Values): Promise<Sent>;
  /** Begins a new page view. */
  (verb: "view", values?: Values): Promise<Sent>;
  /** Says which member this is, and optionally what is known of them. */
  (verb: "identify", who: string | number, attributes?: Values): Promise<Sent>;
  (verb: "identify", attributes: Values): Promise<Sent>;
  /** Keeps attributes of the person. */
  (verb: "attribute", values: Values): Promise<Sent>;
  /** Grants or denies a purpose, or takes a grant back. */
  (verb: "consent", purpose: string, state: "granted" | "denied" | "withdrawn"): Promise<Sent>;
  /** Leaves this browser alone from here on; takes that back; or begins a new visitor, after a logout. */
  (verb: "optOut" | "optIn" | "reset"): Promise<Sent>;
  /** Tells when measuring has begun, or what happens to messages. */
  (verb: "on", event: "ready", heard: (about: { visitor: string }) => void): Promise<Sent>;
  (verb: "on", event: "open" | "click" | "close" | "error", heard: (about: About) => void): Promise<Sent>;
}

type Call = unknown[];
type Speaking = ((...call: Call) => Promise<Sent>) & { q?: [Call, (sent: Sent) => void][]; loaded?: true };

/** Says a verb: to the tag when it is there, else it is remembered until it is. */
export const omotenashi = say as Omotenashi;

let loaded: Promise<Sent> | undefined;

/** Starts the tag, once. Resolves when it measures, or says that it cannot. */
export function load({ src, ...options }: Loading): Promise<Sent> {
  if (typeof document === "undefined") return Promise.resolve({ ok: false, code: "no_page" });
  loaded ??= new Promise((resolve) => {
    void say("init", options).then(resolve);
    if (speaking().loaded === true) return;
    const script = permitted("script", document);
    script.async = true;
    script.src = trusted(src ?? `${options.endpoint.replace(/\/+$/, "")}/tag.js`, "createScriptURL");
    script.onerror = () => resolve({ ok: false, code: "not_loaded" });
    document.head.append(script);
  });
  return loaded;
}

function say(...call: Call): Promise<Sent> {
  return typeof window === "undefined" ? Promise.resolve({ ok: false, code: "no_page" }) : speaking()(...call);
}

function speaking(): Speaking {
  const host = window as unknown as { omotenashi?: Speaking };
  host.omotenashi ??= remembering();
  return host.omotenashi;
}

function remembering(): Speaking {
  const stub: Speaking = (...call) => new Promise((resolve) => (stub.q ??= []).push([call, resolve]));
  return stub;
}
