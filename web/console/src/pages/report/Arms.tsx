/** Every arm in numbers, over the period and day by day, with the versions that changed the campaign marked in time. */

import { Anchor, SegmentedControl, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { LineChart } from "@/parts/charts";
import { Mark } from "@/parts/Mark";
import { Section } from "@/parts/Page";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Report.module.css";
import { type Arm, type Report, toneOf, useArmName, useCell } from "./report";
import { words } from "./words";

type Measure = "shown" | "click_rate" | "goal_rate" | "achievers";

export function Arms({ report }: { report: Report }) {
  const say = useWords(words).arms;
  const name = useArmName(report.arms);
  const cell = useCell();
  const { number, percent } = useFormats();
  const counted = (arm: Arm, what: string, value: number): ReactNode => {
    const to = value > 0 ? cell({ what, arm: arm.action }) : "";
    return to ? (
      <Anchor component={Link} to={to} inherit>
        {number(value)}
      </Anchor>
    ) : (
      number(value)
    );
  };
  return (
    <Section title={say.title}>
      <Table.ScrollContainer minWidth={720}>
        <Table className={styles.arms}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say.arm}</Table.Th>
              <Table.Th>{say.shown}</Table.Th>
              <Table.Th>{say.people}</Table.Th>
              <Table.Th>{say.clickers}</Table.Th>
              <Table.Th>{say.closed}</Table.Th>
              {report.goal && (
                <>
                  <Table.Th>{say.achievers}</Table.Th>
                  <Table.Th>{say.rate}</Table.Th>
                </>
              )}
              {report.values && (
                <>
                  <Table.Th>{say.value}</Table.Th>
                  <Table.Th>{say.each}</Table.Th>
                </>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.arms.map((arm) => (
              <Table.Tr key={arm.action}>
                <Table.Th scope="row">
                  <span className={styles.arm} data-tone={toneOf(report.arms, arm.action)}>
                    <i />
                    {name(arm.action)}
                  </span>
                  <small className={styles.small}>
                    {!arm.holdout && <code>{arm.action}</code>}{" "}
                    {arm.weight === null ? (
                      <Mark tone="withheld">{say.gone}</Mark>
                    ) : (
                      say.share(percent(arm.weight / 1000, arm.weight % 10 ? 1 : 0))
                    )}
                  </small>
                </Table.Th>
                <Table.Td>{number(arm.whole.shown)}</Table.Td>
                <Table.Td>{counted(arm, "shown", arm.whole.people)}</Table.Td>
                <Table.Td>
                  {arm.holdout ? "–" : counted(arm, "clicked", arm.whole.clickers)}
                  {!arm.holdout && arm.whole.click_rate !== null && (
                    <small className={styles.small}>{percent(arm.whole.click_rate)}</small>
                  )}
                </Table.Td>
                <Table.Td>{arm.holdout ? "–" : number(arm.whole.closed)}</Table.Td>
                {report.goal && (
                  <>
                    <Table.Td>
                      {counted(arm, "goal", arm.whole.achievers)}
                      <small className={styles.small}>/ {counted(arm, "judged", arm.whole.judged)}</small>
                    </Table.Td>
                    <Table.Td>
                      <b>{percent(arm.whole.goal_rate)}</b>
                      {arm.within && (
                        <small
                          className={styles.small}
                          title={say.within(percent(arm.within.low), percent(arm.within.high))}
                        >{`${percent(arm.within.low)} – ${percent(arm.within.high)}`}</small>
                      )}
                    </Table.Td>
                  </>
                )}
                {report.values && (
                  <>
                    <Table.Td>{number(arm.whole.goal_value, 0)}</Table.Td>
                    <Table.Td>
                      {arm.whole.goal_value_per_person === null ? "–" : number(arm.whole.goal_value_per_person, 1)}
                    </Table.Td>
                  </>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ByDay report={report} />
    </Section>
  );
}

function ByDay({ report }: { report: Report }) {
  const say = useWords(words).arms;
  const name = useArmName(report.arms);
  const { number, percent, day, dateTime } = useFormats(report.period.time_zone);
  const [measure, setMeasure] = useState<Measure>("shown");
  const days = daysOf(report);
  const steps = days.map(day);
  const share = measure.endsWith("_rate");
  const measures: Measure[] = report.goal ? ["shown", "click_rate", "achievers", "goal_rate"] : ["shown", "click_rate"];
  const series = report.arms
    .filter((arm) => measure !== "click_rate" || !arm.holdout)
    .map((arm) => {
      const by = new Map(arm.days.map((one) => [one.day, one]));
      const values = days.map((one) => by.get(one)?.[measure] ?? (share ? null : 0));
      return { name: name(arm.action), tone: toneOf(report.arms, arm.action), values };
    });
  const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: report.period.time_zone });
  const marks = report.versions.map((one) => ({
    step: Math.max(0, days.indexOf(calendar.format(one.at))),
    text: say.version(number(one.version)),
  }));
  return (
    <div className={styles.byDay}>
      <div className={styles.byDayHead}>
        <h3 className={styles.title}>{say.byDay}</h3>
        <SegmentedControl
          size="xs"
          aria-label={say.byDay}
          value={measure}
          onChange={(value) => setMeasure(value as Measure)}
          data={measures.map((value) => ({ value, label: say.measure[value] }))}
        />
      </div>
      <LineChart
        label={say.chart(say.measure[measure])}
        steps={steps}
        series={series}
        marks={marks}
        format={(value) => (share ? percent(value) : number(value))}
      />
      {report.versions.length > 0 && (
        <details className={styles.versions}>
          <summary>{say.versions}</summary>
          <ul>
            {report.versions.map((one) => (
              <li key={one.version}>
                <b>{say.version(number(one.version))}</b> {dateTime(one.at)} {one.author} <q>{one.comment || say.noComment}</q>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** Every day of the report, also those on which nothing happened. */
function daysOf(report: Report): string[] {
  const [first, last] = [report.period.first, report.period.last].map((one) => Date.parse(`${one}T00:00:00Z`)) as [
    number,
    number,
  ];
  return Array.from({ length: Math.round((last - first) / 86_400_000) + 1 }, (_, place) =>
    new Date(first + place * 86_400_000).toISOString().slice(0, 10),
  );
}
