/** What `tools.js` exports: what only messages with a script, with a form or inside the page's text need. */

import type { embedded } from "./embed";
import type { fields, keepKeys, turnToWrong } from "./form";
import type { widget } from "./widget";

export { embedded } from "./embed";
export { fields, keepKeys, turnToWrong } from "./form";
export { widget } from "./widget";

export interface Tools {
  embedded: typeof embedded;
  widget: typeof widget;
  fields: typeof fields;
  keepKeys: typeof keepKeys;
  turnToWrong: typeof turnToWrong;
}
