/** Every family of pages; a new one is one line here. */

import { assets } from "./assets/routes";
import { gallery } from "./gallery/routes";
import type { Family } from "./page";
import { segments } from "./segments/routes";
import { theme } from "./theme/routes";

export const families: readonly Family[] = [theme, gallery, assets, segments];
