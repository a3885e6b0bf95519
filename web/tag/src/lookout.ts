/** What `guard.js` exports: whether a message stands in the way, where it would not, and what is told of it. */

import { conflicts, freeCorner } from "./guard";
import type { Values } from "./wire";

export interface Scene {
  host: Element;
  element: HTMLElement;
  modal: boolean;
  /** The hosts of the other open messages. */
  others: Element[];
  page: Document;
  protect: readonly string[];
  /** The selectors that were told already. */
  told: Set<string>;
  tell(conflict: Values): void;
}

export interface Guard {
  /** True when it stands in the way. */
  blocks(scene: Scene): boolean;
  /** Takes the message to a free place; false when there is none. */
  move(scene: Scene): boolean;
  /** Tells the worst, each once. */
  report(scene: Scene): void;
}

const MOST = 3;

export function blocks(scene: Scene): boolean {
  return conflicts(scene, scene.page, scene.protect).length > 0;
}

export function move(scene: Scene): boolean {
  return freeCorner(scene, scene.page, scene.protect) !== undefined;
}

export function report(scene: Scene): void {
  for (const conflict of conflicts(scene, scene.page, scene.protect).slice(0, MOST)) {
    if (scene.told.has(conflict.selector)) continue;
    scene.told.add(conflict.selector);
    scene.tell({ ...conflict });
  }
}
