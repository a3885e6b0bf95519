/** A message on the site itself while it is written: the link, what its pages draw, and who looks at them. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import { showFailure } from "@/parts/toast";
import { keep, type Myself, recalled } from "./myself";

type Kept = Schemas["FittingLink"];

export interface Drawing {
  action: Record<string, unknown>;
  event: string;
  /** In the place of what is made up for its variables. */
  values?: Record<string, unknown>;
}

export interface Fitting {
  link: Kept | null;
  /** Whether the new tab was opened; false when the browser would not. */
  begin: (page: string) => Promise<boolean>;
  end: () => void;
  viewers: readonly Schemas["FittingViewer"][];
  /** What is written cannot be drawn: the pages show what they did before. */
  wrong: boolean;
  /** The edge was not reached. */
  away: boolean;
  beginning: boolean;
}

/** Ms after the last letter. */
const PAUSE_MS = 80;
const LOOK_MS = 1_500;
const AGAIN_MS = 2_000;

/** `campaign` is not shown on those pages as it is in force; "" for none. `introduce` is told which visitor this browser is. */
export function useFitting(
  project: string,
  campaign: string,
  drawing: Drawing | null,
  introduce: (myself: Myself) => void,
): Fitting {
  const place = `omotenashi-fitting:${project}:${campaign}`;
  const [link, setLink] = useState<Kept | null>(() => current(recalled<Kept>(sessionStorage, place)));
  const [beginning, setBeginning] = useState(false);
  const [wrong, setWrong] = useState(false);
  const [away, setAway] = useState(false);
  const [settled] = useDebouncedValue(drawing === null ? "" : JSON.stringify(drawing), PAUSE_MS);
  const wanted = useRef("");
  const sent = useRef("");
  const sending = useRef(false);
  const fitting = link?.fitting ?? "";
  const latest = useRef(fitting);
  latest.current = fitting;

  const send = useCallback(async () => {
    if (sending.current) return;
    sending.current = true;
    try {
      // one at a time, and the last one last
      while (latest.current !== "" && wanted.current !== "" && wanted.current !== sent.current) {
        const writing = wanted.current;
        const answer = await ask(
          api.PUT("/api/projects/{project}/fittings/{fitting}", {
            params: { path: { project, fitting: latest.current } },
            body: JSON.parse(writing) as Schemas["ActionDrawn"],
          }),
        );
        sent.current = writing;
        setWrong((answer.problems ?? []).length > 0);
        setAway(false);
      }
    } catch {
      setAway(true);
      setTimeout(() => void again.current(), AGAIN_MS);
    } finally {
      sending.current = false;
    }
  }, [project]);
  const again = useRef(send);
  again.current = send;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another fitting has drawn nothing yet
  useEffect(() => {
    sent.current = "";
  }, [fitting]);
  useEffect(() => {
    wanted.current = settled;
    if (fitting !== "") void send();
  }, [settled, fitting, send]);
  useEffect(
    () => () => {
      wanted.current = ""; // who is gone sends nothing more
    },
    [],
  );

  const told = useQuery({
    queryKey: ["fitting", project, fitting],
    enabled: fitting !== "",
    refetchInterval: LOOK_MS,
    refetchIntervalInBackground: true,
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/fittings/{fitting}", { params: { path: { project, fitting } }, signal })),
  });
  const { data } = told;
  useEffect(() => {
    if (data === undefined) return;
    if (!data.drawn && sent.current !== "" && !sending.current) {
      sent.current = ""; // the edge began anew
      void send();
    }
    const mine = data.viewers.filter((one) => one.introduction !== "").at(-1);
    if (mine) introduce({ visitor: mine.visitor, introduction: mine.introduction });
  }, [data, send, introduce]);
  useEffect(() => {
    if (link === null) return;
    const timer = setTimeout(() => {
      keep(sessionStorage, place, null);
      setLink(null);
    }, link.until - Date.now());
    return () => clearTimeout(timer);
  }, [link, place]);

  const begin = useCallback(
    async (page: string) => {
      setBeginning(true);
      const tab = window.open("", "_blank"); // now, while it is the press that opens it
      try {
        const made = await ask(
          api.POST("/api/projects/{project}/fittings", { params: { path: { project } }, body: { url: page, campaign } }),
        );
        keep(sessionStorage, place, made);
        setLink(made);
        if (tab === null) return false;
        tab.opener = null;
        tab.location.replace(made.url);
        return true;
      } catch (error) {
        tab?.close();
        if (error instanceof ApiError) showFailure(error);
        return true;
      } finally {
        setBeginning(false);
      }
    },
    [project, campaign, place],
  );

  const end = useCallback(() => {
    keep(sessionStorage, place, null);
    setLink(null);
    if (fitting === "") return;
    void ask(
      api.PUT("/api/projects/{project}/fittings/{fitting}", {
        params: { path: { project, fitting } },
        body: { action: null },
      }),
    ).catch(() => undefined); // the link ends by itself
  }, [project, fitting, place]);

  return { link, begin, end, viewers: data?.viewers ?? [], wrong, away: away || told.isError, beginning };
}

function current(link: Kept | null): Kept | null {
  return link !== null && link.until > Date.now() ? link : null;
}
