/** Every segment, by folder: its conditions as a sentence, and how many people it holds. */

import { Button, TextInput } from "@mantine/core";
import { IconFilter, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { segments as allSegments, documents, segmentSizes } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import type { ListedDocument } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

type Segment = Schemas["Segment"];

export default function Segments() {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const pick = usePick();
  const may = useMay("edit");
  const [search, setSearch] = useState("");
  const query = useQuery(allSegments(project.id));
  const drafts = useQuery(documents(project.id, "segments"));
  const sizes = useQuery({ ...segmentSizes(project.id), refetchInterval: 20_000 });
  const people = new Map(sizes.data?.segments.map((one) => [one.segment, one.people]));
  const most = Math.max(1, ...people.values());
  const marks = new Map(drafts.data?.map((one) => [one.id, one]));
  const create = (
    <Button component={Link} to={`/p/${project.id}/segments/new`} leftSection={<IconPlus size={16} stroke={1.8} />}>
      {say.create}
    </Button>
  );
  return (
    <Page title={say.title} lead={say.lead} actions={may && create}>
      <Loaded query={query}>
        {(segments) => {
          const known = new Set(segments.map((one) => one.id));
          const onlyDrafts = (drafts.data ?? []).filter((one) => !known.has(one.id));
          if (!segments.length && !onlyDrafts.length) {
            return (
              <EmptyState icon={<IconFilter size={32} stroke={1.4} />} title={say.none} action={may && create}>
                {say.teach}
              </EmptyState>
            );
          }
          const wanted = search.trim().toLowerCase();
          const shown = segments.filter((one) =>
            `${one.id} ${one.ja} ${one.en} ${one.says_ja} ${one.says_en} ${one.folder}`.toLowerCase().includes(wanted),
          );
          const folders = [...new Set(shown.map((one) => one.folder))].sort((a, b) =>
            a === "" ? 1 : b === "" ? -1 : a.localeCompare(b),
          );
          return (
            <>
              <div className={styles.tools}>
                <TextInput
                  aria-label={say.filter}
                  placeholder={say.filter}
                  leftSection={<IconSearch size={15} stroke={1.6} />}
                  value={search}
                  onChange={(event) => setSearch(event.currentTarget.value)}
                  w={320}
                />
                {sizes.data && <span className={styles.fresh}>{say.asOf(format.time(sizes.data.as_of))}</span>}
              </div>
              {!shown.length && wanted && <p className={styles.fresh}>{say.noneFound}</p>}
              {folders.map((folder) => (
                <section key={folder} className={styles.folder}>
                  {(folders.length > 1 || folder) && <h2>{folder || say.outside}</h2>}
                  <ul className={styles.list}>
                    {shown
                      .filter((one) => one.folder === folder)
                      .map((one) => (
                        <Line
                          key={one.id}
                          segment={one}
                          people={people.get(one.id)}
                          most={most}
                          mark={marks.get(one.id)?.draft ?? null}
                        />
                      ))}
                  </ul>
                </section>
              ))}
              {onlyDrafts.length > 0 && !wanted && (
                <ul className={styles.list}>
                  {onlyDrafts.map((one) => (
                    <li key={one.id}>
                      <Link to={`/p/${project.id}/segments/${one.id}`} className={styles.item}>
                        <span className={styles.itemName}>{pick(one.name)}</span>
                        <span className={styles.itemSays}>{one.draft && <DraftMark draft={one.draft} />}</span>
                      </Link>
                    </li>
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Line({
  segment,
  people,
  most,
  mark,
}: {
  segment: Segment;
  people: number | undefined;
  most: number;
  mark: ListedDocument["draft"];
}) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats();
  const pick = usePick();
  return (
    <li>
      <Link to={`/p/${project.id}/segments/${segment.id}`} className={styles.item}>
        <span className={styles.itemName}>
          {pick(segment)}
          {mark && <DraftMark draft={mark} />}
        </span>
        <span className={styles.itemSays}>{pick({ ja: segment.says_ja, en: segment.says_en })}</span>
        <span className={styles.itemUsed}>{segment.used_by ? say.usedIn(format.number(segment.used_by)) : say.unused}</span>
        <span className={styles.itemSize}>
          <b>{people === undefined ? "…" : format.number(people)}</b>
          <i aria-hidden>
            <i style={{ transform: `scaleX(${(people ?? 0) / most})` }} />
          </i>
        </span>
      </Link>
    </li>
  );
}

export function DraftMark({ draft }: { draft: NonNullable<ListedDocument["draft"]> }) {
  const say = useWords(words);
  return <Mark tone="waiting">{draft.state === "submitted" ? say.waiting : say.draftBy(draft.author_name)}</Mark>;
}
