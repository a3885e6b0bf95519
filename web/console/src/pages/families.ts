/** Every family of pages; a new one is one line here. */

import { assets } from "./assets/routes";
import { campaigns } from "./campaigns/routes";
import { gallery } from "./gallery/routes";
import { home } from "./home/routes";
import { now } from "./now/routes";
import type { Family } from "./page";
import { people } from "./people/routes";
import { recipes } from "./recipes/routes";
import { segments } from "./segments/routes";
import { theme } from "./theme/routes";

export const families: readonly Family[] = [home, now, people, campaigns, recipes, theme, gallery, assets, segments];
