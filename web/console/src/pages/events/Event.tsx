/** One event: what it means, how often it comes, what its fields look like, who uses it, and what was turned away. */

import { Anchor, Button, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Bars } from "@/parts/charts";
import { PersonLink } from "@/parts/links";
import { Mark } from "@/parts/Mark";
import { Page, Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { said } from "@/people/names";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { Notes, Refusals, Standing } from "./Events";
import styles from "./events.module.css";
import { useIgnore } from "./useIgnore";
import { words } from "./words";

type Detail = Schemas["Detail"];
type Field = Detail["fields"][number];

export default function EventPage() {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  const { event } = useParams({ strict: false }) as { event: string };
  const query = useQuery({
    queryKey: ["catalogue", project.id, event],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/catalogue/{event}", { params: { path: { project: project.id, event } }, signal })),
    refetchInterval: 60_000,
  });
  const one = query.data?.event;
  return (
    <Page
      title={one?.label ? pick(one.label) : event}
      crumbs={[{ label: say.title, to: `/p/${project.id}/events` }]}
      mark={one && <Notes one={one} />}
      lead={said(say.explained, event)}
      actions={one && <Actions one={one} />}
    >
      <Loaded query={query}>{(found) => <Told found={found} />}</Loaded>
    </Page>
  );
}

function Actions({ one }: { one: Detail["event"] }) {
  const say = useWords(words);
  const project = useProject();
  const may = useMay("edit");
  const ignore = useIgnore();
  if (!may || one.name.startsWith("_") || one.standing === "reserved") return null;
  return (
    <>
      <Button variant="default" component={Link} to={`/p/${project.id}/derived-events/new`}>
        {say.detail.derive}
      </Button>
      {(one.ignored || one.used_in.length === 0) && (
        <Button
          variant="default"
          loading={ignore.isPending}
          onClick={() => ignore.mutate({ name: one.name, ignored: !one.ignored })}
        >
          {one.ignored ? say.ignore.off : say.ignore.on}
        </Button>
      )}
    </>
  );
}

function Told({ found }: { found: Detail }) {
  const say = useWords(words);
  const { detail } = say;
  const { number, day, date, dateTime } = useFormats();
  const { event } = found;
  return (
    <>
      {event.ignored && <p className={styles.ignoring}>{say.ignore.note}</p>}
      <p className="muted">
        <Standing one={event} /> · {event.first_at !== null && detail.span(date(event.first_at))}
        {event.last_at !== null && ` · ${detail.last(dateTime(event.last_at))}`}
      </p>
      <Section title={detail.volume} aside={detail.days(found.days.length)}>
        <Bars
          label={say.trend(event.name, found.days.length)}
          steps={found.days.map(day)}
          series={[{ name: detail.volume, tone: "primary", values: event.by_day }]}
          format={number}
          height={160}
        />
      </Section>
      <Section title={detail.fields} aside={found.fields.length > 0 && detail.counted(number(found.counted))}>
        {found.fields.length ? <Fields fields={found.fields} /> : <p className="muted">{detail.noFields}</p>}
      </Section>
      <Used event={event} />
      {found.refused.length > 0 && <Refusals refused={found.refused} since={found.counted_since} />}
      <LatestEvents found={found} />
    </>
  );
}

function Fields({ fields }: { fields: readonly Field[] }) {
  const say = useWords(words).detail;
  const { number, percent, date } = useFormats();
  const kind = (name: string) => said(say.kind, name) ?? name;
  return (
    <Table.ScrollContainer minWidth={680} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className={styles.fields}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say.field}</Table.Th>
            <Table.Th>{say.share}</Table.Th>
            <Table.Th>{say.kinds}</Table.Th>
            <Table.Th>{say.distinct}</Table.Th>
            <Table.Th>{say.examples}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((one) => (
            <Table.Tr key={one.path}>
              <Table.Th scope="row">
                <code>{one.path}</code>
                {one.listed && <small>{say.listed}</small>}
              </Table.Th>
              <Table.Td>
                <span className={styles.share}>
                  <i style={{ width: `${one.share * 100}%` }} />
                </span>
                {percent(one.share, one.share > 0.995 || one.share < 0.005 ? 1 : 0)}
              </Table.Td>
              <Table.Td>
                {one.wrong ? (
                  <span className={styles.wrong}>
                    {one.kinds.map((seen) => (
                      <Mark key={seen.kind} tone="danger">
                        {say.seen(kind(seen.kind), number(seen.events), date(seen.last_at))}
                      </Mark>
                    ))}
                    {one.expected && <small>{say.expected(kind(one.expected))}</small>}
                  </span>
                ) : (
                  one.kinds.map((seen) => kind(seen.kind)).join("・")
                )}
              </Table.Td>
              <Table.Td>{number(one.distinct)}</Table.Td>
              <Table.Td className={styles.examples}>
                {one.examples.map((value) => (
                  <code key={`${typeof value} ${value}`}>{String(value)}</code>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const PLACES: Record<string, string> = {
  campaigns: "campaigns",
  segments: "segments",
  events: "derived-events",
  project: "settings",
};

function Used({ event }: { event: Detail["event"] }) {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  if (event.standing === "reserved" && !event.used_in.length) return null;
  return (
    <Section title={say.detail.used}>
      {event.used_in.length ? (
        <ul className={styles.used}>
          {event.used_in.map((use) => (
            <li key={`${use.kind} ${use.id}`}>
              <span>{said(say.kinds, use.kind) ?? use.kind}</span>
              {PLACES[use.kind] ? (
                <Anchor component={Link} to={`/p/${project.id}/${PLACES[use.kind]}/${use.id}`} inherit>
                  {pick(use.name)}
                </Anchor>
              ) : (
                pick(use.name)
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">{say.detail.unused}</p>
      )}
    </Section>
  );
}

function LatestEvents({ found }: { found: Detail }) {
  const say = useWords(words).detail;
  const project = useProject();
  const may = useMay("people");
  const { dateTime } = useFormats();
  if (may && !found.latest.length) return null;
  return (
    <Section title={say.latest}>
      {may ? (
        <ul className={styles.latest}>
          {found.latest.map((one) => (
            <li key={`${one.person} ${one.at}`}>
              <span>{dateTime(one.at)}</span>
              <PersonLink project={project.id} person={one.person} />
              <code>{JSON.stringify(one.values)}</code>
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">{say.hidden}</p>
      )}
    </Section>
  );
}
