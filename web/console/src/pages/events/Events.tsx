/** Everything the site sends, by name, with what deserves a look first. */

import { Anchor, SegmentedControl, Table, TextInput } from "@mantine/core";
import { IconBolt, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { catalogue } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { Sparkline } from "@/parts/charts";
import { Mark } from "@/parts/Mark";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { said } from "@/people/names";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./events.module.css";
import { words } from "./words";

type Catalogue = Schemas["Catalogue"];
export type Listed = Catalogue["events"][number];
export type Refused = Catalogue["refused"][number];
type Filter = "all" | "attention" | "unknown" | "reserved";

const deserves = (one: Listed) => one.mixed.length > 0 || one.silent || one.refused > 0;
const FILTERS: Record<Filter, (one: Listed) => boolean> = {
  all: () => true,
  attention: deserves,
  unknown: (one) => one.standing === "unknown",
  reserved: (one) => one.standing === "reserved",
};

export default function Events() {
  const say = useWords(words);
  const project = useProject();
  const { find = "", show = "all" } = useSearch({ strict: false }) as { find?: string; show?: Filter };
  const navigate = useNavigate();
  const change = (to: { find?: string; show?: Filter }) => {
    const next = { find, show, ...to };
    const search = { ...(next.find ? { find: next.find } : {}), ...(next.show === "all" ? {} : { show: next.show }) };
    void navigate({ to: ".", search: search as never, replace: true });
  };
  const query = useQuery({ ...catalogue(project.id), refetchInterval: 60_000 });
  return (
    <Page title={say.title} lead={say.lead}>
      <Loaded query={query}>
        {(found) =>
          found.events.length ? (
            <>
              <div className={styles.tools}>
                <TextInput
                  aria-label={say.find}
                  placeholder={say.find}
                  leftSection={<IconSearch size={16} stroke={1.6} />}
                  value={find}
                  onChange={(event) => change({ find: event.currentTarget.value })}
                />
                <SegmentedControl
                  size="xs"
                  aria-label={say.filter.label}
                  value={show}
                  onChange={(value) => change({ show: value as Filter })}
                  data={(Object.keys(FILTERS) as Filter[]).map((value) => ({
                    value,
                    label: `${say.filter[value]} ${found.events.filter(FILTERS[value]).length}`,
                  }))}
                />
              </div>
              <List
                events={found.events.filter((one) => FILTERS[show](one) && one.name.includes(find.trim()))}
                days={found.days}
              />
              <Refusals refused={found.refused} since={found.counted_since} />
            </>
          ) : (
            <EmptyState
              icon={<IconBolt size={32} stroke={1.4} />}
              title={say.empty.title}
              action={
                <Anchor component={Link} to={`/p/${project.id}/settings/site`} inherit>
                  {say.empty.action}
                </Anchor>
              }
            >
              {say.empty.body}
            </EmptyState>
          )
        }
      </Loaded>
    </Page>
  );
}

function List({ events, days }: { events: readonly Listed[]; days: readonly string[] }) {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  const { number, ago } = useFormats();
  if (!events.length) return <p className="muted">{say.nothing}</p>;
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table className={styles.list} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say.columns.name}</Table.Th>
            <Table.Th>{say.columns.trend}</Table.Th>
            <Table.Th>{say.columns.events}</Table.Th>
            <Table.Th>{say.columns.people}</Table.Th>
            <Table.Th>{say.columns.last}</Table.Th>
            <Table.Th>{say.columns.notes}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((one) => (
            <Table.Tr key={one.name} data-ignored={one.ignored || undefined}>
              <Table.Td>
                <Link to={`/p/${project.id}/events/${encodeURIComponent(one.name)}`} className={styles.name}>
                  {one.label ? pick(one.label) : one.name}
                </Link>
                <Standing one={one} />
              </Table.Td>
              <Table.Td>
                <Sparkline
                  values={one.by_day}
                  label={say.trend(one.name, days.length)}
                  tone={one.silent ? "waiting" : "primary"}
                />
              </Table.Td>
              <Table.Td>{number(one.events)}</Table.Td>
              <Table.Td>{one.people ? say.about(number(one.people)) : "–"}</Table.Td>
              <Table.Td>{one.last_at === null ? say.marks.never : ago(one.last_at)}</Table.Td>
              <Table.Td>
                <Notes one={one} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

export function Standing({ one }: { one: Listed }) {
  const say = useWords(words).standing;
  return <span className={styles.standing}>{say[one.standing]}</span>;
}

export function Notes({ one }: { one: Listed }) {
  const say = useWords(words).marks;
  const { number } = useFormats();
  return (
    <span className={styles.notes}>
      {one.ignored && <Mark tone="withheld">{say.ignored}</Mark>}
      {one.silent && <Mark tone="waiting">{say.silent}</Mark>}
      {one.mixed.length > 0 && <Mark tone="danger">{say.mixed(one.mixed.join(", "))}</Mark>}
      {one.refused > 0 && <Mark tone="danger">{say.refused(number(one.refused))}</Mark>}
    </span>
  );
}

export function Refusals({ refused, since }: { refused: readonly Refused[]; since: number | null }) {
  const say = useWords(words).refusals;
  const { number, dateTime, ago } = useFormats();
  return (
    <Section title={say.title} aside={since !== null && say.since(dateTime(since))}>
      {since === null ? (
        <p className="muted">{say.down}</p>
      ) : refused.length === 0 ? (
        <p className="muted">{say.none}</p>
      ) : (
        <Table.ScrollContainer minWidth={640}>
          <Table className={styles.refused}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say.name}</Table.Th>
                <Table.Th>{say.why}</Table.Th>
                <Table.Th>{say.where}</Table.Th>
                <Table.Th>{say.times}</Table.Th>
                <Table.Th>{say.last}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {refused.map((one) => (
                <Table.Tr key={`${one.name} ${one.code} ${one.where}`}>
                  <Table.Td>{one.name || say.unreadable}</Table.Td>
                  <Table.Td title={one.message}>{said(say.codes, one.code) ?? one.code}</Table.Td>
                  <Table.Td>
                    <code>{one.where}</code>
                  </Table.Td>
                  <Table.Td>{number(one.times)}</Table.Td>
                  <Table.Td>{ago(one.at)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}
