/** What to tell a person about an error: ours in their language, the API's own message where it names what was wrong. */

import { ApiError } from "@/api/client";
import { words } from "./shared";
import { useWords } from "./words";

export function useExplain(): (error: unknown) => string {
  const say = useWords(words).errors;
  return (error) => {
    if (!(error instanceof ApiError)) return say.broken;
    if (error.status === 0) return say.unreachable;
    if (error.status === 403) return say.forbidden;
    if (error.status >= 500 && error.code === "internal") return say.internal;
    return error.message || say.internal;
  };
}
