/** What a button does when it is pressed, without code. */

import { ActionIcon, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useId, useState } from "react";
import { usePick, useWords } from "@/words/words";
import { useAround } from "../TemplateForm";
import { words } from "../words";
import { both, type FieldProps } from "./Field";
import styles from "./fields.module.css";
import { Row } from "./Row";
import { Suggesting } from "./Suggesting";
import { isBilingual } from "./TextField";

type Deed = Record<string, unknown> & { do: string };
const EXAMPLES = { event: "wish", field: "item" };
const DEEDS = ["open", "call", "event", "grant", "deny", "later", "go", "close"] as const;
/** What each needs, and may have beside its name. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  open: ["url", "new_tab", "then"],
  call: ["phone", "then"],
  event: ["event", "values", "then"],
  grant: ["purpose", "then"],
  deny: ["purpose", "then"],
  later: ["purpose", "then"],
  go: ["state"],
  close: [],
};
const FRESH: Readonly<Record<string, Record<string, unknown>>> = {
  open: { url: "/" },
  call: { phone: "" },
  event: { event: "" },
  grant: { purpose: "" },
  deny: { purpose: "" },
  later: { purpose: "" },
  go: { state: "" },
};

export function ActionField({ question, place, value, onChange }: FieldProps) {
  const pick = usePick();
  const { actions: say, purpose: purposeWords } = useWords(words).form;
  const { problems, purposes, states } = useAround();
  const id = useId();
  const deed = (isDeed(value) ? value : isDeed(question.default) ? question.default : { do: "close" }) as Deed;
  const [more, setMore] = useState(Boolean(deed.name));
  const label = pick(both(question.label, question.name));
  const at = (part: string) => problems.get(`${place}.${part}`) ?? [];
  const set = (part: string, filled: unknown) => {
    const { [part]: _, ...rest } = deed;
    onChange(filled === undefined || filled === "" || filled === false ? keep(rest, part) : { ...deed, [part]: filled });
  };
  /** What is needed stays, empty as it may be: the server then says so under the field. */
  const keep = (rest: Record<string, unknown>, part: string) => (part in (FRESH[deed.do] ?? {}) ? { ...rest, [part]: "" } : rest);
  const turn = (to: string) => {
    const kept = Object.fromEntries(Object.entries(deed).filter(([part]) => part === "name" || PARTS[to]?.includes(part)));
    onChange({ ...FRESH[to], ...kept, do: to });
  };
  const parts = PARTS[deed.do] ?? [];
  const text = (part: string, name: string, placeholder?: string) => (
    <Row label={name} problems={at(part)}>
      {(field, described) => (
        <Suggesting
          id={field}
          described={described}
          label={name}
          value={isBilingual(deed[part]) ? deed[part].ja : String(deed[part] ?? "")}
          onChange={(filled) => set(part, filled)}
          placeholder={placeholder}
        />
      )}
    </Row>
  );
  const then = String(deed.then ?? "");
  return (
    <fieldset className={styles.group} aria-labelledby={`${id}-legend`}>
      <Row
        label={label}
        help={question.help ? pick(both(question.help, "")) : ""}
        problems={[...(problems.get(place) ?? []), ...at("do")]}
        changed={value !== undefined && isDeed(question.default)}
        onReset={() => onChange(undefined)}
      >
        {(field, described) => (
          <Select
            id={field}
            aria-describedby={described}
            data={DEEDS.map((one) => ({ value: one, label: say[one] }))}
            value={deed.do}
            allowDeselect={false}
            onChange={(to) => to && turn(to)}
          />
        )}
      </Row>
      <span className="visually-hidden" id={`${id}-legend`}>
        {label}
      </span>
      {deed.do !== "close" && (
        <div className={styles.deed}>
          {parts.includes("url") && text("url", say.url, "/sale")}
          {parts.includes("new_tab") && (
            <Checkbox
              label={say.newTab}
              checked={deed.new_tab === true}
              onChange={(event) => set("new_tab", event.currentTarget.checked)}
            />
          )}
          {parts.includes("phone") && text("phone", say.phone, "0120-000-000")}
          {parts.includes("event") && (
            <Row label={say.eventName} problems={at("event")}>
              {(field, described) => (
                <TextInput
                  id={field}
                  aria-describedby={described}
                  value={String(deed.event ?? "")}
                  placeholder={EXAMPLES.event}
                  classNames={{ input: styles.code }}
                  onChange={(event) => set("event", event.currentTarget.value)}
                />
              )}
            </Row>
          )}
          {parts.includes("values") && (
            <Values place={`${place}.values`} value={deed.values} onChange={(filled) => set("values", filled)} />
          )}
          {parts.includes("purpose") && (
            <Row label={purposeWords} problems={at("purpose")}>
              {(field, described) =>
                purposes.length ? (
                  <Select
                    id={field}
                    aria-describedby={described}
                    data={[...new Set([...purposes, ...(deed.purpose ? [String(deed.purpose)] : [])])]}
                    value={String(deed.purpose ?? "") || null}
                    onChange={(to) => set("purpose", to ?? "")}
                  />
                ) : (
                  <TextInput
                    id={field}
                    aria-describedby={described}
                    value={String(deed.purpose ?? "")}
                    onChange={(event) => set("purpose", event.currentTarget.value)}
                  />
                )
              }
            </Row>
          )}
          {parts.includes("state") && (
            <StateInput
              label={say.state}
              problems={at("state")}
              value={String(deed.state ?? "")}
              states={states}
              onChange={(to) => set("state", to)}
            />
          )}
          {parts.includes("then") && (
            <Row label={say.after} problems={at("then")}>
              {(field, described) => (
                <Select
                  id={field}
                  aria-describedby={described}
                  data={[
                    { value: "", label: say.stay },
                    { value: "close", label: say.thenClose },
                    ...states.map((state) => ({ value: state, label: `${say.thenGo}: ${state}` })),
                    ...(then && then !== "close" && !states.includes(then)
                      ? [{ value: then, label: `${say.thenGo}: ${then}` }]
                      : []),
                  ]}
                  value={then}
                  allowDeselect={false}
                  onChange={(to) => set("then", to ?? "")}
                />
              )}
            </Row>
          )}
          {more ? (
            <Row label={say.name} help={say.nameHelp} problems={at("name")}>
              {(field, described) => (
                <TextInput
                  id={field}
                  aria-describedby={described}
                  value={String(deed.name ?? "")}
                  onChange={(event) => set("name", event.currentTarget.value)}
                />
              )}
            </Row>
          ) : (
            <Button size="compact-xs" variant="subtle" className={styles.turn} onClick={() => setMore(true)}>
              {say.more}
            </Button>
          )}
        </div>
      )}
    </fieldset>
  );
}

