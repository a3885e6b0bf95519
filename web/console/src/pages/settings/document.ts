/** The project's own document: read, changed in part, published in one press. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { document as documentOf, readDocument } from "@/api/asked";
import { ApiError, api, ask, type Problem, type Schemas } from "@/api/client";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import type { Pattern } from "@/rules/PagePatterns";
import type { Rule } from "@/rules/tree";
import { useRefreshMe } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import type { PurposeDocument } from "./purpose";
import { words } from "./words";

/** What a field may look like, in every language. */
export const EXAMPLES = {
  origin: "https://shop.example",
  domain: "shop.example",
  network: "192.0.2.0/24",
  selector: "#add-to-cart",
} as const;

/** As `project.yaml` says it; what it leaves out has its default. */
export interface ProjectDocument {
  id: string;
  name: string | { ja?: string; en?: string };
  time_zone?: string;
  language?: "ja" | "en";
  origins?: string[];
  gap?: { seconds?: number; page_views?: number };
  cap_per_day?: number;
  global_holdout?: string;
  require_signed_identity?: boolean;
  staff_addresses?: string[];
  cookie_domain?: string;
  protect?: string[];
  approval?: boolean;
  purposes?: PurposeDocument[];
  recording?: RecordingDocument;
  private?: { query?: string[]; titles?: boolean };
  friction?: boolean;
}

/** Whose screens are recorded, and how. Whatever is not known here is kept as it is. */
export interface RecordingDocument {
  by?: "rule" | "campaign";
  consent?: string;
  who?: Rule;
  pages?: { include?: Pattern[]; exclude?: Pattern[] };
  share?: string;
  minimum_seconds?: number;
  max_minutes?: number;
  mask?: { inputs?: "all" | "sensitive"; text?: string[]; block?: string[]; unmask?: string[]; query?: string[] };
  canvas?: boolean;
  indicator?: boolean;
  keep_days?: number;
  quota_megabytes?: number;
}

export type Told = Schemas["Document"];

const at = (project: string) => ({ project, kind: "project", id: project }) as const;

export function useProjectDocument(project: string) {
  return useQuery({ ...documentOf(project, "project", project), staleTime: Number.POSITIVE_INFINITY });
}

/** The document with these fields different; one that is `undefined` goes back to its default. */
export function changed(document: ProjectDocument, fields: Partial<ProjectDocument>): ProjectDocument {
  return Object.fromEntries(
    Object.entries({ ...document, ...fields }).filter(([, value]) => value !== undefined),
  ) as unknown as ProjectDocument;
}

/** Only those fields that are different. */
export function different(fields: Partial<ProjectDocument>, before: Partial<ProjectDocument>): Partial<ProjectDocument> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof ProjectDocument]),
    ),
  );
}

export interface Saving {
  busy: boolean;
  problems: readonly Problem[];
  /** Whether it is in force now, or handed to a second person. */
  save: (fields: Partial<ProjectDocument>) => Promise<boolean>;
}

export function useSaving(project: string, told: Told): Saving {
  const client = useQueryClient();
  const refresh = useRefreshMe();
  const say = useWords(words);
  const { saved } = useWords(shared);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const before = told.document as ProjectDocument;

  const standing = () => readDocument(project, "project", project);

  /** Publishes what was made from `base`; what others changed since is taken in. */
  const put = async (document: ProjectDocument, base: Told, comment: string): Promise<"published" | "submitted"> => {
    const path = at(project);
    const { draft: open } = await standing();
    const draft = await ask(
      api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
        params: { path },
        body: { document, revision: open?.revision ?? 0, base_version: base.version, base: base.document },
      }),
    );
    if (draft.problems.length) throw new ApiError(422, "bad_configuration", "", "", draft.problems as Problem[]);
    const body = { drafts: [{ kind: "project" as const, id: project, revision: draft.revision }], comment };
    try {
      await ask(api.POST("/api/projects/{project}/publish", { params: { path: { project } }, body }));
      return "published";
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "needs_approval")) throw error;
      await ask(api.POST("/api/projects/{project}/submit", { params: { path: { project } }, body }));
      return "submitted";
    } finally {
      await client.invalidateQueries({ queryKey: ["document", project] });
      await client.invalidateQueries({ queryKey: ["connection", project] });
      await refresh();
    }
  };

  const save = async (fields: Partial<ProjectDocument>) => {
    setBusy(true);
    setProblems([]);
    try {
      if ((await put(changed(before, fields), told, say.comment)) === "submitted") showDone(say.submitted);
      else {
        const were = Object.fromEntries(Object.keys(fields).map((field) => [field, before[field as keyof ProjectDocument]]));
        showUndo(saved, async () => {
          const now = await standing();
          await put(changed(now.document as ProjectDocument, were), now, say.takenBack);
        });
      }
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 422) setProblems(error.problems);
      else showFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problems, save };
}
