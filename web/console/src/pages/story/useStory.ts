/** One person: their profile, the moments that are loaded, and those that come. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { portrait, story as storyOf } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { useStream } from "@/api/stream";
import { type Moment, together } from "./moments";

export type Portrait = Schemas["Portrait"];

const KEPT = 500;

type Came = { moments: Moment[] } | Portrait;

export function useStory(project: string, name: string) {
  const client = useQueryClient();
  const profile = useQuery(portrait(project, name));
  const story = useInfiniteQuery(storyOf(project, name));
  const [live, setLive] = useState<readonly Moment[]>([]);
  const heard = useCallback(
    (came: Came, event: string) => {
      if (event === "moments") setLive((before) => [...before, ...(came as { moments: Moment[] }).moments].slice(-KEPT));
      else {
        const { queryKey: key } = portrait(project, name);
        const before = client.getQueryData(key);
        client.setQueryData(key, came as Portrait);
        setLive((moments) => changed(moments, before, came as Portrait));
      }
    },
    [client, project, name],
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
