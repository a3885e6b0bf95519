/** Takes over from the page's stub: `omotenashi(verb, ...)`, each call answered by a promise that never rejects. */

import { clock } from "./clock";
import { quiet } from "./quiet";
import type { Sent } from "./sender";
import { type Options, Tag } from "./tag";

type Call = [verb: string, ...args: unknown[]];
type Said = ArrayLike<unknown>;

interface Omotenashi {
  (...call: Call): Promise<Sent>;
  /** Calls made before the tag had loaded, each with its promise's resolver. */
  q?: [Said, (sent: Sent) => void][];
  loaded?: true;
  message?: Tag["message"];
}

const VERBS = ["track", "view", "identify", "attribute", "consent", "optOut", "optIn", "reset"] as const;
type Verb = (typeof VERBS)[number];

const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";
const host = window as unknown as Window & typeof globalThis & { omotenashi?: Omotenashi };

function takeOver(): void {
  const stub = host.omotenashi;
  if (stub?.loaded) return;
  let tag: Tag | undefined;
  const early: [Call, (sent: Sent) => void][] = [];

  const obey = (call: Call): Promise<Sent> => {
    const [verb, ...args] = call;
    if (!(VERBS as readonly string[]).includes(verb)) return Promise.resolve({ ok: false, code: "unknown_verb" });
    return (tag?.[verb as Verb] as (...args: unknown[]) => Promise<Sent>).apply(tag, args);
  };
  const init = (options: Options): Promise<Sent> => {
    if (tag !== undefined || !options?.key) return Promise.resolve({ ok: false, code: tag ? "already_started" : "no_key" });
    const endpoint = options.endpoint ?? (own === "" ? "" : new URL(own).origin);
    tag = new Tag({ ...options, endpoint }, host, clock);
    for (const [call, resolve] of early.splice(0)) void say(...call).then(resolve);
    tag.begin(); // after what was queued: it travels before the automatic view, in the same request
    return Promise.resolve({ ok: true });
  };
  const failed: Sent = { ok: false, code: "failed" };
  const say = (...call: Call): Promise<Sent> =>
    quiet(String(call[0]), () => {
      if (call[0] === "init") return init(call[1] as Options);
      if (tag === undefined) return new Promise<Sent>((resolve) => early.push([call, resolve]));
      return obey(call).catch(() => failed);
    })() ?? Promise.resolve(failed);

  const spoken: Omotenashi = say;
  spoken.loaded = true;
  spoken.message = (reservation) => tag?.message(reservation);
  host.omotenashi = spoken;

  const queued = (stub?.q ?? []).map(([said, resolve]): [Call, (sent: Sent) => void] => [Array.from(said) as Call, resolve]);
  for (const [call, resolve] of queued) if (call[0] !== "init") early.push([call, resolve]);
  for (const [call, resolve] of queued) if (call[0] === "init") void say(...call).then(resolve);
}

quiet("load", takeOver)();
