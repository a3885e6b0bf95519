/** The gates at which people stop now, so that what keeps a message back is seen at once. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import { words } from "./words";

export function WhereItStops({ id }: { id: string }) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const query = useQuery({
    queryKey: ["funnel", project.id, id],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/campaigns/{campaign}/funnel", {
          params: { path: { project: project.id, campaign: id } },
          signal,
        }),
      ),
  });
  const report = `/p/${project.id}/campaigns/${id}/report`;
  return (
    <Section
      title={say.funnel.title}
      aside={
        <>
          {say.funnel.period} ·{" "}
          <Anchor component={Link} to={report} size="sm">
            {say.funnel.toReport}
          </Anchor>
        </>
      }
    >
      <Loaded query={query}>
        {(funnel) =>
          funnel.gates.length === 0 ? (
            <p className={styles.hint}>{say.funnel.none}</p>
          ) : (
            <ol className={styles.gates}>
              {funnel.gates.map((one) => (
                <li key={one.gate} data-gate={one.gate}>
                  <span>{say.gates[one.gate as keyof typeof say.gates] ?? one.gate}</span>
                  <i
                    style={{ inlineSize: `${Math.max(0.5, (100 * one.events) / Math.max(1, funnel.gates[0]?.reached ?? 1))}%` }}
                  />
                  <b>{say.funnel.people(format.number(one.people))}</b>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}
