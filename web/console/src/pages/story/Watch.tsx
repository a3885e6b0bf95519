/** The recording of one visit of the story: the way to watch it, or why there is none. */

import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { said } from "@/people/names";
import { unrecorded } from "@/people/unrecorded";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./Watch.module.css";
import { words } from "./watch-words";

type Recordings = Schemas["RecordingsOfPerson"];

interface Known {
  watchable: ReadonlyMap<string, Recordings["recordings"][number]>;
  reasons: Readonly<Record<string, string>>;
  /** What must be granted for a recording; "" when nothing must. */
  purpose: string;
}

const Context = createContext<Known>({ watchable: new Map(), reasons: {}, purpose: "" });

export const useWatchable = () => useContext(Context);

/** What can be watched of a person, for every visit inside; nothing for those who may not watch. */
export function Watchable({ name, latest, children }: { name: string; latest: string; children: ReactNode }) {
  const project = useProject();
  const may = useMay("recordings");
  const { data } = useQuery({
    queryKey: ["person-recordings", project.id, name, latest],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/recordings", {
          params: { path: { project: project.id, name } },
          signal,
        }),
      ),
    enabled: may,
    placeholderData: (before) => before,
    retry: false,
  });
  const known = useMemo<Known>(
    () => ({
      watchable: new Map(data?.recordings.map((one) => [one.id, one])),
      reasons: data?.reasons ?? {},
      purpose: data?.purpose ?? "",
    }),
    [data],
  );
  return <Context.Provider value={known}>{children}</Context.Provider>;
}

/** Beside a visit's heading. */
export function Watch({ session }: { session: string }) {
  const say = useWords(words);
  const why = useWords(unrecorded);
  const project = useProject();
  const { watchable, reasons } = useContext(Context);
  const one = watchable.get(session);
  if (one)
    return (
      <Link to={`/p/${project.id}/recordings/${one.id}${one.live ? "?live=true" : ""}`} className={styles.watch}>
        <IconPlayerPlayFilled size={12} aria-hidden />
        {one.live ? say.live : say.watch}
      </Link>
    );
  const reason = reasons[session];
  return reason ? <span className={styles.none}>{say.none(said(why, reason) ?? reason)}</span> : null;
}

/** A time that leads to that second of the recording, where there is one. */
export function AtSecond({ session, at, children }: { session: string; at: number; children: ReactNode }) {
  const say = useWords(words);
  const project = useProject();
  const one = useContext(Context).watchable.get(session);
  if (!one || at < one.started_at - 1_000 || at > one.ended_at + 1_000) return <>{children}</>;
  const second = Math.max(0, Math.floor((at - one.started_at) / 1000) - 1);
  return (
    <Link to={`/p/${project.id}/recordings/${one.id}?at=${second}`} className={styles.second} title={say.here}>
      {children}
    </Link>
  );
}
