/** What is known about a rule beside its size: who is in it, with whom it overlaps, where it is used, how it changed. */

import { Anchor, Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { segments as allSegments } from "@/api/asked";
import { api, ask } from "@/api/client";
import { PersonLink, SegmentChip } from "@/parts/links";
import { Section } from "@/parts/Page";
import { SkeletonRows } from "@/parts/states";
import type { Rule } from "@/rules/tree";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { usePick, useWords } from "@/words/words";
import type { Kind } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

/** So long a rule must have been left alone before more than its size is asked. */
export const SETTLED_MS = 900;

export interface Props {
  rule: Rule;
  segment: string;
}

export function Examples({ rule, segment }: Props) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const may = useMay("people");
  const [settled] = useDebouncedValue(rule, SETTLED_MS);
  const query = useQuery({
    queryKey: ["rule-examples", project.id, segment, settled],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/rules/examples", {
          params: { path: { project: project.id } },
          body: { rule: settled ?? [], segment, asker: "" },
          signal,
        }),
      ),
    enabled: may,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const all =
    may && segment ? (
      <Anchor component={Link} to={`/p/${project.id}/people?segment=${segment}`} size="sm">
        {say.examplesMore}
      </Anchor>
    ) : undefined;
  return (
    <Section title={say.examples} aside={all}>
      {!may ? (
        <p className={styles.quiet}>{say.examplesHidden}</p>
      ) : query.data ? (
        query.data.people.length ? (
          <ul className={styles.people}>
            {query.data.people.map((one) => (
              <li key={one.person}>
                <PersonLink project={project.id} person={one.person} userId={one.user_id} name={one.name} />
                <span>{say.visits(format.number(one.visits))}</span>
                <span>{say.lastSeen(format.ago(one.last_seen_at))}</span>
              </li>
            ))}
          </ul>
        ) : (
          <p className={styles.quiet}>{say.nobody}</p>
        )
      ) : query.error ? null : (
        <SkeletonRows rows={4} />
      )}
    </Section>
  );
}

export function Overlap({ rule, segment }: Props) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const pick = usePick();
  const [settled] = useDebouncedValue(rule, SETTLED_MS);
  const query = useQuery({
    queryKey: ["rule-overlap", project.id, segment, settled],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/rules/overlap", {
          params: { path: { project: project.id } },
          body: { rule: settled ?? [], segment, asker: "" },
          signal,
        }),
      ),
    retry: false,
    placeholderData: keepPreviousData,
  });
  const names = useQuery(allSegments(project.id));
  const called = new Map(names.data?.map((one) => [one.id, pick(one)]));
  const shared = query.data?.segments.filter((one) => one.both > 0).slice(0, 12) ?? [];
  return (
    <Section title={say.overlap} aside={query.data && say.overlapWhat(format.number(query.data.size))}>
      {query.data ? (
        shared.length ? (
          <ul className={styles.overlaps}>
            {shared.map((one) => (
              <li key={one.segment}>
                <SegmentChip project={project.id} segment={one.segment}>
                  {called.get(one.segment) ?? one.segment}
                </SegmentChip>
                <i aria-hidden>
                  <i style={{ transform: `scaleX(${one.both / Math.max(1, query.data.size)})` }} />
                </i>
                <span>{say.both(format.number(one.both), format.percent(one.both / Math.max(1, query.data.size), 0))}</span>
              </li>
            ))}
          </ul>
        ) : (
          <p className={styles.quiet}>{say.overlapNone}</p>
        )
      ) : query.error ? null : (
        <SkeletonRows rows={4} />
      )}
    </Section>
  );
}

const PAGES: Record<string, string> = {
  campaigns: "campaigns",
  segments: "segments",
  events: "derived-events",
  templates: "gallery",
  project: "settings",
};

export function Uses({ kind, id }: { kind: Kind; id: string }) {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  const query = useQuery({
    queryKey: ["uses", project.id, kind, id],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/uses/{kind}/{name}", {
          params: { path: { project: project.id, kind, name: id } },
          signal,
        }),
      ),
  });
  const kinds = say.kinds as Record<string, string>;
  return (
    <Section title={say.uses}>
      {query.data ? (
        query.data.length ? (
          <ul className={styles.uses}>
            {query.data.map((one) => (
              <li key={`${one.kind}/${one.id}`}>
                <span className={styles.quiet}>{kinds[one.kind] ?? one.kind}</span>
                <Anchor
                  component={Link}
                  to={
                    one.kind === "templates"
                      ? `/p/${project.id}/gallery`
                      : `/p/${project.id}/${PAGES[one.kind] ?? one.kind}/${one.id}`
                  }
                >
                  {pick(one)}
                </Anchor>
              </li>
            ))}
          </ul>
        ) : (
          <p className={styles.quiet}>{say.usesNone[kind]}</p>
        )
      ) : (
        <SkeletonRows rows={2} />
      )}
    </Section>
  );
}

export function Versions({ kind, id, onRestore }: { kind: Kind; id: string; onRestore?: (version: number) => void }) {
  const say = useWords(words);
  const { none } = useWords(shared);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const pick = usePick();
  const query = useQuery({
    queryKey: ["document", project.id, kind, id, "history"],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/documents/{kind}/{id}/history", {
          params: { path: { project: project.id, kind, id }, query: { limit: 20 } },
          signal,
        }),
      ),
    retry: false,
  });
  if (query.error) return null;
  return (
    <Section title={say.versions}>
      {query.data ? (
        query.data.length ? (
          <ol className={styles.versions}>
            {query.data.map((one, place) => (
              <li key={one.version}>
                <div className={styles.versionHead}>
                  <b>{say.what[one.what]}</b>
                  <span>{say.by(one.author || say.cli, format.dateTime(one.applied_at))}</span>
                  <span className={styles.quiet}>{say.version(format.number(one.version))}</span>
                  {one.comment && <span>{one.comment}</span>}
                  {onRestore && place > 0 && one.what !== "remove" && (
                    <Button size="compact-xs" variant="subtle" onClick={() => onRestore(one.version)}>
                      {say.restore}
                    </Button>
                  )}
                </div>
                {one.edits.map((edit) => (
                  <div key={edit.path} className={styles.edit}>
                    <code>{edit.path}</code>
                    <del>{pick(edit.before) || none}</del>
                    <ins>{pick(edit.after) || none}</ins>
                  </div>
                ))}
              </li>
            ))}
          </ol>
        ) : (
          <p className={styles.quiet}>{say.versionsNone}</p>
        )
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Section>
  );
}
