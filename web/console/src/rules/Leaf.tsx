/** One condition as a sentence in the reader's language, every word of which can be exchanged. */

import { IconFilterPlus, IconSum } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useLanguage, usePick, useWords } from "@/words/words";
import { useEventChoices, useFactChoices, useFieldChoices } from "./choices";
import { useHouse } from "./house";
import { Period } from "./Period";
import styles from "./rules.module.css";
import {
  type Compared,
  changed,
  fitting,
  isDated,
  isMoment,
  type Kind,
  kindOfEvent,
  type Node,
  type OfEvent,
  type Rule,
  type Value,
} from "./tree";
import { ValueWord } from "./ValueWord";
import { useFields, type ValuesOf } from "./vocabulary";
import { type Choice, Word } from "./Word";
import { words } from "./words";

type LeafNode = Exclude<Node, { kind: "group" } | { kind: "unknown" }>;
type Change = (rule: Rule) => void;

export function Leaf({ node, onChange }: { node: LeafNode; onChange: Change }) {
  switch (node.kind) {
    case "event":
      return <OfEventLine node={node} onChange={onChange} />;
    case "fact":
      return <OfFactLine node={node} onChange={onChange} />;
    case "field":
      return <OfFieldLine node={node} onChange={onChange} />;
    case "attribute":
      return <OfAttributeLine node={node} onChange={onChange} />;
    case "consent":
      return <OfConsentLine node={node} onChange={onChange} />;
    default:
      return <OfMembershipLine node={node} onChange={onChange} />;
  }
}

/** Words in a row, in the order of the language; "" is left out. */
function Line({ ja, en }: { ja: readonly ReactNode[]; en: readonly ReactNode[] }) {
  const parts = useLanguage() === "ja" ? ja : en;
  return (
    <>
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
    </>
  );
}

interface Comparing {
  leaf: Compared & object;
  kind: Kind;
  seen: readonly string[];
  of?: ValuesOf;
  dated?: boolean;
  /** "times" where a number of events is compared. */
  family?: "ops" | "times";
  extra?: readonly string[];
  onChange: (keys: Record<string, unknown>) => void;
}

/** The operator and the value, as two words. */
function useComparison({ leaf, kind, seen, of, dated = false, family = "ops", extra = [], onChange }: Comparing) {
  const say = useWords(words);
  const house = useHouse();
  const op = leaf.op ?? "=";
  const value = leaf.value as Value;
  const holdsMoment = Array.isArray(value) ? value.some(isMoment) : isMoment(value);
  const asDate = kind === "instant" || (dated && kind === "any" && (holdsMoment || value === undefined));
  const effective: Kind = asDate ? "instant" : kind;
  const allowed = house.words.operators[effective] ?? [];
  const names = (asDate ? say.dated : family === "times" ? say.times : say.ops) as Record<string, string>;
  const fits = (one: string) => one === op || effective !== "any" || !seen.length || !unfit(one, seen);
  const choices: Choice[] = [...allowed, ...extra]
    .filter(fits)
    .map((one) => ({ value: one, label: names[one] ?? say.ops[one as "="] ?? one }));
  return {
    op,
    operator: (
      <Word
        label={say.operator}
        tone="operator"
        shown={names[op] ?? say.ops[op as "="] ?? op}
        value={op}
        choices={choices}
        onPick={(picked) =>
          onChange({
            op: picked,
            value: fitting(picked, effective, value, dated),
            ...(picked === "ever" ? { aggregate: undefined } : {}),
          })
        }
      />
    ),
    value: (
      <ValueWord
        project={house.project}
        op={op}
        kind={effective}
        value={value}
        seen={seen}
        dated={dated}
        fixed={house.scope === "filter"}
        of={of}
        onChange={(next) => onChange({ value: next })}
      />
    ),
    hasValue: op !== "exists" && op !== "missing",
  };
}

function unfit(op: string, seen: readonly string[]): boolean {
  const ordered = [">", ">=", "<", "<=", "between", "not_between"].includes(op);
  const textual = /contains|starts|ends|matches/.test(op);
  return (ordered && !seen.includes("number")) || (textual && !seen.includes("text"));
}

