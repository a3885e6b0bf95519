/** A rule that reads like a sentence while it is built. */

import { ActionIcon, Textarea, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconArrowBackUp,
  IconBan,
  IconCode,
  IconCopy,
  IconFoldDown,
  IconPlus,
  IconTextCaption,
  IconX,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Failure, SkeletonRows } from "@/parts/states";
import { showUndo } from "@/parts/toast";
import { useWords } from "@/words/words";
import { begun, useBeginnings, useFieldChoices } from "./choices";
import { type House, HouseContext, useHouse } from "./house";
import { Leaf } from "./Leaf";
import { RuleSentence } from "./RuleSentence";
import styles from "./rules.module.css";
import { below, changed, group, type Mode, negate, parts, type Rule, read, type Scope } from "./tree";
import { useFields, useReading, useRuleWords } from "./vocabulary";
import { Word } from "./Word";
import { words } from "./words";

const READ_MS = 350;
const NO_FIELDS: House["fields"] = [];
const NO_PROBLEMS: House["problems"] = [];

export interface RuleBuilderProps {
  project: string;
  scope?: Scope;
  /** The rule as it stands in a file; undefined and [] are everybody, or always. */
  value: Rule | undefined;
  onChange: (rule: Rule) => void;
  /** The event whose fields a condition may name, for scopes other than "person". */
  event?: string;
  /** The segment whose rule this is: it cannot name itself. */
  segment?: string;
}

export function RuleBuilder({ project, scope = "person", value, onChange, event, segment }: RuleBuilderProps) {
  const say = useWords(words);
  const query = useRuleWords(project);
  const of = scope === "person" ? undefined : (event ?? (scope === "page" ? "view" : undefined));
  const { data: fields = NO_FIELDS } = useFields(project, of);
  const rule = value ?? [];
  const [settled] = useDebouncedValue(rule, READ_MS);
  const { data: reading } = useReading(project, settled, scope, segment);
  const problems = settled === rule && reading ? reading.problems : NO_PROBLEMS;
  const latest = useRef(rule);
  latest.current = rule;
  const [code, setCode] = useState(false);
  const known = useMemo(() => {
    if (!query.data) return undefined;
    return { ...query.data, segments: query.data.segments.filter((one) => one.name !== segment) };
  }, [query.data, segment]);
  if (!known)
    return query.error ? (
      <Failure error={query.error} retry={() => void query.refetch()} />
    ) : (
      <SkeletonRows rows={3} height={28} />
    );
  const house: House = {
    project,
    scope,
    words: known,
    event: of ?? "",
    fields,
    problems,
    removed: (before, part) => {
      const after = latest.current;
      showUndo(say.removed, () => onChange(latest.current === after ? before : group("all", [...parts(latest.current), part])));
    },
  };
  return (
    <HouseContext.Provider value={house}>
      <section className={styles.builder} aria-label={say.builder}>
        {code ? <Code value={rule} onChange={onChange} /> : <Top rule={rule} onChange={onChange} />}
        <div className={styles.foot}>
          <button type="button" className={styles.more} onClick={() => setCode(!code)}>
            {code ? <IconTextCaption size={14} stroke={1.6} aria-hidden /> : <IconCode size={14} stroke={1.6} aria-hidden />}
            {code ? say.drawn : say.code}
          </button>
        </div>
      </section>
    </HouseContext.Provider>
  );
}

