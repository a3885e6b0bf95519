/** Values of the person or the event that the texts may name. */

import { ActionIcon, Autocomplete, Button, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { RuleSentence } from "@/rules/RuleSentence";
import { useFields, useRuleWords } from "@/rules/vocabulary";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import { words } from "./words";

type Variable = Record<string, unknown>;
const SOURCES = ["event", "attribute", "fact"] as const;

export function VariablesForm({
  variables,
  event,
  may,
  onChange,
}: {
  variables: Record<string, Variable>;
  event: string;
  may: boolean;
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
        // biome-ignore lint/suspicious/noArrayIndexKey: its name is what is being written
        <div key={index} className={styles.variable}>
          <TextInput
            label={say.variableName}
            value={name}
            disabled={!may}
            onChange={(change) => rename(name, change.currentTarget.value.replace(/[^A-Za-z0-9_]/g, ""))}
          />
          <Source variable={variable} event={event} may={may} onChange={(next) => onChange({ ...variables, [name]: next })} />
          {may && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${say.variables}: ${name}`}
              onClick={() => onChange(Object.fromEntries(Object.entries(variables).filter(([one]) => one !== name)))}
            >
              <IconX size={16} stroke={1.6} />
            </ActionIcon>
          )}
        </div>
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

function Source({
  variable,
  event,
  may,
  onChange,
}: {
  variable: Variable;
  event: string;
  may: boolean;
  onChange: (next: Variable) => void;
}) {
  const say = useWords(words).message;
  const project = useProject();
  const known = useRuleWords(project.id);
  const fields = useFields(project.id, event);
  const source = SOURCES.find((one) => variable[one] !== undefined);
  // Statistics and tables have more to them; they are written in the file and told here.
  if (!source) {
    const statistic = variable.statistic as Record<string, unknown> | undefined;
    return (
      <div className={styles.told}>
        <span className={styles.fieldLabel}>{say.sources[statistic ? "statistic" : "table"]}</span>
        {statistic ? (
          <RuleSentence project={project.id} rule={{ ...statistic, op: "exists" }} />
        ) : (
          <code>{[variable.table, variable.column].filter(Boolean).join(".")}</code>
        )}
      </div>
    );
  }
  const choices = {
    event: (fields.data ?? []).map((one) => one.path),
    attribute: (known.data?.attributes ?? []).map((one) => one.path),
    fact: (known.data?.facts ?? []).map((one) => one.name),
  }[source];
  const { [source]: path, ...rest } = variable;
  return (
    <>
      <Select
        label={say.source}
        value={source}
        disabled={!may}
        allowDeselect={false}
        data={SOURCES.map((one) => ({ value: one, label: say.sources[one] }))}
        onChange={(to) => to && onChange({ [to]: to === "fact" ? "visits" : "name", ...rest })}
      />
      <Autocomplete
        label={say.path}
        value={String(path ?? "")}
        disabled={!may}
        data={[...new Set(choices)]}
        onChange={(to) => onChange({ [source]: to, ...rest })}
      />
      <TextInput
        label={say.fallback}
        value={variable.default === undefined ? "" : String(variable.default)}
        disabled={!may}
        onChange={(change) => {
          const to = change.currentTarget.value;
          onChange(to === "" ? { [source]: path } : { [source]: path, ...rest, default: to });
        }}
      />
    </>
  );
}
