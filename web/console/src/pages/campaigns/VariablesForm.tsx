/** Values that the texts may name: of the event, of the person, counted from their log, or looked up in a content table. */

import { ActionIcon, Autocomplete, Button, Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { tables as allTables } from "@/api/asked";
import { type Statistic, StatisticBuilder } from "@/rules/StatisticBuilder";
import { useFields, useRuleWords } from "@/rules/vocabulary";
import { useProject } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import { isRows, KINDS, type Kind, kindOf, PLAIN, turned, type Variable } from "./variables";
import { words } from "./words";

export default function VariablesForm({
  variables,
  event,
  may,
  examples,
  onChange,
}: {
  variables: Record<string, Variable>;
  event: string;
  may: boolean;
  /** By name, the value that the preview shows. */
  examples: Readonly<Record<string, unknown>>;
  onChange: (next: Record<string, Variable>) => void;
}) {
  const say = useWords(words).message;
  const rename = (from: string, to: string) =>
    onChange(Object.fromEntries(Object.entries(variables).map(([name, one]) => [name === from ? to : name, one])));
  const free = () => {
    let n = 1;
    while (variables[`value${n}`]) n += 1;
    return `value${n}`;
  };
  return (
    <>
      <p className={styles.hint}>{say.variablesHelp}</p>
      {Object.entries(variables).map(([name, variable], index) => (
        <fieldset
          // biome-ignore lint/suspicious/noArrayIndexKey: its name is what is being written
          key={index}
          className={styles.variable}
          aria-label={`${say.variables}: ${name}`}
          disabled={!may}
        >
          <div className={styles.variableHead}>
            <TextInput
              label={say.variableName}
              value={name}
              onChange={(change) => {
                const to = change.currentTarget.value.replace(/[^A-Za-z0-9_]/g, "");
                if (to === name || variables[to] === undefined) rename(name, to);
              }}
            />
            <Select
              label={say.source}
              value={kindOf(variable)}
              allowDeselect={false}
              data={KINDS.map((one) => ({ value: one, label: say.sources[one] }))}
              onChange={(to) => to && onChange({ ...variables, [name]: turned(variable, to as Kind) })}
            />
            {may && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={say.removeVariable(name)}
                onClick={() => onChange(Object.fromEntries(Object.entries(variables).filter(([one]) => one !== name)))}
              >
                <IconX size={16} stroke={1.6} />
              </ActionIcon>
            )}
          </div>
          <Source variable={variable} event={event} onChange={(next) => onChange({ ...variables, [name]: next })} />
          <Example name={name} variable={variable} value={examples[name]} />
        </fieldset>
      ))}
      {may && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange({ ...variables, [free()]: { attribute: "name", default: "" } })}
        >
          {say.addVariable}
        </Button>
      )}
    </>
  );
}

function Example({ name, variable, value }: { name: string; variable: Variable; value: unknown }) {
  const say = useWords(words).message;
  const rows = isRows(variable);
  return (
    <p className={styles.sample}>
      {rows ? say.rowsUse : <code>{`{{ ${name} }}`}</code>}
      {value !== undefined && (
        <span>
          {say.example} <b>{rows && Array.isArray(value) ? say.rowsFound(value.length) : String(value)}</b>
        </span>
      )}
    </p>
  );
}

interface SourceProps {
  variable: Variable;
  event: string;
  onChange: (next: Variable) => void;
}

function Source({ variable, event, onChange }: SourceProps) {
  const kind = kindOf(variable);
  if (kind === "table" || kind === "rows") return <OfTable variable={variable} event={event} onChange={onChange} />;
  return (
    <>
      <Origin label="" variable={variable} event={event} onChange={onChange} />
      <Fallback variable={variable} onChange={onChange} />
    </>
  );
}

/** A field, an attribute, a fact or a statistic. */
function Origin({ label, variable, event, onChange }: SourceProps & { label: string }) {
  const say = useWords(words).message;
  const pick = usePick();
  const project = useProject();
  const known = useRuleWords(project.id);
  const fields = useFields(project.id, event);
  const kind = kindOf(variable);
  const { [kind]: path } = variable;
  const put = (to: unknown) => onChange({ ...variable, [kind]: to });
  if (kind === "statistic") {
    return (
      <div className={styles.statistic}>
        <StatisticBuilder project={project.id} value={(path ?? { event: "view" }) as Statistic} onChange={put} />
      </div>
    );
  }
  if (kind === "fact") {
    const facts = (known.data?.facts ?? []).filter((one) => !one.name.endsWith(".X"));
    const written = String(path ?? "");
    const data = facts.map((one) => ({ value: one.name, label: pick(one) }));
    if (written && !facts.some((one) => one.name === written)) data.push({ value: written, label: written });
    return (
      <Select
        label={label || say.sources.fact}
        value={written}
        data={data}
        searchable
        allowDeselect={false}
        onChange={(to) => to && put(to)}
      />
    );
  }
  return (
    <Autocomplete
      label={label || (kind === "attribute" ? say.attributeName : say.path)}
      value={String(path ?? "")}
      data={[...new Set((kind === "event" ? fields.data : known.data?.attributes)?.map((one) => one.path))]}
      onChange={put}
    />
  );
}

