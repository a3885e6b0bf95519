/** How large a rule was at the end of each of the last days. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { LineChart } from "@/parts/charts";
import { Section } from "@/parts/Page";
import { Failure, SkeletonBlock } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { type Props, SETTLED_MS } from "./About";
import styles from "./segments.module.css";
import { words } from "./words";

const DAYS = 30;
const AT_ONCE = 5;

/** The last days of the project, oldest first, today last. */
function lastDays(timeZone: string): string[] {
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(Date.now());
  const start = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: DAYS }, (_, back) => new Date(start - (DAYS - 1 - back) * 86_400_000).toISOString().slice(0, 10));
}

/** The size at the end of each day. A few days are asked at a time, the latest first, so that nobody waits for all of them. */
export default function History({ rule, segment }: Props) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const [settled] = useDebouncedValue(rule, SETTLED_MS);
  const days = useMemo(() => lastDays(project.time_zone), [project.time_zone]);
  const parts = useMemo(
    () => Array.from({ length: DAYS / AT_ONCE }, (_, part) => days.slice(DAYS - (part + 1) * AT_ONCE, DAYS - part * AT_ONCE)),
    [days],
  );
  const [asked, setAsked] = useState(0);
  const answers = useQueries({
    queries: parts.map((some, place) => ({
      queryKey: ["rule-history", project.id, segment, settled, some],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ask(
          api.POST("/api/projects/{project}/rules/history", {
            params: { path: { project: project.id } },
            body: { rule: settled ?? [], days: some, segment },
            signal,
          }),
        ),
      enabled: place <= asked,
      retry: false,
      staleTime: 60_000,
    })),
  });
  const answered = answers.findIndex((answer) => !answer.isSuccess);
  useEffect(() => setAsked(answered === -1 ? DAYS : answered), [answered]);
  const fresh = new Map(answers.flatMap((answer) => answer.data ?? []).map((one) => [one.day, one.people]));
  const before = useRef(fresh);
  const sizes = fresh.size ? fresh : before.current;
  before.current = sizes;
  const failed = answers.find((answer) => answer.error && !answer.data);
  return (
    <Section title={say.history} aside={say.historyWhat}>
      {failed && !sizes.size ? (
        <Failure error={failed.error} />
      ) : sizes.size ? (
        <div className={styles.chart} data-stale={!fresh.size || undefined}>
          <LineChart
            label={say.history}
            steps={days.map(format.day)}
            series={[{ name: say.historySeries, tone: "primary", values: days.map((day) => sizes.get(day) ?? null) }]}
            height={180}
            format={format.number}
          />
        </div>
      ) : (
        <SkeletonBlock height={180} />
      )}
    </Section>
  );
}
