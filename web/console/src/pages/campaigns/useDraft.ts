/**
 * A document that is written in a page: kept as a draft by itself, a moment after each change.
 * What others change elsewhere in it is taken in; what they change in the same place becomes a dispute.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { document as documentOf } from "@/api/asked";
import { ApiError, api, ask, type Problem, type Schemas } from "@/api/client";
import { showFailure } from "@/parts/toast";

export type Kind = Schemas["Document"]["kind"];
export type Told = Schemas["Document"];
export type Draft = Schemas["Draft"];
export type Dispute = Schemas["Dispute"];

const PAUSE_MS = 600;
const LOOK_MS = 8_000;

export interface Drafting<T> {
  told: Told | undefined;
  error: unknown;
  refetch: () => unknown;
  /** What is written now; undefined while nothing is there yet. */
  data: T | undefined;
  draft: Draft | null;
  problems: readonly Problem[];
  state: "kept" | "keeping" | "waiting" | "failed" | "disputed";
  /** How often somebody else's change was taken in. */
  takenIn: number;
  dispute: Dispute | null;
  change: (next: T) => void;
  /** Keeps what is written at once; null when there is no draft or it could not be kept. */
  flush: () => Promise<Draft | null>;
  settle: (document: T) => void;
  putOff: () => void;
  contest: (error: unknown) => boolean;
  /** Looks again: after publishing, throwing away, restoring. */
  renew: () => Promise<void>;
}

interface Kept {
  revision: number;
  base: unknown;
  baseVersion: number;
}

export function disputeOf(error: unknown): Dispute | null {
  if (!(error instanceof ApiError) || error.code !== "conflict") return null;
  return (error.body as { error?: { dispute?: Dispute } } | undefined)?.error?.dispute ?? null;
}

export function useDraft<T>(project: string, kind: Kind, id: string): Drafting<T> {
  const client = useQueryClient();
  const query = useQuery({ ...documentOf(project, kind, id), refetchInterval: LOOK_MS });
  const [data, setData] = useState<T | undefined>();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [state, setState] = useState<Drafting<T>["state"]>("kept");
  const [dispute, setDispute] = useState<Dispute | null>(null);
  const [takenIn, setTakenIn] = useState(0);
  const latest = useRef<T | undefined>(undefined);
  const kept = useRef<Kept>({ revision: 0, base: undefined, baseVersion: 0 });
  const dirty = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<Promise<Draft | null> | null>(null);

  const adopt = useCallback((told: Told) => {
    const now = (told.draft?.document ?? told.document) as T | undefined;
    latest.current = now;
    kept.current = { revision: told.draft?.revision ?? 0, base: now, baseVersion: told.draft?.base_version ?? told.version };
    setData(now);
    setDraft(told.draft);
  }, []);

  const told = query.data;
  useEffect(() => {
    if (!told || dirty.current || running.current) return;
    const revision = told.draft?.revision ?? 0;
    if (latest.current !== undefined && revision === kept.current.revision && revision > 0) return;
    if (latest.current !== undefined && revision > kept.current.revision && kept.current.revision > 0) setTakenIn((n) => n + 1);
    adopt(told);
  }, [told, adopt]);

  const keep = useCallback(async (): Promise<Draft | null> => {
    const sent = latest.current;
    const from = kept.current;
    dirty.current = false;
    setState("keeping");
    await client.cancelQueries({ queryKey: documentOf(project, kind, id).queryKey }); // what is on its way is older than this
    try {
      const answer = await ask(
        api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
          params: { path: { project, kind, id } },
          body: { document: sent, revision: from.revision, base: from.base, base_version: from.baseVersion },
        }),
      );
      setDraft(answer);
      client.setQueryData<Told>(documentOf(project, kind, id).queryKey, (old) => old && { ...old, draft: answer });
      const written = latest.current !== sent;
      if (answer.merged) setTakenIn((n) => n + 1);
      if (answer.merged && written) {
        // What was written meanwhile lacks the other's change: the next one is put together with it again.
        kept.current = { ...from, base: sent };
      } else {
        kept.current = { revision: answer.revision, base: answer.document, baseVersion: answer.base_version };
        if (answer.merged) {
          latest.current = answer.document as T;
          setData(answer.document as T);
        }
      }
      setState(written ? "waiting" : "kept");
      return answer;
    } catch (error) {
      dirty.current = true;
      const contested = disputeOf(error);
      if (contested) setDispute(contested);
      else showFailure(error);
      setState(contested ? "disputed" : "failed");
      return null;
    }
  }, [client, project, kind, id]);

  const flush = useCallback(async (): Promise<Draft | null> => {
    clearTimeout(timer.current);
    if (running.current) await running.current;
    if (!dirty.current) return draftNow.current;
    running.current = keep();
    const answer = await running.current;
    running.current = null;
    return answer && dirty.current ? flush() : answer;
  }, [keep]);

  const draftNow = useRef<Draft | null>(null);
  draftNow.current = draft;

  const change = useCallback(
    (next: T) => {
      latest.current = next;
      dirty.current = true;
      setData(next);
      setState((now) => (now === "disputed" ? now : "waiting"));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), PAUSE_MS);
    },
    [flush],
  );

  const flushing = useRef(flush);
  flushing.current = flush;
  useEffect(() => () => void flushing.current(), []);

  const settle = useCallback(
    (document: T) => {
      if (!dispute) return;
      const against = dispute.draft;
      kept.current = {
        revision: against?.revision ?? kept.current.revision,
        base: against?.document ?? kept.current.base,
        baseVersion: dispute.against === "version" ? dispute.version : kept.current.baseVersion,
      };
      setDispute(null);
      setState("waiting");
      change(document);
      void flush();
    },
    [dispute, change, flush],
  );

  const renew = useCallback(async () => {
    dirty.current = false;
    const found = await client.fetchQuery({ ...documentOf(project, kind, id), staleTime: 0 });
    adopt(found);
    setState("kept");
  }, [client, project, kind, id, adopt]);

  const contest = useCallback((error: unknown) => {
    const contested = disputeOf(error);
    if (contested) setDispute(contested);
    return contested !== null;
  }, []);

  return {
    told,
    error: query.error,
    refetch: query.refetch,
    data,
    draft,
    problems: draft?.problems ?? told?.problems ?? [],
    state,
    takenIn,
    dispute,
    change,
    flush,
    settle,
    putOff: useCallback(() => setDispute(null), []),
    contest,
    renew,
  };
}
