/** A message while it is written: asked for again with each change, and the last good one kept while something is wrong. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, ask, type Problem, type Schemas } from "@/api/client";
import type { Language } from "@/words/words";
import type { WireMessage } from "./wire";

/** An action as its file has it. */
export interface Action {
  template: string;
  texts?: Record<string, unknown>;
  variables?: Record<string, unknown>;
  display?: Record<string, unknown>;
}

export interface Wish {
  language: Language;
  /** Instead of the project's theme. */
  theme?: Record<string, unknown>;
  /** The parts of the project's own template while it is being written. */
  files?: Record<string, string>;
  /** Instead of what is made up for the action's variables. */
  values?: Record<string, unknown>;
  /** The trigger, whose fields the variables are. */
  event?: string;
  /** As this person would see it; needs the right to personal data. */
  person?: string;
}

export interface Previewed {
  /** The last one that could be drawn; null before the first. */
  message: WireMessage | null;
  /** What is wrong now; the message is then the one before. */
  problems: readonly Problem[];
  values: Record<string, unknown>;
  site: string;
  /** What the template that is being written asks for; null while its description cannot be read. */
  form: Schemas["Form"] | null;
  error: unknown;
}

/** Ms after the last letter. Drawing takes some twenty more. */
const PAUSE_MS = 60;

export function usePreview(project: string, action: Action | null, wish: Wish): Previewed {
  const written = action && JSON.stringify({ action, ...wish });
  const [settled] = useDebouncedValue(written, PAUSE_MS);
  const last = useRef<{ message: WireMessage; values: Record<string, unknown>; site: string } | null>(null);
  const query = useQuery({
    queryKey: ["preview", project, settled],
    enabled: settled !== null,
    gcTime: 10_000,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/preview", {
          params: { path: { project } },
          body: JSON.parse(settled ?? "") as Schemas["PreviewAsked"],
          signal,
        }),
      ),
  });
  const found = query.data;
  if (found?.message) last.current = { message: found.message, values: found.values ?? {}, site: found.site };
  return {
    message: last.current?.message ?? null,
    problems: found?.problems ?? [],
    values: last.current?.values ?? {},
    site: found?.site ?? last.current?.site ?? "",
    form: found?.form ?? null,
    error: query.error,
  };
}
