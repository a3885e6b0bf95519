/** Recordings to look for: by what happened, by who it was; ways to look, saved filters, and how many each of them finds. */

import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { IconBookmark, IconFilter, IconFlame, IconLayoutColumns, IconTrash, IconVideo } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, ask } from "@/api/client";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonRows } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { said, useNames } from "@/people/names";
import { unrecorded } from "@/people/unrecorded";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { CardRow } from "./CardRow";
import { Filters, Order, Since } from "./Filters";
import styles from "./Recordings.module.css";
import { lengthOf, type Sought, TROUBLE } from "./recordings";
import { words } from "./words";

const PAGE = 30;
const KIND = "recordings";

export default function Recordings() {
  const say = useWords(words);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const names = useNames();
  const [sought, seek] = useSought();
  const narrow = isNarrow(sought);
  const [open, setOpen] = useState(narrow);
  const query = useInfiniteQuery({
    queryKey: ["recordings", project.id, sought],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.POST("/api/projects/{project}/recordings/search", {
          params: { path: { project: project.id } },
          body: { ...sought, limit: PAGE, offset: pageParam } as never,
          signal,
        }),
      ),
    getNextPageParam: (last, pages) => {
      const have = pages.reduce((sum, page) => sum + page.recordings.length, 0);
      return last.recordings.length && have < last.total ? have : undefined;
    },
    placeholderData: (before) => before,
  });
  const first = query.data?.pages[0];
  const cards = query.data?.pages.flatMap((page) => page.recordings) ?? [];
  const longest = Math.max(1, ...cards.map(lengthOf));
  return (
    <Page
      wide
      title={say.title}
      lead={first && say.lead(formats.number(first.total), formats.time(first.at))}
      actions={
        <>
          <Button
            variant="default"
            component={Link}
            to={`/p/${project.id}/recordings/compare`}
            leftSection={<IconLayoutColumns size={16} stroke={1.6} />}
          >
            {say.compareTitle}
          </Button>
          <Button
            variant="default"
            component={Link}
            to={`/p/${project.id}/heatmaps`}
            leftSection={<IconFlame size={16} stroke={1.6} />}
          >
            {say.heatmaps}
          </Button>
        </>
      }
    >
      <div className={styles.layout}>
        <aside className={styles.side} aria-label={say.presets.title}>
          <Ways sought={sought} seek={seek} />
          <KeepingLine />
        </aside>
        <div className={styles.found}>
          <div className={styles.tools}>
            <Button
              variant={narrow ? "light" : "default"}
              leftSection={<IconFilter size={16} stroke={1.6} />}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {say.filters.narrow}
            </Button>
            {narrow && (
              <Button variant="subtle" onClick={() => seek({})}>
                {say.filters.clear}
              </Button>
            )}
            {narrow && <SaveFilter sought={sought} />}
            <span className={styles.right}>
              <Since sought={sought} seek={seek} />
              <Order sought={sought} seek={seek} />
            </span>
          </div>
          {open && <Filters sought={sought} seek={seek} labels={first?.labels ?? []} />}
          <Loaded query={query} skeleton={<SkeletonRows rows={10} height={44} />}>
            {() =>
              cards.length === 0 ? (
                <EmptyState icon={<IconVideo size={32} stroke={1.4} />} title={narrow ? say.none : say.nothing}>
                  {narrow ? say.noneHelp : say.nothingHelp}
                </EmptyState>
              ) : (
                <>
                  <ul className={styles.rows} data-stale={query.isPlaceholderData || undefined}>
                    {cards.map((card) => (
                      <CardRow key={card.id} card={card} names={names} formats={formats} longest={longest} />
                    ))}
                  </ul>
                  {query.hasNextPage && (
                    <div className={styles.more}>
                      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                        {say.more}
                      </Button>
                    </div>
                  )}
                </>
              )
            }
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

/** What is looked for stands in the address. */
function useSought(): [Sought, (to: Sought) => void] {
  const { q } = useSearch({ strict: false }) as { q?: Sought };
  const navigate = useNavigate();
  const sought = useMemo(() => (q && typeof q === "object" ? q : {}), [q]);
  const seek = (to: Sought) => {
    const kept = Object.fromEntries(Object.entries(to).filter(([, value]) => !isNothing(value)));
    void navigate({ to: ".", search: Object.keys(kept).length ? { q: kept } : {}, replace: true } as never);
  };
  return [sought, seek];
}

function isNothing(value: unknown): boolean {
  return !value || value === "latest" || (Array.isArray(value) && value.length === 0);
}

function isNarrow(sought: Sought): boolean {
  return Object.keys(sought).some((key) => !["order", "seed", "since"].includes(key));
}

interface Way {
  key: string;
  name: string;
  sought: Sought;
  remove?: () => void;
}

function Ways({ sought, seek }: { sought: Sought; seek: (to: Sought) => void }) {
  const say = useWords(words);
  const project = useProject();
  const client = useQueryClient();
  const edits = useMay("edit");
  const presets = say.presets;
  const saved = useQuery({
    queryKey: ["saved", project.id, KIND],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/saved", { params: { path: { project: project.id }, query: { kind: KIND } }, signal })),
  });
  const drop = useMutation({
    mutationFn: (key: string) =>
      ask(api.DELETE("/api/projects/{project}/saved/{saved}", { params: { path: { project: project.id, saved: key } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["saved", project.id, KIND] });
      showDone(say.removedFilter);
    },
    onError: showFailure,
  });
  const ways: Way[] = [
    { key: "all", name: presets.all, sought: {} },
    { key: "busiest", name: presets.busiest, sought: { order: "busiest" } },
    { key: "unwatched", name: presets.unwatched, sought: { watched: "not_me", order: "random", seed: 1 } },
    { key: "trouble", name: presets.trouble, sought: { trouble: [...TROUBLE] } },
    { key: "conflict", name: presets.conflict, sought: { conflict: true } },
    { key: "short", name: presets.short, sought: { longest: 15 } },
  ];
  const own: Way[] = (saved.data ?? []).map((one) => ({
    key: one.id,
    name: one.name,
    sought: one.document as Sought,
    ...(edits ? { remove: () => drop.mutate(one.id) } : {}),
  }));
  return (
    <>
      <List title={presets.title} ways={ways} sought={sought} seek={seek} />
      {own.length > 0 && <List title={say.saved} ways={own} sought={sought} seek={seek} />}
    </>
  );
}

function List({
  title,
  ways,
  sought,
  seek,
}: {
  title: string;
  ways: readonly Way[];
  sought: Sought;
  seek: (to: Sought) => void;
}) {
  const common = useWords(shared);
  const now = JSON.stringify(sought);
  return (
    <section className={styles.ways} aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {ways.map((way) => (
          <li key={way.key}>
            <button type="button" aria-pressed={JSON.stringify(way.sought) === now} onClick={() => seek(way.sought)}>
              <span>{way.name}</span>
              <HowMany sought={way.sought} />
            </button>
            {way.remove && (
              <ActionIcon variant="subtle" size="sm" aria-label={`${common.remove}: ${way.name}`} onClick={way.remove}>
                <IconTrash size={14} stroke={1.6} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function HowMany({ sought }: { sought: Sought }) {
  const project = useProject();
  const { number } = useFormats();
  const { data } = useQuery({
    queryKey: ["recordings-count", project.id, sought],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/recordings/search", {
          params: { path: { project: project.id } },
          body: { ...sought, limit: 0 } as never,
          signal,
        }),
      ),
    staleTime: 30_000,
    retry: false,
  });
  return <span className={styles.count}>{data ? number(data.total) : ""}</span>;
}

function SaveFilter({ sought }: { sought: Sought }) {
  const say = useWords(words);
  const common = useWords(shared);
  const project = useProject();
  const client = useQueryClient();
  const edits = useMay("edit");
  const [name, setName] = useState("");
  const [open, setOpen] = useState(false);
  const keep = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/saved", {
          params: { path: { project: project.id } },
          body: { kind: KIND, name: name.trim(), document: sought as Record<string, unknown> },
        }),
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["saved", project.id, KIND] });
      setOpen(false);
      setName("");
      showDone(say.savedFilter);
    },
    onError: showFailure,
  });
  if (!edits) return null;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus>
      <Popover.Target>
        <Button variant="subtle" leftSection={<IconBookmark size={16} stroke={1.6} />} onClick={() => setOpen(!open)}>
          {say.saveFilter}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.save}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) keep.mutate();
          }}
        >
          <TextInput
            label={say.filterName}
            value={name}
            maxLength={120}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={!name.trim()} loading={keep.isPending}>
            {common.save}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What recordings take, and what was not recorded: why there are not more. */
function KeepingLine() {
  const say = useWords(words);
  const why = useWords(unrecorded);
  const project = useProject();
  const { number } = useFormats();
  const { data } = useQuery({
    queryKey: ["recordings-keeping", project.id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/recordings/keeping", { params: { path: { project: project.id } }, signal })),
  });
  if (!data) return null;
  const refused = Object.entries(data.refused).sort(([, one], [, other]) => other - one);
  const all = refused.reduce((sum, [, times]) => sum + times, 0);
  return (
    <div className={styles.keeping}>
      {data.stopped && <p data-tone="danger">{say.stopped}</p>}
      {data.full && <p data-tone="danger">{say.full}</p>}
      <p>
        {say.used(
          `${number(data.bytes / 1_000_000, data.bytes < 10_000_000 ? 1 : 0)} MB`,
          `${number(data.quota / 1_000_000, 0)} MB`,
          number(data.days, 0),
        )}
      </p>
      {all > 0 && (
        <details>
          <summary>{say.refused(number(all))}</summary>
          <ul>
            {refused.map(([reason, times]) => (
              <li key={reason}>
                <span>{said(why, reason) ?? reason}</span>
                <span>{number(times)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
