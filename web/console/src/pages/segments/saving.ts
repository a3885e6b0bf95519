/** One document that is edited on a page and saved in one press: kept as a draft, then published, or handed to a second person. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { document as documentOf, readDocument } from "@/api/asked";
import { ApiError, api, ask, type Problem, type Schemas } from "@/api/client";
import type { paths } from "@/api/schema";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { words } from "./words";

export type Kind = "segments" | "events" | "tables";
export type Told = Schemas["Document"];
export type ListedDocument =
  paths["/api/projects/{project}/documents"]["get"]["responses"]["200"]["content"]["application/json"][number];
export type Dispute = Schemas["Dispute"];

const path = (project: string, kind: Kind, id: string) => ({ path: { project, kind, id } });

/** The document as it stands, with its draft; null for one that is to be made. */
export function useDocument(project: string, kind: Kind, id: string) {
  return useQuery({
    queryKey: documentOf(project, kind, id).queryKey,
    queryFn: ({ signal }): Promise<Told> | null => (id === "new" ? null : readDocument(project, kind, id, signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface Saving {
  busy: boolean;
  problems: readonly Problem[];
  dispute: Dispute | null;
  settled: () => void;
  /** Saves; answers whether it is in force (or submitted) now. `theirs` is the revision that a dispute was settled against. */
  save: (id: string, document: unknown, base: Told | null, theirs?: number) => Promise<boolean>;
  /** Asks for everything again that a change of the configuration may have changed. */
  refreshed: () => Promise<unknown>;
  remove: (id: string, called: string, before: Told) => Promise<boolean>;
}

export function useSaving(project: string, kind: Kind): Saving {
  const client = useQueryClient();
  const say = useWords(words).saving;
  const { saved } = useWords(shared);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [dispute, setDispute] = useState<Dispute | null>(null);
  /** The draft as this page kept it last: a refused publication leaves it, and the next change starts from it. */
  const kept = useRef<{ revision: number; document: unknown } | null>(null);

  const refreshed = useCallback(
    () =>
      Promise.all(
        [
          ["document"],
          ["documents"],
          ["segments"],
          ["segment-sizes"],
          ["tables"],
          ["rule-words"],
          ["rule-reading"],
          ["uses"],
        ].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
    [client],
  );

  const put = useCallback(
    async (id: string, document: unknown, revision: number, version = 0, base?: unknown) =>
      ask(
        api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
          params: path(project, kind, id),
          body: { document, revision, base_version: version, base },
        }),
      ),
    [project, kind],
  );
  const publish = useCallback(
    (id: string, revision: number, comment: string) =>
      ask(
        api.POST("/api/projects/{project}/publish", {
          params: { path: { project } },
          body: { drafts: [{ kind, id, revision }], comment },
        }),
      ),
    [project, kind],
  );

  const failed = useCallback((error: unknown) => {
    if (error instanceof ApiError && error.status === 422) setProblems(error.problems);
    else if (error instanceof ApiError && error.code === "conflict") {
      setDispute((error.body as { error?: { dispute?: Dispute } }).error?.dispute ?? null);
    } else showFailure(error);
  }, []);

  const save = useCallback(
    async (id: string, document: unknown, base: Told | null, theirs?: number) => {
      setBusy(true);
      setProblems([]);
      try {
        const draft = await put(
          id,
          document,
          theirs ?? kept.current?.revision ?? base?.draft?.revision ?? 0,
          base?.version ?? 0,
          kept.current?.document ?? base?.draft?.document ?? base?.document,
        );
        kept.current = { revision: draft.revision, document: draft.document };
        if (draft.problems.length) {
          setProblems(draft.problems);
          return false;
        }
        try {
          await publish(id, draft.revision, "");
        } catch (error) {
          if (!(error instanceof ApiError && error.code === "needs_approval")) throw error;
          await ask(
            api.POST("/api/projects/{project}/submit", {
              params: { path: { project } },
              body: { drafts: [{ kind, id, revision: draft.revision }], comment: "" },
            }),
          );
          kept.current = null;
          await refreshed();
          showDone(say.submitted);
          return true;
        }
        kept.current = null;
        await refreshed();
        const before = base?.document;
        if (before === undefined || before === null) showDone(saved);
        else {
          showUndo(saved, async () => {
            const back = await put(id, before, 0);
            await publish(id, back.revision, say.takenBack);
            await refreshed();
          });
        }
        return true;
      } catch (error) {
        failed(error);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [kind, project, put, publish, refreshed, failed, say, saved],
  );

  const remove = useCallback(
    async (id: string, called: string, before: Told) => {
      setBusy(true);
      setProblems([]);
      try {
        await ask(api.DELETE("/api/projects/{project}/documents/{kind}/{id}", { params: path(project, kind, id) }));
        await refreshed();
        showUndo(say.removed(called), async () => {
          const back = await put(id, before.document, 0);
          await publish(id, back.revision, say.takenBack);
          await refreshed();
        });
        return true;
      } catch (error) {
        failed(error);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [kind, project, put, publish, refreshed, failed, say],
  );

  return { busy, problems, dispute, settled: useCallback(() => setDispute(null), []), save, refreshed, remove };
}