function OfEventLine({ node, onChange }: { node: Extract<LeafNode, { kind: "event" }>; onChange: Change }) {
  const { leaf, negated } = node;
  const say = useWords(words);
  const pick = usePick();
  const house = useHouse();
  const events = useEventChoices();
  const { data: fields = [] } = useFields(house.project, leaf.event);
  const fieldChoices = useFieldChoices(fields);
  const put = (keys: Record<string, unknown>) => onChange(changed(leaf, negated, keys));
  const aggregate = leaf.aggregate ?? (leaf.field ? "last" : "count");
  const counts = aggregate === "count" && !leaf.field;
  const seen = fields.find((field) => field.path === leaf.field)?.kinds ?? [];
  const known = house.words.events.find((event) => event.name === leaf.event);
  const { op, operator, value, hasValue } = useComparison({
    leaf,
    kind: leaf.op === "ever" ? "any" : kindOfEvent(leaf),
    seen,
    of: leaf.field && ["last", "first", "previous"].includes(aggregate) ? { event: leaf.event, field: leaf.field } : undefined,
    dated: leaf.field !== undefined && isDated(leaf.field),
    family: counts ? "times" : "ops",
    extra: leaf.field && (!leaf.aggregate || leaf.aggregate === "last") ? ["ever"] : [],
    onChange: put,
  });
  const event = (
    <Word
      label={say.event}
      shown={known ? pick(known) : leaf.event}
      value={leaf.event}
      choices={events}
      free
      onPick={(picked) => put({ event: picked })}
    />
  );
  const period = <Period value={leaf.period} onChange={(next) => put({ period: next })} />;
  const filter = leaf.where === undefined && (
    <button type="button" className={styles.more} onClick={() => put({ where: [] })}>
      <IconFilterPlus size={14} stroke={1.6} aria-hidden />
      {say.addFilter}
    </button>
  );
  if (counts) {
    const times = hasValue && say.particle.times;
    const look = (
      <Word
        label={say.what}
        tone="add"
        icon={<IconSum size={14} stroke={1.6} aria-hidden />}
        shown={say.field}
        choices={[
          ...fieldChoices,
          ...(["first_at", "last_at"] as const).map((one) => ({ value: `:${one}`, label: say.whats[one] })),
        ]}
        free
        onPick={(picked) => put(looking(picked))}
      />
    );
    return (
      <Line
        ja={[period, event, say.particle.ga, hasValue && value, times, operator, look, filter]}
        en={[event, operator, hasValue && value, times, period, look, filter]}
      />
    );
  }
  const statistic = (
    <Word
      label={say.aggregate}
      tone="operator"
      shown={leaf.op === "ever" ? say.particle.no || say.field : say.aggregates[aggregate as "sum"]}
      value={aggregate}
      choices={[
        { value: "", label: say.happened },
        ...house.words.aggregates
          .filter((one) => leaf.field || one === "first_at" || one === "last_at")
          .map((one) => ({ value: one, label: say.aggregates[one as "sum"] })),
      ]}
      onPick={(picked) => put(counting(leaf, picked))}
    />
  );
  const field = leaf.field !== undefined && (
    <Word
      label={say.field}
      shown={leaf.field}
      value={leaf.field}
      choices={fieldChoices}
      free
      onPick={(picked) => put({ field: picked })}
    />
  );
  const ever = op === "ever";
  return (
    <Line
      ja={[
        period,
        event,
        say.particle.no,
        field,
        field && !ever && say.particle.no,
        !ever && statistic,
        say.particle.ga,
        hasValue && value,
        operator,
        filter,
      ]}
      en={[!ever && statistic, field, field && say.particle.no, event, period, operator, hasValue && value, filter]}
    />
  );
}

/** The keys for looking at a field instead of counting; ":last_at" is about the event itself. */
function looking(picked: string): Record<string, unknown> {
  if (picked.startsWith(":")) return { aggregate: picked.slice(1), op: ">=", value: { today: -7 } };
  return { field: picked, aggregate: "last", op: "exists", value: undefined };
}

/** The keys for another statistic; "" goes back to how often it happened. */
function counting(leaf: OfEvent, picked: string): Record<string, unknown> {
  if (picked === "") return { field: undefined, aggregate: undefined, op: "exists", value: undefined };
  const next = { ...leaf, aggregate: picked };
  const [before, after] = [kindOfEvent(leaf), kindOfEvent(next)];
  if (before === after) return { aggregate: picked };
  const op = after === "any" ? "exists" : ">=";
  return { aggregate: picked, op, value: fitting(op, after, undefined, false) };
}

function OfFactLine({ node, onChange }: { node: Extract<LeafNode, { kind: "fact" }>; onChange: Change }) {
  const { leaf, negated } = node;
  const say = useWords(words);
  const pick = usePick();
  const house = useHouse();
  const choices = useFactChoices();
  const parameter = /^(.*\.query)\.(.+)$/.exec(leaf.fact);
  const listed = parameter ? `${parameter[1]}.X` : leaf.fact;
  const known = house.words.facts.find((fact) => fact.name === listed);
  const kind = (known?.kind ?? "text") as Kind;
  const put = (keys: Record<string, unknown>) => onChange(changed(leaf, negated, keys));
  const { operator, value, hasValue } = useComparison({
    leaf,
    kind,
    seen: kind === "text" ? ["text"] : [],
    of: kind === "text" ? { fact: leaf.fact } : undefined,
    onChange: put,
  });
  const fact = (
    <Word
      label={say.fact}
      shown={(known ? pick(known) : leaf.fact).replace(/[「“]X[」”]/, "")}
      value={listed}
      choices={choices}
      onPick={(picked) => {
        const next = house.words.facts.find((one) => one.name === picked);
        const name = picked.replace(/\.X$/, `.${parameter?.[2] ?? "name"}`);
        if (next?.kind === kind) put({ fact: name });
        else if (next?.kind === "boolean") onChange(changed({ fact: name, op: "=", value: true }, negated, {}));
        else if (next?.kind === "number") onChange(changed({ fact: name, op: ">=", value: 1 }, negated, {}));
        else if (next?.kind === "instant") onChange(changed({ fact: name, op: ">=", value: { today: -7 } }, negated, {}));
        else onChange(changed({ fact: name, op: "exists" }, negated, {}));
      }}
    />
  );
  const name = parameter && (
    <ValueWord
      project={house.project}
      op="="
      kind="text"
      value={parameter[2]}
      seen={["text"]}
      dated={false}
      fixed
      onChange={(next) => put({ fact: `${parameter[1]}.${String(next) || "name"}` })}
    />
  );
  return <Line ja={[fact, name, say.particle.ga, hasValue && value, operator]} en={[fact, name, operator, hasValue && value]} />;
}

