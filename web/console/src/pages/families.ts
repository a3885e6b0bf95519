/** Every family of pages; a new one is one line here. */

import type { Family } from "./page";

export const families: readonly Family[] = [];
