/** Every family of pages; a new one is one line here. */

import type { Family } from "./page";
import { segments } from "./segments/routes";

export const families: readonly Family[] = [segments];
