/** The audit log: who changed what, when, from where, and what it was before. */

import { Button, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { api, ask, type Schemas } from "@/api/client";
import { EmptyState, Loaded } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { instantOf } from "./days";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

interface Asked {
  by?: string;
  kind?: string;
  from?: string;
  to?: string;
}

export default function Audit() {
  const say = useWords(words).audit;
  const { more } = useWords(shared);
  const project = useProject();
  const navigate = useNavigate();
  const asked = useSearch({ strict: false }) as Asked;
  const query = useInfiniteQuery({
    queryKey: ["audit", project.id, asked],
    initialPageParam: 0,
    getNextPageParam: (page: Schemas["AuditPage"]) => page.older || undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/projects/{project}/audit", {
          params: {
            path: { project: project.id },
            query: {
              by: asked.by ?? "",
              kind: asked.kind ?? "",
              since: instantOf(asked.from, project.time_zone),
              until: instantOf(asked.to, project.time_zone, 1),
              before: pageParam,
            },
          },
          signal,
        }),
      ),
  });
  const narrow = (part: Partial<Asked>) =>
    void navigate({
      to: `/p/${project.id}/settings/audit`,
      search: Object.fromEntries(Object.entries({ ...asked, ...part }).filter(([, value]) => value)),
      replace: true,
    });
  const first = query.data?.pages[0];
  const kinds: Record<string, string> = say.kinds;
  return (
    <SettingsPage at="audit" lead={say.lead}>
      <div className={styles.filters}>
        <Select
          size="xs"
          label={say.who}
          placeholder={say.everybody}
          clearable
          data={(first?.authors ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={asked.by ?? null}
          onChange={(by) => narrow({ by: by ?? "" })}
        />
        <Select
          size="xs"
          label={say.what}
          placeholder={say.everything}
          clearable
          data={(first?.kinds ?? []).map((kind) => ({ value: kind, label: kinds[kind] ?? kind }))}
          value={asked.kind ?? null}
          onChange={(kind) => narrow({ kind: kind ?? "" })}
        />
        <TextInput
          size="xs"
          type="date"
          label={say.from}
          value={asked.from ?? ""}
          onChange={(event) => narrow({ from: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          type="date"
          label={say.to}
          value={asked.to ?? ""}
          onChange={(event) => narrow({ to: event.currentTarget.value })}
        />
      </div>
      <Loaded query={query}>
        {({ pages }) =>
          pages[0]?.lines.length ? (
            <>
              {pages.flatMap((page) => page.lines.map((line) => <Line key={line.number} line={line} />))}
              {query.hasNextPage && (
                <Button variant="default" mt={16} loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {more}
                </Button>
              )}
            </>
          ) : (
            <EmptyState title={say.empty}>{say.emptyLead}</EmptyState>
          )
        }
      </Loaded>
    </SettingsPage>
  );
}

function Line({ line }: { line: Schemas["AuditLine"] }) {
  const say = useWords(words).audit;
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const did: Record<string, string> = say.did;
  const kinds: Record<string, string> = say.kinds;
  const things = [line.object, ...Object.values(line.parameters).filter((value) => value !== line.object)].filter(Boolean);
  const told = line.differences.filter((one) => isSomething(one.before) || isSomething(one.after));
  return (
    <article className={styles.line}>
      <time dateTime={new Date(line.at).toISOString()}>{formats.dateTime(line.at)}</time>
      <div>
        <p>
          <b>{line.who_name}</b> {did[line.operation] ?? line.operation}
          {things.length > 0 && <span title={kinds[line.kind] ?? line.kind}>{say.of(things.join(" / "))}</span>}
        </p>
        {told.length > 0 && <Differences differences={told} />}
        <small>
          {line.address}
          {line.who_kind !== "member" && ` · ${say.by[line.who_kind]}`}
          {line.general && ` · ${say.general}`}
        </small>
      </div>
    </article>
  );
}

const MOST = 12;

function Differences({ differences }: { differences: Schemas["AuditLine"]["differences"] }) {
  const say = useWords(words).audit;
  return (
    <dl className={styles.differences}>
      {differences.slice(0, MOST).map((one) => (
        <div key={one.path}>
          {one.path && <dt>{one.path.replace(/^project\/\.?/, "")}</dt>}
          <dd>
            {isThere(one.before) && <del>{written(one.before)}</del>}
            {isThere(one.after) && <ins>{written(one.after)}</ins>}
          </dd>
        </div>
      ))}
      {differences.length > MOST && <div>{say.moreDifferences(differences.length - MOST)}</div>}
    </dl>
  );
}

const LONGEST = 240;

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "";
}

/** Whether it says more than that there is nothing. */
function isSomething(value: unknown): boolean {
  return isThere(value) && value !== false && !(Array.isArray(value) && value.length === 0);
}

function written(value: unknown): string {
  const plain = Array.isArray(value) && value.every((one) => typeof one !== "object");
  const text = plain ? value.join(", ") || "–" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