function OfFieldLine({ node, onChange }: { node: Extract<LeafNode, { kind: "field" }>; onChange: Change }) {
  const { leaf, negated } = node;
  const say = useWords(words);
  const house = useHouse();
  const choices = useFieldChoices(house.fields);
  const put = (keys: Record<string, unknown>) => onChange(changed(leaf, negated, keys));
  const { operator, value, hasValue } = useComparison({
    leaf,
    kind: "any",
    seen: house.fields.find((field) => field.path === leaf.field)?.kinds ?? [],
    of: house.event ? { event: house.event, field: leaf.field } : undefined,
    dated: isDated(leaf.field),
    onChange: put,
  });
  const field = (
    <Word
      label={say.field}
      shown={leaf.field}
      value={leaf.field}
      choices={choices}
      free
      onPick={(picked) => put({ field: picked })}
    />
  );
  return <Line ja={[field, say.particle.ga, hasValue && value, operator]} en={[field, operator, hasValue && value]} />;
}

function OfAttributeLine({ node, onChange }: { node: Extract<LeafNode, { kind: "attribute" }>; onChange: Change }) {
  const { leaf, negated } = node;
  const say = useWords(words);
  const { attributes } = useHouse().words;
  const put = (keys: Record<string, unknown>) => onChange(changed(leaf, negated, keys));
  const { operator, value, hasValue } = useComparison({
    leaf,
    kind: "any",
    seen: attributes.find((one) => one.path === leaf.attribute)?.kinds ?? [],
    of: { attribute: leaf.attribute },
    dated: isDated(leaf.attribute),
    onChange: put,
  });
  const attribute = (
    <Word
      label={say.attribute}
      shown={say.attributeOf(leaf.attribute)}
      value={leaf.attribute}
      choices={attributes.map((one) => ({ value: one.path, label: one.path }))}
      free
      onPick={(picked) => put({ attribute: picked })}
    />
  );
  return <Line ja={[attribute, say.particle.ga, hasValue && value, operator]} en={[attribute, operator, hasValue && value]} />;
}

function OfConsentLine({ node, onChange }: { node: Extract<LeafNode, { kind: "consent" }>; onChange: Change }) {
  const { leaf, negated } = node;
  const say = useWords(words);
  const { purposes } = useHouse().words;
  const put = (keys: Record<string, unknown>) => onChange(changed(leaf, negated, keys));
  const { operator, value } = useComparison({ leaf, kind: "state", seen: ["text"], onChange: put });
  const consent = (
    <Word
      label={say.purpose}
      shown={say.consentOf(leaf.consent)}
      value={leaf.consent}
      choices={purposes.map((name) => ({ value: name, label: name }))}
      onPick={(picked) => put({ consent: picked })}
    />
  );
  return <Line ja={[consent, say.particle.ga, value, operator]} en={[consent, operator, value]} />;
}

/** In a segment or list, or not: the one condition whose opposite is said in its own words. */
function OfMembershipLine({ node, onChange }: { node: Extract<LeafNode, { kind: "segment" | "list" }>; onChange: Change }) {
  const say = useWords(words);
  const pick = usePick();
  const { segments, lists } = useHouse().words;
  const put = (name: string, negated: boolean) => onChange(changed({ [node.kind]: name }, negated, {}));
  const name = node.kind === "segment" ? node.segment : node.list;
  const known = segments.find((one) => one.name === name);
  const what = node.kind === "segment" ? say.inSegment : say.inList;
  const which = (
    <Word
      label={node.kind === "segment" ? say.segment : say.list}
      shown={node.kind === "segment" && known ? pick(known) : name}
      value={name}
      choices={
        node.kind === "segment"
          ? segments.map((one) => ({ value: one.name, label: pick(one), also: one.name }))
          : lists.map((one) => ({ value: one, label: one }))
      }
      onPick={(picked) => put(picked, node.negated)}
    />
  );
  const inside = useLanguage() === "ja" ? what.after : what.before;
  const way = (
    <Word
      label={say.operator}
      tone="operator"
      shown={node.negated ? what.not : inside}
      value={node.negated ? "out" : "in"}
      choices={[
        { value: "in", label: inside },
        { value: "out", label: what.not },
      ]}
      onPick={(picked) => put(name, picked === "out")}
    />
  );
  return <Line ja={[what.before, which, say.particle.ni, way]} en={[way, which]} />;
}
