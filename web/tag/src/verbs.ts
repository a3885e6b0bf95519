/** What `verbs.js` exports: the verbs that few pages say. */

import { choices } from "./choices";
import { cmp, consents } from "./consents";
import type { Sent } from "./sender";
import { supportCode } from "./support";
import type { Tag } from "./tag";

const VERBS: Record<string, (tag: Tag, ...args: unknown[]) => Promise<Sent>> = { consents, choices, cmp, supportCode };

/** Undefined for a verb that there is not. */
export function say(tag: Tag, verb: string, args: unknown[]): Promise<Sent> | undefined {
  return Object.hasOwn(VERBS, verb) ? VERBS[verb]?.(tag, ...args) : undefined;
}

export interface Rare {
  say: typeof say;
}
