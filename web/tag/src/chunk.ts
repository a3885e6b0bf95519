/** The tag's other files, loaded from beside its own when somebody needs them. */

import { permitted, trusted } from "./script";

const own = (document.currentScript as HTMLScriptElement | null)?.src ?? "";

/** The folder that the tag's own file came from, ending in a slash; empty when it is part of a bundle. */
export const home = own.replace(/[^/]*([?#].*)?$/, "");

/** What the loaded files export, by their names; each puts itself here as `omotenashi.parts.NAME`. */
export const parts: Record<string, unknown> = {};

const asked = new Map<string, Promise<unknown>>();

/** What `NAME.js` exports; undefined when it cannot be loaded. Asked for once, whoever asks. */
export function chunk<T>(name: string, folder: string): Promise<T | undefined> {
  let answer = asked.get(name);
  if (answer === undefined) {
    answer = new Promise((resolve) => {
      const script = permitted("script", document);
      script.src = trusted(`${folder}${name}.js`, "createScriptURL");
      script.onload = script.onerror = () => {
        script.remove();
        if (parts[name] === undefined) asked.delete(name); // the next who asks tries again
        resolve(parts[name]);
      };
      (document.head ?? document.documentElement).append(script);
    }).catch(() => undefined); // a page that allows no trusted type
    asked.set(name, answer);
  }
  return answer as Promise<T | undefined>;
}
