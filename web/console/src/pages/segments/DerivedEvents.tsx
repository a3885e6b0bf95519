/** Every derived event: what it is made of, and how often it came lately. */

import { Button } from "@mantine/core";
import { IconPlus, IconTransform } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { documents } from "@/api/asked";
import { api, ask } from "@/api/client";
import { Sparkline } from "@/parts/charts";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useRuleWords } from "@/rules/vocabulary";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { DraftMark } from "./Segments";
import type { ListedDocument } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

export default function DerivedEvents() {
  const say = useWords(words).derived;
  const project = useProject();
  const may = useMay("edit");
  const query = useQuery(documents(project.id, "events"));
  const create = (
    <Button component={Link} to={`/p/${project.id}/derived-events/new`} leftSection={<IconPlus size={16} stroke={1.8} />}>
      {say.create}
    </Button>
  );
  return (
    <Page title={say.title} lead={say.lead} actions={may && create}>
      <Loaded query={query}>
        {(events) =>
          events.length ? (
            <ul className={styles.list}>
              {events.map((event) => (
                <Line key={event.id} event={event} />
              ))}
            </ul>
          ) : (
            <EmptyState icon={<IconTransform size={32} stroke={1.4} />} title={say.none} action={may && create}>
              {say.teach}
            </EmptyState>
          )
        }
      </Loaded>
    </Page>
  );
}

function Line({ event }: { event: ListedDocument }) {
  const say = useWords(words).derived;
  const project = useProject();
  const format = useFormats(project.time_zone);
  const pick = usePick();
  const known = useRuleWords(project.id);
  const days = useQuery({
    queryKey: ["rule-days", project.id, event.id, event.version],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/rules/days", {
          params: { path: { project: project.id } },
          body: { event: event.id, where: null },
          signal,
        }),
      ),
    enabled: event.version > 0,
  });
  const values = days.data?.days.map((day) => day.events) ?? [];
  const made = known.data?.events.find((one) => one.name === event.id)?.sent_as ?? "";
  const of = known.data?.events.find((one) => one.name === made);
  return (
    <li>
      <Link to={`/p/${project.id}/derived-events/${event.id}`} className={styles.item}>
        <span className={styles.itemName}>
          {pick(event.name)}
          {event.draft && <DraftMark draft={event.draft} />}
        </span>
        <span className={styles.itemSays}>
          <code>{event.id}</code>
          {made && ` ${say.columns.of}: ${of ? pick(of) : made}`}
        </span>
        <Sparkline values={values} label={say.samples} tone="shown" />
        <span className={styles.itemSize}>
          <b>{days.data ? format.number(values.reduce((sum, one) => sum + one, 0)) : "…"}</b>
          <small>{say.columns.days}</small>
        </span>
      </Link>
    </li>
  );
}
