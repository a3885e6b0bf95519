/** How displays ended, and what was in the way. */

import { Anchor, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { CampaignLink, PersonLink } from "@/parts/links";
import { Section } from "@/parts/Page";
import { said } from "@/people/names";
import { words as peopleWords } from "@/people/words";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./Report.module.css";
import { type Report, useArmName, useCell, useSpan } from "./report";
import { words } from "./words";

type Found = Schemas["Troubles"];

export function Troubles({ report }: { report: Report }) {
  const say = useWords(words).troubles;
  const project = useProject();
  const [span] = useSpan();
  const { data } = useQuery({
    queryKey: ["report", project.id, report.campaign, span, "troubles"],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/campaigns/{campaign}/report/troubles", {
          params: { path: { project: project.id, campaign: report.campaign }, query: span },
          signal,
        }),
      ),
  });
  if (!data) return null;
  return (
    <Section title={say.title}>
      <div className={styles.troubles}>
        <Endings title={say.closings} found={data.closings} kind="closed" />
        <Endings title={say.releases} found={data.releases} kind="unopened" />
        <Suppressions found={data.suppressions} />
        <Conflicts found={data.conflicts} />
      </div>
      <Mistakes found={data.mistakes} report={report} />
    </Section>
  );
}

function Box({ title, count, children, to }: { title: string; count: number; children: ReactNode; to?: string }) {
  const say = useWords(words).troubles;
  return (
    <div>
      <h3 className={styles.title}>{title}</h3>
      {count > 0 ? children : <p className="muted">{say.none}</p>}
      {count > 0 && to && (
        <p>
          <Anchor component={Link} to={to} inherit>
            {say.everybody}
          </Anchor>
        </p>
      )}
    </div>
  );
}

/** All arms together: where one arm differs, its numbers above say so. */
function Endings({ title, found, kind }: { title: string; found: Found["closings"]; kind: "closed" | "unopened" }) {
  const say = useWords(peopleWords);
  const cell = useCell();
  const { number, percent } = useFormats();
  const times = new Map<string, number>();
  for (const one of found) times.set(one.how, (times.get(one.how) ?? 0) + one.times);
  const rows = [...times].sort((one, other) => other[1] - one[1]);
  const all = rows.reduce((sum, [, count]) => sum + count, 0);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return (
    <Box title={title} count={rows.length} {...(kind === "closed" ? { to: cell({ what: "closed" }) } : {})}>
      <ul className={styles.choices}>
        {rows.map(([how, count]) => (
          <li key={how}>
            <span className={styles.choice}>{said(say[kind], how) ?? how}</span>
            <span className={styles.bar} data-tone="withheld">
              <i style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className={styles.count}>
              {number(count)} <small className={styles.part}>{percent(count / all, 0)}</small>
            </span>
          </li>
        ))}
      </ul>
    </Box>
  );
}

function Suppressions({ found }: { found: Found["suppressions"] }) {
  const say = useWords(words).troubles;
  const project = useProject();
  const pick = usePick();
  const cell = useCell();
  const { number } = useFormats();
  return (
    <Box title={say.suppressions} count={found.length}>
      <ul className={styles.plain}>
        {found.map((one) => {
          const to = cell({ what: "gave_way", winner: one.winner });
          return (
            <li key={one.winner}>
              <CampaignLink project={project.id} campaign={one.winner}>
                {pick(one.name)}
              </CampaignLink>
              <span>
                {to ? (
                  <Anchor component={Link} to={to} inherit>
                    {say.times(number(one.times))}
                  </Anchor>
                ) : (
                  say.times(number(one.times))
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Box>
  );
}

function Conflicts({ found }: { found: Found["conflicts"] }) {
  const say = useWords(words).troubles;
  const project = useProject();
  const cell = useCell();
  const { number, percent } = useFormats();
  return (
    <Box title={say.conflicts} count={found.length} to={cell({ what: "covered" })}>
      <ul className={styles.plain}>
        {found.map((one) => (
          <li key={`${one.selector} ${one.other}`}>
            <span>
              {one.campaign ? (
                <CampaignLink project={project.id} campaign={one.campaign}>
                  {say.other}
                </CampaignLink>
              ) : (
                <code className={styles.code}>{one.selector}</code>
              )}
              <small className={styles.small}>{say.covered(percent(one.share, 0))}</small>
            </span>
            <span>{say.times(number(one.times))}</span>
          </li>
        ))}
      </ul>
    </Box>
  );
}

function Mistakes({ found, report }: { found: Found["mistakes"]; report: Report }) {
  const say = useWords(words).troubles;
  const project = useProject();
  const name = useArmName(report.arms);
  const cell = useCell();
  const { dateTime } = useFormats(report.period.time_zone);
  return (
    <Box title={say.mistakes} count={found.length} to={cell({ what: "failed" })}>
      <div className={styles.mistakes}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say.when}</Table.Th>
              <Table.Th>{say.message}</Table.Th>
              <Table.Th>{say.what}</Table.Th>
              <Table.Th>{say.who}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map((one) => (
              <Table.Tr key={`${one.at} ${one.person} ${one.message}`}>
                <Table.Td>{dateTime(one.at)}</Table.Td>
                <Table.Td>{name(one.action)}</Table.Td>
                <Table.Td>
                  {one.message === "unwritten" ? say.unwritten : <code className={styles.code}>{one.message}</code>}
                  {one.url && <small className={styles.small}>{one.url}</small>}
                </Table.Td>
                <Table.Td>{one.person && <PersonLink project={project.id} person={one.person} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Box>
  );
}
