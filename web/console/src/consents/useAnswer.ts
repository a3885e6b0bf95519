/** What a `consent` event says, in a few words. */

import { useWords } from "@/words/words";
import { words } from "./words";

/** "record: withdrawn", in the reader's language. */
export function useAnswer(): (values: Readonly<Record<string, unknown>>) => string {
  const say = useWords(words);
  const states: Readonly<Record<string, string>> = { ...say.states, later: say.later };
  return ({ purpose, state }) => [purpose, states[String(state)] ?? state].filter((part) => typeof part === "string").join(": ");
}
