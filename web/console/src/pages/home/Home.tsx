/** How today goes, what happens this minute, and which campaigns need somebody. */

import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle, IconBolt, IconCircleCheck, IconUrgent } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { home as homeOf } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonBlock, SkeletonRows } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { type Formats, useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./Home.module.css";
import { Hours } from "./Hours";
import { Pulse } from "./Pulse";
import { words } from "./words";

type Told = Schemas["Home"];
type Health = Schemas["CampaignHealth"];
const MEASURES = ["visitors", "sessions", "shown", "goals"] as const;
type Measure = (typeof MEASURES)[number];

const FRESH_MS = 30_000;

export default function Home() {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  const query = useQuery({ ...homeOf(project.id), refetchInterval: FRESH_MS });
  const formats = useFormats(query.data?.time_zone);
  const lead = query.data && say.until(formats.day(query.data.day), formats.time(query.data.at));
  return (
    <Page title={pick(project.name)} lead={lead}>
      <Loaded query={query} skeleton={<Waiting />}>
        {(home) => (home.ever ? <Full home={home} formats={formats} /> : <First />)}
      </Loaded>
    </Page>
  );
}

function Waiting() {
  return (
    <div className={styles.waiting}>
      <SkeletonBlock height={112} />
      <SkeletonBlock height={300} />
      <SkeletonRows rows={4} />
    </div>
  );
}

function First() {
  const say = useWords(words);
  const project = useProject();
  return (
    <EmptyState
      icon={<IconBolt size={32} stroke={1.4} />}
      title={say.firstTitle}
      action={
        <Button component={Link} to={`/p/${project.id}/settings/site`} color="vermilion">
          {say.firstAction}
        </Button>
      }
    >
      {say.firstHelp}
    </EmptyState>
  );
}

function Full({ home, formats }: { home: Told; formats: Formats }) {
  return (
    <>
      <Pulse first={home.live} linked={useMay("people")} />
      <Today home={home} formats={formats} />
      <Campaigns home={home} formats={formats} />
      <Volume home={home} formats={formats} />
    </>
  );
}

function Today({ home, formats }: { home: Told; formats: Formats }) {
  const say = useWords(words);
  const [measure, setMeasure] = useState<Measure>("visitors");
  return (
    <section className={styles.today} aria-label={say.today}>
      <div className={styles.measures} role="tablist">
        {MEASURES.map((one) => (
          <Tab key={one} home={home} measure={one} chosen={one === measure} choose={() => setMeasure(one)} formats={formats} />
        ))}
      </div>
      <Hours home={home} measure={measure} label={say.byHour(say[measure])} formats={formats} />
    </section>
  );
}

function Tab({
  home,
  measure,
  chosen,
  choose,
  formats,
}: {
  home: Told;
  measure: Measure;
  chosen: boolean;
  choose: () => void;
  formats: Formats;
}) {
  const say = useWords(words);
  const [now, before] = [home.today[measure], home.before[measure]];
  const change = before > 0 ? now / before - 1 : null;
  const way = change === null || Math.abs(change) < 0.005 ? "same" : change > 0 ? "up" : "down";
  return (
    <button
      type="button"
      role="tab"
      aria-selected={chosen}
      className={styles.measure}
      data-chosen={chosen || undefined}
      onClick={choose}
    >
      <span className={styles.label}>{say[measure]}</span>
      <span className={styles.number}>{formats.number(now)}</span>
      <span className={styles.against} data-way={way}>
        {change !== null && <b>{`${change >= 0 ? "+" : "−"}${formats.percent(Math.abs(change), 0)}`}</b>}{" "}
        {say.against(formats.number(before))}
      </span>
    </button>
  );
}

function Campaigns({ home, formats }: { home: Told; formats: Formats }) {
  const say = useWords(words);
  const project = useProject();
  const needy = home.campaigns.filter((one) => one.light !== "good");
  const well = home.campaigns.filter((one) => one.light === "good");
  if (!home.campaigns.length)
    return (
      <Section title={say.care}>
        <EmptyState
          title={say.noCampaigns}
          action={
            <Button component={Link} to={`/p/${project.id}/recipes`} variant="default">
              {say.recipes}
            </Button>
          }
        >
          {say.noCampaignsHelp}
        </EmptyState>
      </Section>
    );
  return (
    <Section title={say.care} aside={say.period}>
      {needy.length > 0 && (
        <ul className={styles.needy}>
          {needy.map((one) => (
            <Needy key={one.campaign} health={one} formats={formats} />
          ))}
        </ul>
      )}
      {well.length > 0 && (
        <>
          <p className={styles.well}>
            <IconCircleCheck size={18} stroke={1.6} aria-hidden />
            {needy.length ? say.restWell(formats.number(well.length)) : say.allWell(formats.number(well.length))}
          </p>
          <Well campaigns={well} formats={formats} />
        </>
      )}
    </Section>
  );
}

function Needy({ health, formats }: { health: Health; formats: Formats }) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const Icon = health.light === "bad" ? IconUrgent : IconAlertTriangle;
  const to = `/p/${project.id}/campaigns/${health.campaign}/report`;
  return (
    <li data-light={health.light}>
      <Icon size={20} stroke={1.6} aria-hidden className={styles.light} />
      <div className={styles.matter}>
        <div>
          <Anchor component={Link} to={to} className={styles.called}>
            {pick(health.name)}
          </Anchor>{" "}
          <Mark tone={health.light === "bad" ? "danger" : "waiting"}>{say.lights[health.light]}</Mark>
        </div>
        {health.troubles.map((one) => (
          <p key={one.kind}>
            {one.kind === "errors"
              ? say.troubles.errors(formats.number(one.count), formats.percent(one.count / Math.max(1, one.tried), 0))
              : one.kind === "conflicts"
                ? say.troubles.conflicts(formats.number(one.count))
                : say.troubles.never_shown(formats.dateTime(one.since))}
          </p>
        ))}
      </div>
      <Button component={Link} to={to} variant="default" size="xs">
        {say.why}
      </Button>
    </li>
  );
}

function Well({ campaigns, formats }: { campaigns: readonly Health[]; formats: Formats }) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const most = Math.max(1, ...campaigns.map((one) => one.shown));
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{say.campaign}</th>
          <th scope="col">{say.week}</th>
          <th scope="col">{say.last}</th>
        </tr>
      </thead>
      <tbody>
        {campaigns.map((one) => (
          <tr key={one.campaign}>
            <td>
              <Anchor component={Link} to={`/p/${project.id}/campaigns/${one.campaign}/report`}>
                {pick(one.name)}
              </Anchor>
            </td>
            <td>
              <span className={styles.amount}>
                <i aria-hidden>
                  <b className={styles.filled} style={{ width: `${(one.shown / most) * 100}%` }} />
                </i>
                {formats.number(one.shown)}
              </span>
            </td>
            <td className={styles.when}>{one.last_at ? formats.ago(one.last_at, undefined) : say.never}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Volume({ home, formats }: { home: Told; formats: Formats }) {
  const say = useWords(words);
  const figures: [string, string, string][] = [
    [say.events, formats.number(home.month.events), say.monthAgainst(formats.number(home.month.events_before))],
    [say.people, formats.number(home.month.people), ""],
    [say.shown, formats.number(home.month.shown), ""],
  ];
  return (
    <Section title={say.month(formats.month(home.month.start))}>
      <dl className={styles.volume}>
        {figures.map(([label, value, hint]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
            {hint && <dd className={styles.hint}>{hint}</dd>}
          </div>
        ))}
      </dl>
    </Section>
  );
}