function Fallback({ variable, onChange }: Omit<SourceProps, "event">) {
  const say = useWords(words).message;
  const { default: fallback, ...rest } = variable;
  return (
    <TextInput
      label={say.fallback}
      value={fallback === undefined ? "" : String(fallback)}
      onChange={(change) => {
        const to = change.currentTarget.value;
        const number =
          (kindOf(variable) === "statistic" || kindOf(variable) === "fact") && /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/.test(to);
        onChange(to === "" ? rest : { ...rest, default: number ? Number(to) : to });
      }}
    />
  );
}

/** One cell, or rows for a list. */
function OfTable({ variable, event, onChange }: SourceProps) {
  const say = useWords(words).message;
  const project = useProject();
  const tables = useQuery(allTables(project.id));
  const rows = isRows(variable);
  const name = String(variable.table ?? "");
  const columns = tables.data?.find((one) => one.id === name)?.columns ?? [];
  const match = variable.match as { column?: string; value?: Variable } | undefined;
  const names = (known: readonly string[], written: unknown) => [...new Set([...known, ...(written ? [String(written)] : [])])];
  const put = (part: string, to: unknown) => {
    const { [part]: _, ...rest } = variable;
    onChange(to === undefined ? rest : { ...rest, [part]: to });
  };
  if (tables.data?.length === 0 && !name) return <p className={styles.hint}>{say.noTables}</p>;
  return (
    <>
      <div className={styles.variablePair}>
        <Select
          label={say.table}
          value={name || null}
          data={names(tables.data?.map((one) => one.id) ?? [], name)}
          onChange={(to) => to && put("table", to)}
        />
        {rows ? (
          <NumberInput
            label={say.mostRows}
            value={Number(variable.limit ?? USUAL_ROWS)}
            min={1}
            max={50}
            allowDecimal={false}
            onChange={(to) => put("limit", typeof to === "number" && to !== USUAL_ROWS ? to : undefined)}
          />
        ) : (
          <Select
            label={say.column}
            value={String(variable.column ?? "") || null}
            data={names(columns, variable.column)}
            onChange={(to) => to && put("column", to)}
          />
        )}
      </div>
      {rows ? (
        <>
          <Checkbox
            label={say.onlyMatching}
            checked={match !== undefined}
            onChange={(change) =>
              put("match", change.currentTarget.checked ? { column: columns[0] ?? "", value: { attribute: "name" } } : undefined)
            }
          />
          {match && (
            <div className={styles.lookup}>
              <Select
                label={say.column}
                value={String(match.column ?? "") || null}
                data={names(columns, match.column)}
                onChange={(to) => to && put("match", { ...match, column: to })}
              />
              <Wanted
                label={say.matches}
                variable={match.value ?? {}}
                event={event}
                onChange={(value) => put("match", { ...match, value })}
              />
            </div>
          )}
          <Checkbox
            label={say.evenEmpty}
            checked={variable.default !== undefined}
            onChange={(change) => put("default", change.currentTarget.checked ? [] : undefined)}
          />
        </>
      ) : (
        <>
          <div className={styles.lookup}>
            <Wanted
              label={say.rowKey}
              variable={(variable.key ?? {}) as Variable}
              event={event}
              onChange={(key) => put("key", key)}
            />
          </div>
          <Fallback variable={variable} onChange={onChange} />
        </>
      )}
    </>
  );
}

const USUAL_ROWS = 10;

/** The value by which rows are found. */
function Wanted({ label, variable, event, onChange }: SourceProps & { label: string }) {
  const say = useWords(words).message;
  return (
    <div className={styles.wanted}>
      <Select
        label={label}
        value={kindOf(variable)}
        allowDeselect={false}
        data={PLAIN.map((one) => ({ value: one, label: say.sources[one] }))}
        onChange={(to) => to && onChange(turned({}, to as Kind))}
      />
      <Origin label="" variable={variable} event={event} onChange={onChange} />
    </div>
  );
}
