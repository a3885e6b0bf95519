/** A statistic as a sentence: the period, the event, its field, and how it is added up; nothing is compared. */

import { IconFilterPlus, IconSum } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Failure, SkeletonBlock } from "@/parts/states";
import { useLanguage, usePick, useWords } from "@/words/words";
import { useEventChoices, useFieldChoices } from "./choices";
import { HouseContext, useHouse } from "./house";
import { Period } from "./Period";
import { Filter } from "./RuleBuilder";
import styles from "./rules.module.css";
import { changed, type OfEvent } from "./tree";
import { useFields, useRuleWords } from "./vocabulary";
import { Word } from "./Word";
import { words } from "./words";

/** As it stands in a file: what a condition on an event says, without the comparison. */
export type Statistic = Omit<OfEvent, "op" | "value">;

const NOTHING: readonly never[] = [];

interface Props {
  project: string;
  value: Statistic;
  onChange: (statistic: Statistic) => void;
}

export function StatisticBuilder({ project, value, onChange }: Props) {
  const query = useRuleWords(project);
  if (!query.data)
    return query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonBlock height={32} />;
  return (
    <HouseContext.Provider
      value={{
        project,
        scope: "person",
        words: query.data,
        event: "",
        fields: NOTHING,
        problems: NOTHING,
        removed: () => undefined,
      }}
    >
      <Line value={value} onChange={onChange} />
    </HouseContext.Provider>
  );
}

function Line({ value, onChange }: Omit<Props, "project">) {
  const say = useWords(words);
  const pick = usePick();
  const language = useLanguage();
  const house = useHouse();
  const events = useEventChoices();
  const { data: fields = NOTHING } = useFields(house.project, value.event || undefined);
  const fieldChoices = useFieldChoices(fields);
  const put = (keys: Record<string, unknown>) => onChange(changed(value, false, keys) as Statistic);
  const known = house.words.events.find((event) => event.name === value.event);
  const aggregate = value.aggregate ?? (value.field ? "last" : "count");
  const names: Readonly<Record<string, string>> = say.aggregates;
  const nameOf = (one: string) => (one === "count" && !value.field ? say.happened : (names[one] ?? one));
  const fits = (one: string) => value.field !== undefined || ["count", "first_at", "last_at"].includes(one);
  const has = value.field !== undefined;
  const period = <Period value={value.period} onChange={(next) => put({ period: next })} />;
  const event = (
    <Word
      label={say.event}
      shown={known ? pick(known) : value.event}
      value={value.event}
      choices={events}
      free
      onPick={(picked) => put({ event: picked, field: undefined, aggregate: undefined, where: undefined })}
    />
  );
  const field =
    value.field === undefined ? (
      <Word
        label={say.field}
        tone="add"
        icon={<IconSum size={14} stroke={1.6} aria-hidden />}
        shown={say.field}
        choices={fieldChoices}
        free
        onPick={(picked) => put({ field: picked, aggregate: "last" })}
      />
    ) : (
      <Word
        label={say.field}
        shown={value.field}
        value={value.field}
        choices={fieldChoices}
        free
        onPick={(picked) => put({ field: picked })}
      />
    );
  const statistic = (
    <Word
      label={say.aggregate}
      tone="operator"
      shown={nameOf(aggregate)}
      value={aggregate}
      choices={[
        ...house.words.aggregates.filter(fits).map((one) => ({ value: one, label: nameOf(one) })),
        ...(value.field === undefined ? [] : [{ value: "", label: say.happened }]),
      ]}
      onPick={(picked) =>
        put(
          picked === ""
            ? { field: undefined, aggregate: undefined }
            : { aggregate: picked === "count" && !has ? undefined : picked },
        )
      }
    />
  );
  const filter = value.where === undefined && (
    <button type="button" className={styles.more} onClick={() => put({ where: [] })}>
      <IconFilterPlus size={14} stroke={1.6} aria-hidden />
      {say.addFilter}
    </button>
  );
  const of = say.particle.no;
  const parts: readonly ReactNode[] =
    language === "ja"
      ? [period, event, of, has && field, has && of, statistic, !has && field, filter]
      : [statistic, has && of, has && field, of, event, period, !has && field, filter];
  return (
    <div className={styles.builder}>
      <div className={styles.line}>
        {parts.map((part, place) =>
          !part ? null : typeof part === "string" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a word of a sentence is known by its place
            <i key={place}>{part}</i>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <span key={place} className={styles.together}>
              {part}
            </span>
          ),
        )}
      </div>
      {value.where !== undefined && (
        <Filter where={value.where} event={value.event} path="where" onChange={(where) => put({ where })} />
      )}
    </div>
  );
}
