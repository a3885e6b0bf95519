/** What people answered: choices as bars, words as they wrote them. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask, type Schemas } from "@/api/client";
import { PersonLink } from "@/parts/links";
import { Section } from "@/parts/Page";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Report.module.css";
import { type Report, useCell, useSpan } from "./report";
import { words } from "./words";

type Question = Schemas["Answers"]["questions"][number];

export function Answers({ report }: { report: Report }) {
  const say = useWords(words).answers;
  const project = useProject();
  const cell = useCell();
  const [span] = useSpan();
  const { number } = useFormats();
  const { data } = useQuery({
    queryKey: ["report", project.id, report.campaign, span, "answers"],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/campaigns/{campaign}/report/answers", {
          params: { path: { project: project.id, campaign: report.campaign }, query: span },
          signal,
        }),
      ),
  });
  if (!data?.read) return null;
  const to = cell({ what: "answered" });
  return (
    <Section title={say.title} aside={say.read(number(data.read), number(data.people))}>
      {to && (
        <p>
          <Anchor component={Link} to={to} inherit>
            {say.everybody}
          </Anchor>
        </p>
      )}
      {data.more && <p className="muted">{say.more}</p>}
      <div className={styles.questions}>
        {data.questions.map((question) => (
          <Asked key={question.field} question={question} />
        ))}
      </div>
      {data.withheld && <p className="muted">{say.withheld}</p>}
    </Section>
  );
}

function Asked({ question }: { question: Question }) {
  const say = useWords(words).answers;
  const project = useProject();
  const { number, percent, dateTime } = useFormats();
  const times = question.choices.reduce((sum, one) => sum + one.times, 0);
  const most = Math.max(1, ...question.choices.map((one) => one.times));
  return (
    <div className={styles.question}>
      <h3 className={styles.title}>
        {question.field}{" "}
        <small className={styles.beside}>
          {say.times(number(question.times))}
          {question.mean !== null && ` · ${say.mean(number(question.mean, 2))}`}
        </small>
      </h3>
      {question.choices.length > 0 && (
        <ul className={styles.choices}>
          {question.choices.map((one) => (
            <li key={`${typeof one.value} ${one.value}`}>
              <span className={styles.choice}>{String(one.value)}</span>
              <span className={styles.bar}>
                <i style={{ width: `${(one.times / most) * 100}%` }} />
              </span>
              <span className={styles.count}>{say.share(number(one.times), percent(one.times / times, 0))}</span>
            </li>
          ))}
        </ul>
      )}
      {question.texts.length > 0 && (
        <ul className={styles.texts}>
          {question.texts.map((one) => (
            <li key={`${one.person} ${one.at} ${one.text}`}>
              <q>{one.text}</q>
              <small className={styles.author}>
                <PersonLink project={project.id} person={one.person} /> {dateTime(one.at)}
              </small>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
