/** One person: their profile, the moments that are loaded, and those that come. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useStream } from "@/api/stream";
import { type Moment, together } from "./moments";

export type Portrait = Schemas["Portrait"];

const PAGE = 120;
const KEPT = 500;

type Came = { moments: Moment[] } | Portrait;

export function useStory(project: string, name: string) {
  const client = useQueryClient();
  const path = { project, name };
  const key = useMemo(() => ["person", project, name] as const, [project, name]);
  const profile = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/people/{name}/profile", { params: { path }, signal })),
  });
  const story = useInfiniteQuery({
    queryKey: ["story", project, name],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/story", {
          params: { path, query: { limit: PAGE, before: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.older || undefined,
    staleTime: 30_000,
  });
  const [live, setLive] = useState<readonly Moment[]>([]);
  const heard = useCallback(
    (came: Came, event: string) => {
      if (event === "moments") setLive((before) => [...before, ...(came as { moments: Moment[] }).moments].slice(-KEPT));
      else {
        const before = client.getQueryData<Portrait>(key);
        client.setQueryData(key, came as Portrait);
        setLive((moments) => changed(moments, before, came as Portrait));
      }
    },
    [client, key],
  );
  const connected = useStream<Came>(
    profile.data ? `/api/projects/${project}/people/${encodeURIComponent(name)}/stream` : null,
    heard,
    ["moments", "profile"],
  );
  const moments = useMemo(() => together(story.data?.pages.flatMap((page) => page.moments) ?? [], live), [story.data, live]);
  return { profile, story, moments, connected, told: story.data?.pages[0]?.memberships ?? true };
}

/** The latest moment says which segments were entered and left since the profile was told before. */
function changed(moments: readonly Moment[], before: Portrait | undefined, now: Portrait): readonly Moment[] {
  const latest = moments[moments.length - 1];
  if (!before || !latest) return moments;
  const entered = now.person.segments.filter((one) => !before.person.segments.includes(one));
  const left = before.person.segments.filter((one) => !now.person.segments.includes(one));
  if (!entered.length && !left.length) return moments;
  return [
    ...moments.slice(0, -1),
    { ...latest, entered: [...(latest.entered ?? []), ...entered], left: [...(latest.left ?? []), ...left] },
  ];
}
