/** A list: written out item by item, in an order that keys can change, or taken from the rows of a table. */

import { ActionIcon, Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { showUndo } from "@/parts/toast";
import { type Language, useLanguage, usePick, useWords } from "@/words/words";
import { type Question, useAround } from "../TemplateForm";
import { words } from "../words";
import { both, Field, type FieldProps } from "./Field";
import styles from "./fields.module.css";
import { Row } from "./Row";
import { isBilingual } from "./TextField";

type Item = Record<string, unknown>;
interface Rows {
  rows: string;
  columns?: Record<string, string>;
}

export function ListField({ question, place, value, onChange, problems }: FieldProps & { problems: readonly string[] }) {
  const say = useWords(words).form;
  const pick = usePick();
  const { rows: variables } = useAround();
  const shown = value ?? question.default ?? question.example ?? [];
  const fromTable = isRows(shown);
  const label = pick(both(question.label, question.name));
  return (
    <Row
      label={label}
      help={question.help ? pick(both(question.help, "")) : ""}
      problems={problems}
      changed={value !== undefined && question.default !== undefined && question.default !== null}
      onReset={() => onChange(undefined)}
    >
      {(id) => (
        <fieldset className={styles.group} id={id} aria-label={label}>
          {(variables.length > 0 || fromTable) && (
            <SegmentedControl
              size="xs"
              style={{ justifySelf: "start" }}
              value={fromTable ? "rows" : "items"}
              onChange={(to) => onChange(to === "rows" ? { rows: variables[0] ?? "" } : (question.default ?? []))}
              data={[
                { value: "items", label: say.ownItems },
                { value: "rows", label: say.fromTable },
              ]}
            />
          )}
          {fromTable ? (
            <FromTable question={question} value={shown} onChange={onChange} />
          ) : (
            <Items question={question} place={place} value={Array.isArray(shown) ? (shown as Item[]) : []} onChange={onChange} />
          )}
        </fieldset>
      )}
    </Row>
  );
}

function FromTable({ question, value, onChange }: { question: Question; value: Rows; onChange: (filled: unknown) => void }) {
  const say = useWords(words).form;
  const pick = usePick();
  const { rows: variables } = useAround();
  const name = (field: string, column: string) => {
    const { [field]: _, ...rest } = value.columns ?? {};
    const columns = column === "" ? rest : { ...rest, [field]: column };
    onChange({ rows: value.rows, ...(Object.keys(columns).length ? { columns } : {}) });
  };
  return (
    <div className={styles.deed}>
      <Select
        label={say.rows}
        data={[...new Set([...variables, ...(value.rows ? [value.rows] : [])])]}
        value={value.rows || null}
        nothingFoundMessage={say.noRows}
        allowDeselect={false}
        onChange={(to) => to && onChange({ ...value, rows: to })}
      />
      {(question.fields ?? [])
        .filter((field) => field.type !== "list")
        .map((field) => (
          <TextInput
            key={field.name}
            label={say.column(pick(both(field.label, field.name)))}
            placeholder={field.name}
            value={value.columns?.[field.name] ?? ""}
            classNames={{ input: styles.code }}
            onChange={(event) => name(field.name, event.currentTarget.value)}
          />
        ))}
    </div>
  );
}

interface ItemsProps {
  question: Question;
  place: string;
  value: readonly Item[];
  onChange: (items: readonly Item[]) => void;
}

function Items({ question, place, value, onChange }: ItemsProps) {
  const say = useWords(words).form;
  const language = useLanguage();
  const { problems } = useAround();
  const id = useId();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [moved, setMoved] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const most = question.max_items ?? Number.POSITIVE_INFINITY;
  const fields = question.fields ?? [];

  const turn = (index: number) =>
    setOpen((was) => new Set(was.has(index) ? [...was].filter((one) => one !== index) : [...was, index]));
  const move = (from: number, to: number) => {
    const item = value[from];
    if (item === undefined || to < 0 || to >= value.length) return;
    const rest = value.filter((_, index) => index !== from);
    onChange([...rest.slice(0, to), item, ...rest.slice(to)]);
    setOpen((was) => new Set([...was].map((one) => (one === from ? to : one === to ? from : one))));
    setMoved(say.moved(to + 1));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-item="${to}"]`)?.focus());
  };
  const remove = (index: number) => {
    const before = value;
    onChange(value.filter((_, at) => at !== index));
    setOpen((was) => new Set([...was].filter((one) => one !== index).map((one) => (one > index ? one - 1 : one))));
    showUndo(say.removed, () => onChange(before));
  };
  const pressed = (event: KeyboardEvent, index: number) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(index, index + (event.key === "ArrowUp" ? -1 : 1));
  };
  const add = () => {
    onChange([...value, fresh(fields)]);
    setOpen(new Set([...open, value.length]));
  };
  return (
    <>
      <ol className={styles.items} ref={list}>
        {value.map((item, index) => {
          const here = `${place}[${index}]`;
          const wrong = [...problems.keys()].some((at) => at === here || at.startsWith(`${here}.`));
          const opened = open.has(index);
          const name = nameOf(item, fields, language) || say.item(index + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: items have no name of their own
            <li className={styles.item} key={index} data-wrong={wrong || undefined}>
              <div className={styles.itemHead}>
                <button
                  type="button"
                  className={styles.itemName}
                  data-item={index}
                  aria-expanded={opened}
                  aria-controls={`${id}-${index}`}
                  aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                  onClick={() => turn(index)}
                  onKeyDown={(event) => pressed(event, index)}
                >
                  <b>{index + 1}</b>
                  {name}
                </button>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${say.up}: ${name}`}
                  disabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  <IconArrowUp size={16} stroke={1.6} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${say.down}: ${name}`}
                  disabled={index === value.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <IconArrowDown size={16} stroke={1.6} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" aria-label={`${say.removeItem}: ${name}`} onClick={() => remove(index)}>
                  <IconTrash size={16} stroke={1.6} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${opened ? say.fold : say.open}: ${name}`}
                  onClick={() => turn(index)}
                >
                  {opened ? <IconChevronUp size={16} stroke={1.6} /> : <IconChevronDown size={16} stroke={1.6} />}
                </ActionIcon>
              </div>
              {opened && (
                <div className={styles.itemBody} id={`${id}-${index}`}>
                  {fields.map((field) => (
                    <Field
                      key={field.name}
                      question={field}
                      place={`${here}.${field.name}`}
                      value={item[field.name]}
                      onChange={(filled) => onChange(value.map((one, at) => (at === index ? put(one, field.name, filled) : one)))}
                    />
                  ))}
                </div>
              )}
            </li>
          );
        })}
      </ol>
      <span className="visually-hidden" aria-live="polite">
        {moved}
      </span>
      <Button
        size="compact-sm"
        variant="default"
        className={styles.turn}
        leftSection={<IconPlus size={14} stroke={1.7} aria-hidden />}
        disabled={value.length >= most}
        onClick={add}
      >
        {value.length >= most ? say.most(most) : say.addItem}
      </Button>
    </>
  );
}

function isRows(value: unknown): value is Rows {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "rows" in value;
}

function put(item: Item, name: string, filled: unknown): Item {
  const { [name]: _, ...rest } = item;
  return filled === undefined ? rest : { ...item, [name]: filled };
}

/** What must be filled in stands there empty, so that the server says so and nobody forgets it. */
function fresh(fields: readonly Question[]): Item {
  const needed = fields.filter((field) => field.must_be_filled && (field.default === undefined || field.default === null));
  return Object.fromEntries(needed.map((field) => [field.name, empty(field.type)]));
}

function empty(type: string): unknown {
  if (type === "action") return { do: "close" };
  if (type === "list") return [];
  return type === "text" || type === "html" ? { ja: "", en: "" } : "";
}

/** The first words in it, else the name that machines know it by. */
function nameOf(item: Item, fields: readonly Question[], language: Language): string {
  for (const field of [...fields.filter((one) => one.type === "text"), ...fields.filter((one) => one.type === "name")]) {
    const filled = item[field.name];
    const said = isBilingual(filled) ? filled[language] || filled.ja || filled.en : filled;
    if (typeof said === "string" && said !== "") return said;
  }
  return "";
}
