/** Coming in: what every way in does once it worked, and how its failures are told. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useContext, useState } from "react";
import { ApiError, keepCsrf } from "@/api/client";
import { useAppearance } from "@/shell/preferences";
import { ME, type Me } from "@/shell/session";
import { useExplain } from "@/words/errors";
import { LanguageContext, useWords } from "@/words/words";
import { words } from "./words";

/** The secret of the link that led here. It stands behind `#`, so no server ever saw it. */
export function linkSecret(): string {
  return location.hash.slice(1);
}

/** Where to go after coming in: a page of the console, never another site. */
export function local(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function useArrive(): (me: Me, next?: unknown) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { change } = useContext(LanguageContext);
  const { change: wear } = useAppearance();
  return async (me, next) => {
    keepCsrf(me.csrf);
    client.clear();
    client.setQueryData(ME, me);
    change(me.language);
    wear(me.theme);
    await navigate({ to: local(next), replace: true });
  };
}

export interface Attempt {
  busy: boolean;
  /** What is wrong, by the name of the field; "" for what belongs to none. */
  wrong: Readonly<Record<string, string>>;
  /** The API's own word for it. */
  code: string;
  run: (attempt: () => Promise<void>) => Promise<void>;
}

/** Tries something, and tells what was wrong beside the field that it names. */
export function useAttempt(): Attempt {
  const say = useWords(words).wrong;
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = useCallback(async (attempt: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await attempt();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, run, code: error instanceof ApiError ? error.code : "", wrong: error === null ? {} : told(error, say, explain) };
}

type Wrong = ReturnType<typeof useWords<(typeof words)["ja"]>>["wrong"];

function told(error: unknown, say: Wrong, explain: (error: unknown) => string): Record<string, string> {
  if (!(error instanceof ApiError)) return { "": explain(error) };
  if (error.code === "code_needed") return {};
  if (error.code === "code_refused") return { code: say.code };
  if (error.code === "sign_in_refused") return { "": say.refused };
  if (error.status === 429) return { "": say.tooMany };
  if (error.status === 404) return { "": say.link };
  if (error.where === "mail" || error.where === "name" || error.where === "password") return { [error.where]: say[error.where] };
  return { "": explain(error) };
}
