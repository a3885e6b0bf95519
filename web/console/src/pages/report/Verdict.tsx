/** The sentence first; then what it rests on, and how sure one may be. */

import { Anchor } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Mark, type Tone } from "@/parts/Mark";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { Course } from "./Course";
import { Method } from "./Method";
import { Ranges } from "./Ranges";
import styles from "./Report.module.css";
import { type Report, useArmName, useCell } from "./report";
import { words } from "./words";

export function Verdict({ report }: { report: Report }) {
  const say = useWords(words).verdict;
  const pick = usePick();
  const { number, date } = useFormats(report.period.time_zone);
  const cell = useCell();
  const { proof, since } = report;
  const why = say.because[since.why as keyof typeof say.because] ?? say.because.first;
  const crossed = cell({ what: "crossed" });
  const meaning = pick(proof.meaning);
  const left = proof.main?.days_left;
  return (
    <section className={styles.verdict} data-verdict={proof.verdict}>
      <p className={styles.headline}>{pick(proof.headline)}</p>
      <div className={styles.grounds}>
        {meaning && <p>{meaning}</p>}
        <p>
          {why(date(since.at))} {say.judged(number(since.people))}
          {since.crossed > 0 && (
            <>
              {" "}
              {crossed ? (
                <Anchor component={Link} to={crossed} inherit>
                  {say.crossed(number(since.crossed))}
                </Anchor>
              ) : (
                say.crossed(number(since.crossed))
              )}
            </>
          )}
          {proof.main && proof.verdict !== "too_early" && left !== 0 && (
            <> {typeof left === "number" ? say.days(number(left)) : say.far}</>
          )}
        </p>
      </div>
      <Fairness report={report} />
      {proof.main?.difference && (
        <div className={styles.charts}>
          <Ranges report={report} />
          <Course report={report} />
        </div>
      )}
      {proof.others.length > 0 && (
        <ul className={styles.pairs}>
          {proof.others.map((one) => (
            <li key={`${one.arm.actions.join()} ${one.base.actions.join()}`}>
              <VerdictMark verdict={one.verdict} /> {pick(one.sentence)}
            </li>
          ))}
        </ul>
      )}
      <Method />
    </section>
  );
}

const TONES: Record<string, Tone> = {
  better: "shown",
  likely_better: "shown",
  open: "plain",
  too_early: "waiting",
  likely_worse: "danger",
  worse: "danger",
};

function VerdictMark({ verdict }: { verdict: string }) {
  const say = useWords(words).verdict;
  const said: Record<string, string> = {
    better: say.better,
    worse: say.worse,
    likely_better: say.likely,
    likely_worse: say.likely,
    open: say.open,
    too_early: say.early,
  };
  return <Mark tone={TONES[verdict] ?? "plain"}>{said[verdict] ?? verdict}</Mark>;
}

function Fairness({ report }: { report: Report }) {
  const say = useWords(words).split;
  const { number } = useFormats();
  const name = useArmName(report.arms);
  const { fairness } = report.proof;
  if (!fairness || !report.since.people) return null;
  if (!fairness.alarm) return <p className={styles.fine}>{say.fine}</p>;
  return (
    <div className={styles.alarm} role="alert">
      <IconAlertTriangle size={20} stroke={1.6} aria-hidden />
      <div>
        <b>{say.wrong}</b>
        <p>{say.body}</p>
        <p>
          {fairness.divisions
            .map((one) => say.line(name(one.action), number(one.people), number(Math.round(one.expected))))
            .join("　")}
        </p>
      </div>
    </div>
  );
}
