/** The people behind one number of a report. */

import { Button, Table } from "@mantine/core";
import { IconUsers, IconVideo } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { Crest } from "@/people/Crest";
import { useNames, usePersonName } from "@/people/names";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./Report.module.css";
import { type Span, useCampaign } from "./report";
import { words } from "./words";

type Cell = Schemas["Cell"];
type Asked = Span & Partial<Pick<Cell, "what" | "gate" | "arm" | "side" | "winner">>;

const PAGE = 50;

export default function CellPeople() {
  const say = useWords(words);
  const project = useProject();
  const campaign = useCampaign();
  const search = useSearch({ strict: false }) as Asked;
  const { what = "shown", gate = "", arm = "", side = "", winner = "", start, end } = search;
  const span = { ...(start ? { start } : {}), ...(end ? { end } : {}) };
  const pick = usePick();
  const query = useInfiniteQuery({
    queryKey: ["cell", project.id, campaign, { what, gate, arm, side, winner, ...span }],
    initialPageParam: 0,
    queryFn: ({ signal, pageParam }) =>
      ask(
        api.GET("/api/projects/{project}/campaigns/{campaign}/people", {
          params: {
            path: { project: project.id, campaign },
            query: { what, gate, arm, side, winner, ...span, limit: PAGE, offset: pageParam },
          },
          signal,
        }),
      ),
    getNextPageParam: (last, pages) => {
      const have = pages.reduce((sum, page) => sum + page.people.length, 0);
      return last.people.length && have < last.everybody ? have : undefined;
    },
  });
  const first = query.data?.pages[0];
  const title = useTitle(first);
  const { number, day, time } = useFormats(first?.period.time_zone);
  return (
    <Page
      title={title || (first ? pick(first.name) : campaign)}
      crumbs={[
        { label: say.campaigns, to: `/p/${project.id}/campaigns` },
        { label: first ? pick(first.name) : campaign, to: `/p/${project.id}/campaigns/${campaign}/report` },
      ]}
      lead={
        first &&
        `${say.cell.lead(number(first.everybody))} · ${say.period.span(day(first.period.first), day(first.period.last))} · ${say.period.fresh(time(first.as_of))}`
      }
      actions={
        <>
          <Replays campaign={campaign} asked={search} />
          <Button
            variant="default"
            component={Link}
            to={`/p/${project.id}/campaigns/${campaign}/report?${new URLSearchParams(span)}`}
          >
            {say.cell.report}
          </Button>
        </>
      }
    >
      <Loaded query={{ data: query.data, error: query.error, refetch: query.refetch }}>
        {({ pages }) => {
          const people = pages.flatMap((page) => page.people);
          const left = (pages[0]?.everybody ?? 0) - people.length;
          return people.length ? (
            <>
              <People people={people} timeZone={pages[0]?.period.time_zone} />
              {query.hasNextPage && (
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {say.cell.more(number(Math.min(PAGE, left)))}
                </Button>
              )}
            </>
          ) : (
            <EmptyState icon={<IconUsers size={32} stroke={1.4} />} title={say.cell.nobody}>
              {say.cell.nobodyBody}
            </EmptyState>
          );
        }}
      </Loaded>
    </Page>
  );
}

const HOWS: Partial<Record<Cell["what"], string>> = {
  withheld: "withheld",
  stopped: "withheld",
  shown: "saw",
  clicked: "clicked",
  closed: "closed",
};

/** The same people's screens, for those who may see them. */
function Replays({ campaign, asked }: { campaign: string; asked: Asked }) {
  const say = useWords(words).cell;
  const project = useProject();
  const may = useMay("recordings");
  const what = asked.what ?? "shown";
  const how = what === "shown" && asked.side === "holdout" ? "holdout" : HOWS[what];
  if (!may || !how) return null;
  const gate = how === "withheld" ? (asked.gate ?? "") : "";
  return (
    <Button
      variant="default"
      leftSection={<IconVideo size={16} stroke={1.6} />}
      component={Link}
      to={`/p/${project.id}/recordings`}
      search={{ q: { campaigns: [{ campaign, how, gate, never: false }] } } as never}
    >
      {say.replays}
    </Button>
  );
}

function People({ people, timeZone }: { people: Cell["people"]; timeZone: string | undefined }) {
  const say = useWords(words).cell;
  const project = useProject();
  const called = usePersonName();
  const { dateTime, number, ago } = useFormats(timeZone);
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table className={styles.people}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say.person}</Table.Th>
            <Table.Th>{say.at}</Table.Th>
            <Table.Th>{say.visits}</Table.Th>
            <Table.Th>{say.seen}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((one) => (
            <Table.Tr key={one.person}>
              <Table.Td>
                <Link to={`/p/${project.id}/people/${encodeURIComponent(one.person)}`} className={styles.who}>
                  <Crest person={one.person} size={28} />
                  <span>{called(one)}</span>
                  {one.user_id && one.name && <small className={styles.beside}>{one.user_id}</small>}
                </Link>
              </Table.Td>
              <Table.Td>{dateTime(one.at)}</Table.Td>
              <Table.Td>{one.last_at === null ? say.erased : number(one.visits)}</Table.Td>
              <Table.Td>{one.last_at === null ? "–" : ago(one.last_at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What the number counts, in words. */
function useTitle(cell: Cell | undefined): string {
  const say = useWords(words).cell;
  const arms = useWords(words).arms;
  const names = useNames();
  if (!cell) return "";
  const gate = names.gate(cell.gate);
  const told: Record<Cell["what"], string> = {
    came: say.came,
    reached: cell.gate === "shown" ? say.passed : say.reached(gate),
    stopped: say.stopped(gate),
    withheld: say.withheld(gate),
    shown: cell.side === "holdout" ? say.heldout : say.shown,
    clicked: say.clicked,
    closed: say.closed,
    answered: say.answered,
    covered: say.covered,
    gave_way: say.gave_way,
    failed: say.failed,
    judged: say.judged,
    goal: say.goal,
    crossed: say.crossed,
  };
  const of =
    cell.arm_name ||
    (cell.winner ? names.campaign(cell.winner) : cell.what === "goal" && cell.side === "holdout" ? arms.holdout : "");
  return of ? say.of(told[cell.what], of) : told[cell.what];
}
