/** Whether whoever asks would see a campaign now: as the visitor that this browser is on the site. */

import { Anchor, Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import { Failure, SkeletonRows } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./fitting.module.css";
import { type Myself, useMyself } from "./myself";
import { OpenSite } from "./OpenSite";
import { useFitting } from "./useFitting";
import { useSitePage } from "./usePage";
import { words } from "./words";

interface Props {
  campaign: string;
  children: (why: Schemas["Why"]) => ReactNode;
}

export function WouldI({ campaign, children }: Props) {
  const say = useWords(words).myself;
  const project = useProject();
  const may = useMay("edit");
  const [myself, introduce] = useMyself(project.id);
  if (myself === null && !may) return null;
  return (
    <section className={styles.wouldI} aria-label={say.title}>
      <h3>{say.title}</h3>
      {myself === null ? (
        <Finding introduce={introduce} />
      ) : (
        <Told campaign={campaign} myself={myself} may={may} forget={() => introduce(null)}>
          {children}
        </Told>
      )}
    </section>
  );
}

function Finding({ introduce }: { introduce: (myself: Myself) => void }) {
  const say = useWords(words).myself;
  const project = useProject();
  const page = useSitePage(project.id);
  const fitting = useFitting(project.id, "", null, introduce);
  return (
    <>
      <p className={styles.hint}>{fitting.link === null ? say.unknown : say.waiting}</p>
      <OpenSite site={page} loading={fitting.beginning} onOpen={(url) => void fitting.begin(url)} />
    </>
  );
}

interface ToldProps extends Props {
  myself: Myself;
  may: boolean;
  forget: () => void;
}

const AGAIN_MS = 3_000;

function Told({ campaign, myself, may, forget, children }: ToldProps) {
  const say = useWords(words).myself;
  const project = useProject();
  const why = useQuery({
    queryKey: ["myself-why", project.id, campaign, myself.visitor],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/myself/why", {
          params: { path: { project: project.id }, query: { campaign, ...myself } },
          signal,
        }),
      ),
    retry: false,
    // a visitor's first page may still be on its way
    refetchInterval: (query) => (isUnknown(query.state.error) ? AGAIN_MS : 30_000),
  });
  const testing = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/projects/{project}/myself/testing", { params: { path: { project: project.id } }, body: { ...myself } })),
    onSuccess: ({ added }) => showDone(added ? say.tests : say.tested),
    onError: showFailure,
  });
  return (
    <>
      {why.data && !why.error ? (
        children(why.data)
      ) : isUnknown(why.error) ? (
        <p className={styles.hint} role="status">
          {say.notYet}
        </p>
      ) : why.error ? (
        <Failure error={why.error} retry={() => void why.refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <div className={styles.ways}>
        <Button variant="default" size="xs" loading={why.isFetching} onClick={() => void why.refetch()}>
          {say.again}
        </Button>
        {may && (
          <Button
            variant="default"
            size="xs"
            loading={testing.isPending}
            onClick={() => testing.mutate()}
            title={say.testingHelp}
          >
            {say.testing}
          </Button>
        )}
        <Anchor component="button" type="button" size="sm" onClick={forget}>
          {say.forget}
        </Anchor>
      </div>
      <p className={styles.hint}>
        {say.asOrdinary} {say.here(myself.visitor)}
      </p>
    </>
  );
}

const isUnknown = (error: unknown): boolean => error instanceof ApiError && error.status === 404 && error.where === "person";
