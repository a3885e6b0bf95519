/** Ignoring an event, or taking it again: one press, and one press back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { readDocument } from "@/api/asked";
import { ApiError, api, ask } from "@/api/client";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { words } from "./words";

export function useIgnore() {
  const project = useProject();
  const client = useQueryClient();
  const say = useWords(words).ignore;
  const { undone } = useWords(shared);

  /** The project's file with the name in its list or out of it, in force; whether it is, or waits for a second person. */
  const put = async (name: string, ignored: boolean): Promise<boolean> => {
    const place = { project: project.id, kind: "project" as const, id: project.id };
    const told = await readDocument(place.project, place.kind, place.id);
    const standing = (told.draft?.document ?? told.document) as { ignore?: string[] };
    const others = (standing.ignore ?? []).filter((one) => one !== name);
    const { ignore: _, ...rest } = standing;
    const ignore = ignored ? [...others, name] : others;
    const draft = await ask(
      api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
        params: { path: place },
        body: {
          document: ignore.length ? { ...rest, ignore } : rest,
          revision: told.draft?.revision ?? 0,
          base_version: told.version,
          base: standing,
        },
      }),
    );
    const body = { drafts: [{ kind: place.kind, id: place.id, revision: draft.revision }], comment: "" };
    const params = { path: { project: project.id } };
    try {
      await ask(api.POST("/api/projects/{project}/publish", { params, body }));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "needs_approval")) throw error;
      await ask(api.POST("/api/projects/{project}/submit", { params, body }));
      return false;
    }
  };

  return useMutation({
    mutationFn: async ({ name, ignored }: { name: string; ignored: boolean }) => {
      if (!(await put(name, ignored))) {
        showDone(say.waits);
        return;
      }
      showUndo(ignored ? say.ignored(name) : say.taken(name), async () => {
        await put(name, !ignored);
        await client.invalidateQueries({ queryKey: ["catalogue"] });
        showDone(undone);
      });
    },
    onError: showFailure,
    onSettled: () =>
      Promise.all([["catalogue"], ["document"], ["documents"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
