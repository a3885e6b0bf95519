/** Takes over from the page's stub: `omotenashi(verb, ...)`, each call answered by a promise that never rejects. */

import { home, parts } from "./chunk";
import { clock } from "./clock";
import { around } from "./frames";
import { quiet } from "./quiet";
import { answer, type Sent } from "./sender";
import { type Options, Tag } from "./tag";

type Call = [verb: string, ...args: unknown[]];
type Said = ArrayLike<unknown>;

export interface Omotenashi {
  (...call: Call): Promise<Sent>;
  /** Calls made before the tag had loaded, each with its promise's resolver. */
  q?: [Said, (sent: Sent) => void][];
  loaded?: true;
  message?: Tag["message"];
  /** What the tag's other files export. */
  parts?: typeof parts;
}

const VERBS = ["track", "view", "identify", "attribute", "consent", "optOut", "optIn", "reset", "on"] as const;
type Verb = (typeof VERBS)[number];

const host = window as unknown as Window & typeof globalThis & { omotenashi?: Omotenashi };

function takeOver(): void {
  const stub = host.omotenashi;
  if (stub?.loaded) return;
  let tag: Tag | undefined;
  let outer: Omotenashi | undefined;
  const early: [Call, (sent: Sent) => void][] = [];

  const obey = (call: Call): Promise<Sent> => {
    const [verb, ...args] = call;
    if (outer !== undefined) return verb === "view" ? answer("in_frame") : outer(...call);
    if (!(VERBS as readonly string[]).includes(verb)) return tag?.rare(verb, args) as Promise<Sent>;
    return (tag?.[verb as Verb] as (...args: unknown[]) => Promise<Sent>).apply(tag, args);
  };
  const init = (options: Options): Promise<Sent> => {
    const started = tag !== undefined || outer !== undefined;
    if (started || !options?.key) return answer(started ? "already_started" : "no_key");
    const framed = options.frames !== true && host.top !== host;
    outer = framed ? around(host) : undefined;
    const endpoint = options.endpoint ?? home;
    if (outer === undefined) tag = new Tag({ ...options, endpoint }, host, clock, framed);
    for (const [call, resolve] of early.splice(0)) void say(...call).then(resolve);
    tag?.begin(); // after what was queued: it travels before the automatic view, in the same request
    return answer();
  };
  const failed: Sent = { ok: false, code: "failed" };
  const say = (...call: Call): Promise<Sent> =>
    quiet(String(call[0]), () => {
      if (call[0] === "init") return init(call[1] as Options);
      if (tag === undefined && outer === undefined) return new Promise<Sent>((resolve) => early.push([call, resolve]));
      return obey(call).catch(() => failed);
    })() ?? Promise.resolve(failed);

  const spoken: Omotenashi = say;
  spoken.loaded = true;
  spoken.parts = parts;
  spoken.message = (reservation) => tag?.message(reservation);
  host.omotenashi = spoken;

  const queued = (stub?.q ?? []).map(([said, resolve]): [Call, (sent: Sent) => void] => [Array.from(said) as Call, resolve]);
  for (const [call, resolve] of queued) if (call[0] !== "init") early.push([call, resolve]);
  for (const [call, resolve] of queued) if (call[0] === "init") void say(...call).then(resolve);
}

quiet("load", takeOver)();
