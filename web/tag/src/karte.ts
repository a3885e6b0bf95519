/** The tag for pages that were written for KARTE's: the shim speaks first, so that what it hears travels before the view. */

import "./karte-shim";
import "./index";
