/** How many people a rule holds for: always in sight, and moving while the rule is written. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./rules.module.css";
import type { Rule } from "./tree";
import { words } from "./words";

const TYPING_MS = 180;
const MOVES_MS = 240;

/** The size of a rule. While a newer one is counted the older answer stays, with `isPlaceholderData`. */
export function useSize(project: string, rule: Rule, segment = "") {
  const asker = useId();
  const [settled] = useDebouncedValue(rule, TYPING_MS);
  const query = useQuery({
    queryKey: ["rule-size", project, segment, settled],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/size", {
          params: { path: { project } },
          body: { rule: settled ?? [], segment, asker },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: (failures, error) => error instanceof ApiError && error.code === "superseded" && failures < 3,
    retryDelay: 50,
    staleTime: 5_000,
  });
  return { ...query, counting: query.isFetching || settled !== rule };
}

export function RuleSize({ project, rule, segment, wide }: { project: string; rule: Rule; segment?: string; wide?: boolean }) {
  const say = useWords(words).size;
  const format = useFormats();
  const { data, error, counting } = useSize(project, rule, segment);
  const last = useRef(data);
  if (data) last.current = data;
  const told = data ?? last.current;
  const shown = useMoving(told?.people ?? 0);
  const share = told?.everybody ? told.people / told.everybody : 0;
  return (
    <div className={styles.size} data-wide={wide || undefined} data-stale={counting || Boolean(error) || undefined}>
      <div className={styles.sizeLabel}>{say.label}</div>
      <div className={styles.sizeNumber} aria-live="polite" aria-busy={counting}>
        {told ? format.number(shown) : "–"}
        <span>{say.people}</span>
      </div>
      <div className={styles.sizeBar} aria-hidden>
        <i style={{ transform: `scaleX(${share})` }} />
      </div>
      <div className={styles.sizeNote}>
        {error && !counting ? say.invalid : told ? say.of(format.percent(share), format.number(told.everybody)) : say.counting}
      </div>
      {told && <div className={styles.sizeNote}>{say.when(format.time(told.as_of))}</div>}
    </div>
  );
}

/** A number on its way to the one that is wanted; at once where motion is not. */
function useMoving(wanted: number): number {
  const [shown, setShown] = useState(wanted);
  const from = useRef(wanted);
  useEffect(() => {
    const start = from.current;
    if (start === wanted || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      from.current = wanted;
      setShown(wanted);
      return;
    }
    const begun = performance.now();
    let frame = requestAnimationFrame(function move(now) {
      const way = Math.min(1, (now - begun) / MOVES_MS);
      from.current = Math.round(start + (wanted - start) * (1 - (1 - way) ** 3));
      setShown(from.current);
      if (way < 1) frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  return shown;
}