function isDeed(value: unknown): value is Deed {
  return typeof value === "object" && value !== null && typeof (value as Deed).do === "string";
}

function StateInput({
  label,
  problems,
  value,
  states,
  onChange,
}: {
  label: string;
  problems: readonly string[];
  value: string;
  states: readonly string[];
  onChange: (state: string) => void;
}) {
  return (
    <Row label={label} problems={problems}>
      {(field, described) =>
        states.length ? (
          <Select
            id={field}
            aria-describedby={described}
            data={[...new Set([...states, ...(value ? [value] : [])])]}
            value={value || null}
            onChange={(to) => onChange(to ?? "")}
          />
        ) : (
          <TextInput
            id={field}
            aria-describedby={described}
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        )
      }
    </Row>
  );
}

/** The values of an event, name by name. */
function Values({ place, value, onChange }: { place: string; value: unknown; onChange: (values: unknown) => void }) {
  const say = useWords(words).form;
  const { problems } = useAround();
  const id = useId();
  const given = Object.entries((value ?? {}) as Record<string, unknown>);
  const put = (rows: readonly (readonly [string, unknown])[]) => onChange(rows.length ? Object.fromEntries(rows) : undefined);
  const wrong = [...problems].filter(([at]) => at === place || at.startsWith(`${place}.`)).flatMap(([, said]) => said);
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{say.actions.values}</legend>
      {given.map(([name, filled], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name changes while it is written, its place does not
        <div className={styles.pair} key={index}>
          <TextInput
            aria-label={say.actions.field}
            placeholder={EXAMPLES.field}
            value={name}
            classNames={{ input: styles.code }}
            onChange={(event) => put(given.map((row, at) => (at === index ? [event.currentTarget.value, row[1]] : row)))}
          />
          <Suggesting
            id={`${id}-${index}`}
            described={undefined}
            label={say.actions.value}
            named
            value={String(filled ?? "")}
            onChange={(text) => put(given.map((row, at) => (at === index ? [row[0], text] : row)))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${say.removeItem}: ${name}`}
            onClick={() => put(given.filter((_, at) => at !== index))}
          >
            <IconX size={16} stroke={1.7} />
          </ActionIcon>
        </div>
      ))}
      {wrong.length > 0 && <p className={styles.problems}>{wrong.join(" ")}</p>}
      <Button
        size="compact-xs"
        variant="subtle"
        className={styles.turn}
        leftSection={<IconPlus size={13} stroke={1.7} aria-hidden />}
        onClick={() => put([...given, [fresh(given.map(([name]) => name)), ""]])}
      >
        {say.actions.addValue}
      </Button>
    </fieldset>
  );
}

function fresh(names: readonly string[]): string {
  let number = 1;
  while (names.includes(`value_${number}`)) number += 1;
  return `value_${number}`;
}