/** The root: a single condition is drawn as a group of one, and stays single while it is. */
function Top({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const house = useHouse();
  const node = read(rule);
  const single = node.kind !== "group";
  const listed = single ? [rule] : node.parts;
  const mode: Mode = single ? "all" : node.mode;
  const put = (nextMode: Mode, next: readonly Rule[]) => {
    const [only] = next;
    if ((single || !listed.length) && nextMode === "all" && next.length === 1) onChange(only);
    else onChange(group(nextMode, next, single ? [] : rule));
  };
  return (
    <Parts
      mode={mode}
      listed={listed}
      pathOf={(index) => (single ? "rule" : below(rule, "rule", index))}
      place={house.scope === "person" ? "people" : "events"}
      onChange={put}
      onRemove={(index) => {
        const before = rule;
        put(
          mode,
          listed.filter((_, place) => place !== index),
        );
        queueMicrotask(() => house.removed(before, listed[index]));
      }}
    />
  );
}

interface PartsProps {
  mode: Mode;
  listed: readonly Rule[];
  pathOf: (index: number) => string;
  place: "people" | "events" | "nested";
  onChange: (mode: Mode, parts: readonly Rule[]) => void;
  onRemove: (index: number) => void;
  head?: ReactNode;
}

function Parts({ mode, listed, pathOf, place, onChange, onRemove, head }: PartsProps) {
  const say = useWords(words);
  const house = useHouse();
  const [fresh, setFresh] = useState(-1);
  const joint = mode === "any" ? say.or : mode === "none" ? say.nor : say.and;
  const sentence = say[place][mode];
  const add = (part: Rule) => {
    setFresh(listed.length);
    onChange(mode, [...listed, part]);
  };
  return (
    <div className={styles.group} data-place={place} data-mode={mode}>
      <div className={styles.head}>
        {head}
        {sentence.before && <i>{sentence.before}</i>}
        <Word
          label={say.mode}
          tone="operator"
          shown={say.modes[mode]}
          value={mode}
          choices={(["all", "any", "none", "notAll"] as const).map((one) => ({
            value: one,
            label: say.modes[one],
            hint: say.modeHints[one],
          }))}
          onPick={(picked) => onChange(picked as Mode, listed)}
        />
        <i>{sentence.after}</i>
      </div>
      {!listed.length && place !== "nested" && (
        <p className={styles.nobody}>{house.scope === "person" ? say.empty.person : say.empty.event}</p>
      )}
      <ol className={styles.rows}>
        {listed.map((part, index) => (
          <Row
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no name but their place
            key={index}
            part={part}
            path={pathOf(index)}
            joint={index > 0 ? joint : ""}
            fresh={index === fresh}
            onChange={(next) =>
              onChange(
                mode,
                listed.map((one, at) => (at === index ? next : one)),
              )
            }
            onDuplicate={() => {
              setFresh(index + 1);
              onChange(mode, [...listed.slice(0, index + 1), structuredClone(part), ...listed.slice(index + 1)]);
            }}
            onRemove={() => onRemove(index)}
          />
        ))}
      </ol>
      <div className={styles.adds}>
        <AddCondition onAdd={add} />
        <button type="button" className={styles.more} onClick={() => add(mode === "any" ? { all: [] } : { any: [] })}>
          <IconFoldDown size={15} stroke={1.6} aria-hidden />
          {say.addGroup}
        </button>
      </div>
    </div>
  );
}

function AddCondition({ onAdd }: { onAdd: (part: Rule) => void }) {
  const say = useWords(words);
  const house = useHouse();
  const beginnings = useBeginnings();
  const fields = useFieldChoices(house.fields);
  const person = house.scope === "person";
  const kindOf = (name: string) => house.words.facts.find((fact) => fact.name === name)?.kind ?? "text";
  return (
    <Word
      label={say.addCondition}
      tone="add"
      icon={<IconPlus size={15} stroke={1.8} aria-hidden />}
      shown={say.addCondition}
      choices={person ? beginnings : fields.map((field) => ({ ...field, value: `field:${field.value}` }))}
      placeholder={person ? say.findCondition : undefined}
      free
      onPick={(picked) => {
        const known = /^(event|fact|attribute|segment|list|consent|field):/.test(picked);
        onAdd(begun(known ? picked : `${person ? "event" : "field"}:${picked}`, kindOf));
      }}
    />
  );
}

interface RowProps {
  part: Rule;
  path: string;
  joint: string;
  fresh: boolean;
  onChange: (part: Rule) => void;
  onDuplicate: () => void;
  onRemove: () => void;
}

function Row({ part, path, joint, fresh, onChange, onDuplicate, onRemove }: RowProps) {
  const say = useWords(words);
  const house = useHouse();
  const node = read(part);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (fresh) row.current?.querySelector<HTMLElement>(`.${styles.word}, .${styles.value} input`)?.focus();
  }, [fresh]);
  const own = house.problems.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
  const deeper =
    node.kind === "group" || (node.kind === "event" && own.every((problem) => problem.path.startsWith(`${path}.where`)));
  const turnable = node.kind !== "group" && node.kind !== "unknown" && node.kind !== "segment" && node.kind !== "list";
  const negated = "negated" in node && node.negated;
  return (
    <li ref={row} className={styles.row} data-wrong={(own.length > 0 && !deeper) || undefined}>
      <span className={styles.joint}>{joint}</span>
      <div className={styles.body}>
        {node.kind === "group" ? (
          <Nested part={part} path={path} node={node} onChange={onChange} />
        ) : node.kind === "unknown" ? (
          <div className={styles.unknown}>
            <p>{say.undrawn}</p>
            <RuleSentence project={house.project} scope={house.scope} rule={part} />
            <Code value={part} onChange={onChange} />
          </div>
        ) : (
          <>
            <div className={styles.line}>
              {turnable && negated && <i className={styles.not}>{say.not}</i>}
              <Leaf node={node} onChange={onChange} />
            </div>
            {node.kind === "event" && node.leaf.where !== undefined && (
              <Filter
                where={node.leaf.where}
                event={node.leaf.event}
                path={`${path}${negated ? ".not" : ""}.where`}
                onChange={(where) => onChange(changed(node.leaf, negated, { where }))}
              />
            )}
          </>
        )}
        {own.length > 0 && !deeper && (
          <p className={styles.wrong} title={own.map((problem) => `${problem.path}: ${problem.message}`).join("\n")}>
            {own[0]?.path.includes(".value") ? say.wrongValue : own[0]?.message}
          </p>
        )}
      </div>
      <div className={styles.rowActions}>
        {turnable && (
          <Tooltip label={negated ? say.plain : say.negate}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={negated ? say.plain : say.negate}
              onClick={() => onChange(negate(part))}
            >
              {negated ? <IconArrowBackUp size={16} stroke={1.6} /> : <IconBan size={16} stroke={1.6} />}
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label={say.duplicate}>
          <ActionIcon variant="subtle" color="gray" aria-label={say.duplicate} onClick={onDuplicate}>
            <IconCopy size={16} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={say.remove}>
          <ActionIcon variant="subtle" color="gray" aria-label={say.remove} onClick={onRemove}>
            <IconX size={16} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </div>
    </li>
  );
}

function Nested({
  part,
  path,
  node,
  onChange,
}: {
  part: Rule;
  path: string;
  node: Extract<ReturnType<typeof read>, { kind: "group" }>;
  onChange: (part: Rule) => void;
}) {
  return (
    <Parts
      mode={node.mode}
      listed={node.parts}
      pathOf={(index) => below(part, path, index)}
      place="nested"
      onChange={(mode, next) => onChange(group(mode, next, part))}
      onRemove={(index) =>
        onChange(
          group(
            node.mode,
            node.parts.filter((_, at) => at !== index),
            part,
          ),
        )
      }
    />
  );
}

/** The conditions on one event that a statistic counts; without any left, the filter goes. */
export function Filter({
  where,
  event,
  path,
  onChange,
}: {
  where: Rule;
  event: string;
  path: string;
  onChange: (where: Rule | undefined) => void;
}) {
  const say = useWords(words);
  const house = useHouse();
  const { data: fields = NO_FIELDS } = useFields(house.project, event);
  const node = read(where);
  const single = node.kind !== "group";
  const mode: Mode = single ? "all" : node.mode;
  const listed = single ? [where] : node.parts;
  const put = (nextMode: Mode, next: readonly Rule[]) => {
    if (!next.length && listed.length) onChange(undefined);
    else if (nextMode === "all" && next.length === 1 && (single || !listed.length)) onChange(next[0]);
    else onChange(group(nextMode, next, single ? [] : where));
  };
  return (
    <HouseContext.Provider value={{ ...house, scope: "filter", event, fields }}>
      <div className={styles.filter}>
        <Parts
          mode={mode}
          listed={listed}
          pathOf={(index) => (single ? path : below(where, path, index))}
          place="nested"
          head={<i>{say.filterHead}</i>}
          onChange={put}
          onRemove={(index) =>
            put(
              mode,
              listed.filter((_, at) => at !== index),
            )
          }
        />
      </div>
    </HouseContext.Provider>
  );
}

function Code({ value, onChange }: { value: Rule; onChange: (rule: Rule) => void }) {
  const say = useWords(words);
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState(false);
  return (
    <Textarea
      aria-label={say.codeLabel}
      className={styles.code}
      autosize
      minRows={4}
      maxRows={24}
      spellCheck={false}
      value={text}
      error={wrong ? say.codeWrong : undefined}
      onChange={(event) => {
        const now = event.currentTarget.value;
        setText(now);
        try {
          const rule: unknown = JSON.parse(now);
          setWrong(false);
          onChange(rule);
        } catch {
          setWrong(true);
        }
      }}
    />
  );
}
