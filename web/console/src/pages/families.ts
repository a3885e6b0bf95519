/** Every family of pages; a new one is one line here. */

import { account } from "./account/routes";
import { assets } from "./assets/routes";
import { beginning } from "./beginning/routes";
import { campaigns } from "./campaigns/routes";
import { events } from "./events/routes";
import { gallery } from "./gallery/routes";
import { gettingIn } from "./getting_in/routes";
import { home } from "./home/routes";
import { now } from "./now/routes";
import type { Family } from "./page";
import { people } from "./people/routes";
import { recipes } from "./recipes/routes";
import { recordings } from "./recordings/routes";
import { report } from "./report/routes";
import { segments } from "./segments/routes";
import { settings } from "./settings/routes";
import { theme } from "./theme/routes";

export const families: readonly Family[] = [
  gettingIn,
  account,
  beginning,
  home,
  now,
  people,
  recordings,
  campaigns,
  recipes,
  theme,
  gallery,
  assets,
  segments,
  report,
  settings,
  events,
];
