/** The last thirty days as if it had always been there: nothing is stored, so the past has it too. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { Bars } from "@/parts/charts";
import { Section } from "@/parts/Page";
import { SkeletonBlock } from "@/parts/states";
import type { Rule } from "@/rules/tree";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./segments.module.css";
import { words } from "./words";

export default function Past({ from, where }: { from: string; where: Rule }) {
  const say = useWords(words).derived;
  const project = useProject();
  const format = useFormats(project.time_zone);
  const [asked] = useDebouncedValue(JSON.stringify({ event: from, where }), 350);
  const query = useQuery({
    queryKey: ["rule-days", project.id, asked],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/rules/days", {
          params: { path: { project: project.id } },
          body: JSON.parse(asked) as { event: string; where: unknown },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const days = query.data?.days ?? [];
  const total = days.reduce((sum, day) => sum + day.events, 0);
  return (
    <Section title={say.history} aside={query.data ? say.total(format.number(total)) : say.historyWhat}>
      {query.data ? (
        <Bars
          label={say.samples}
          steps={days.map((day) => format.day(day.day))}
          series={[{ name: say.events, tone: "shown", values: days.map((day) => day.events) }]}
          format={format.number}
        />
      ) : query.error ? null : (
        <SkeletonBlock height={180} />
      )}
      <p className={styles.quiet}>{say.historyWhat}</p>
    </Section>
  );
}
