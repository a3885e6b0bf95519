/** Turning campaigns on and off, copying them, throwing drafts away: done at once, and undone by one press. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { api, ask } from "@/api/client";
import { showFailure, showUndo } from "@/parts/toast";
import { useWords } from "@/words/words";
import type { State } from "./campaign";
import { words } from "./words";

export function useTurning(project: string) {
  const say = useWords(words).did;
  const client = useQueryClient();
  const navigate = useNavigate();

  const renew = useCallback(
    () => Promise.all([["campaigns"], ["document"], ["home"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
    [client],
  );
  const set = useCallback(
    async (campaign: string, state: State) => {
      const turned = await ask(
        api.POST("/api/projects/{project}/campaigns/{campaign}/state", {
          params: { path: { project, campaign } },
          body: { state },
        }),
      );
      await renew();
      return turned.before;
    },
    [project, renew],
  );
  const turn = useCallback(
    async (campaign: string, name: string, state: State) => {
      try {
        const before = await set(campaign, state);
        showUndo(say[state](name), () => set(campaign, before));
      } catch (error) {
        showFailure(error);
      }
    },
    [set, say],
  );
  const discard = useCallback(
    async (campaign: string) => {
      const params = { path: { project, kind: "campaigns" as const, id: campaign } };
      try {
        const gone = await ask(api.DELETE("/api/projects/{project}/drafts/{kind}/{id}", { params }));
        await renew();
        showUndo(say.discarded, async () => {
          await ask(
            api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
              params,
              body: { revision: 0, text: gone.text, base_version: gone.base_version },
            }),
          );
          await renew();
        });
        return true;
      } catch (error) {
        showFailure(error);
        return false;
      }
    },
    [project, renew, say],
  );
  const copy = useCallback(
    async (campaign: string, name: string) => {
      try {
        const made = await ask(
          api.POST("/api/projects/{project}/campaigns/{campaign}/copy", { params: { path: { project, campaign } }, body: {} }),
        );
        await renew();
        await navigate({ to: `/p/${project}/campaigns/${made.id}` });
        showUndo(say.copied(name), async () => {
          await ask(
            api.DELETE("/api/projects/{project}/drafts/{kind}/{id}", {
              params: { path: { project, kind: "campaigns", id: made.id } },
            }),
          );
          await renew();
          await navigate({ to: `/p/${project}/campaigns` });
        });
      } catch (error) {
        showFailure(error);
      }
    },
    [project, renew, navigate, say],
  );
  return { turn, copy, discard, renew };
}
