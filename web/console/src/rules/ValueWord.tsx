/** What something is compared with: typed straight into the sentence, with the usual values to choose from. */

import { Combobox, TagsInput, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { MomentWord } from "./MomentWord";
import styles from "./rules.module.css";
import { isMoment, type Kind, LISTED, type Moment, PAIRED, type Scalar, typed, UNARY, type Value } from "./tree";
import { type Suggested, useValues, type ValuesOf } from "./vocabulary";
import { Word } from "./Word";
import { words } from "./words";

interface Props {
  project: string;
  op: string;
  kind: Kind;
  value: Value;
  /** The kinds of values that were seen. */
  seen: readonly string[];
  dated: boolean;
  /** In a filter, dates do not move with time. */
  fixed: boolean;
  of?: ValuesOf;
  onChange: (value: Value) => void;
}

export function ValueWord(props: Props) {
  const { op, kind, value, fixed, onChange } = props;
  const say = useWords(words);
  if (UNARY.has(op)) return null;
  if (kind === "boolean") {
    return (
      <Word
        label={say.value}
        tone="operator"
        shown={value === false ? say.no : say.yes}
        value={String(value)}
        choices={[
          { value: "true", label: say.yes },
          { value: "false", label: say.no },
        ]}
        onPick={(picked) => onChange(picked === "true")}
      />
    );
  }
  if (kind === "state" && !LISTED.has(op)) {
    const states = say.states as Record<string, string>;
    return (
      <Word
        label={say.value}
        tone="operator"
        shown={states[String(value)] ?? say.unset}
        value={String(value)}
        choices={Object.entries(states).map(([state, label]) => ({ value: state, label }))}
        onPick={onChange}
      />
    );
  }
  const moments = Array.isArray(value) ? value.some(isMoment) : isMoment(value);
  if (moments) {
    const forms = fixed
      ? (["date"] as const)
      : op === "=" || op === "!="
        ? (["today", "date"] as const)
        : (["ago", "today", "date"] as const);
    const all = (Array.isArray(value) ? value : [value]) as Moment[];
    return (
      <>
        {all.map((moment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the first and the last of two
          <span key={index} className={styles.together}>
            {index > 0 && <i>{say.particle.to}</i>}
            <MomentWord
              value={moment}
              forms={forms}
              onChange={(next) => onChange(Array.isArray(value) ? all.map((each, at) => (at === index ? next : each)) : next)}
            />
          </span>
        ))}
      </>
    );
  }
  if (PAIRED.has(op) && Array.isArray(value)) {
    return (
      <span className={styles.together}>
        <Typed {...props} value={value[0] as Scalar} onChange={(low) => onChange([low as Scalar, value[1] as Scalar])} />
        <i>{say.particle.to}</i>
        <Typed {...props} value={value[1] as Scalar} onChange={(high) => onChange([value[0] as Scalar, high as Scalar])} />
      </span>
    );
  }
  if (LISTED.has(op) || Array.isArray(value)) return <Several {...props} />;
  return <Typed {...props} value={value as Scalar | undefined} />;
}

function Typed({ project, op, kind, value, seen, of, onChange }: Omit<Props, "value"> & { value: Scalar | undefined }) {
  const say = useWords(words);
  const format = useFormats();
  const pick = usePick();
  const [text, setText] = useState(value === undefined ? "" : String(value));
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { data = [] } = useValues(project, of, combobox.dropdownOpened);
  useEffect(
    () => setText((now) => (value !== undefined && typed(now, op, kind, seen) === value ? now : String(value ?? ""))),
    [value, op, kind, seen],
  );
  const wanted = text.trim().toLowerCase();
  const usual = data.filter((one) => {
    const all = `${one.value} ${one.ja} ${one.en}`.toLowerCase();
    return !wanted || String(one.value).toLowerCase() === wanted || all.includes(wanted);
  });
  const choose = (one: Suggested) => {
    setText(String(one.value));
    onChange(one.value as Scalar);
  };
  return (
    <Combobox
      store={combobox}
      width={280}
      position="bottom-start"
      shadow="sm"
      onOptionSubmit={(place) => {
        const one = usual[Number(place)];
        if (one) choose(one);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <span className={styles.value} data-empty={text === "" || undefined}>
          <span aria-hidden className={styles.sizer}>
            {text || say.unset}
          </span>
          <input
            value={text}
            aria-label={say.value}
            placeholder={say.unset}
            inputMode={kind === "number" ? "decimal" : undefined}
            spellCheck={false}
            autoComplete="off"
            onFocus={() => combobox.openDropdown()}
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onChange={(event) => {
              const now = event.currentTarget.value;
              setText(now);
              combobox.openDropdown();
              combobox.resetSelectedOption();
              onChange(typed(now, op, kind, seen));
            }}
          />
        </span>
      </Combobox.Target>
      <Combobox.Dropdown hidden={!usual.length}>
        <Combobox.Options className={styles.options} aria-label={say.value}>
          {usual.map((one, place) => (
            <Combobox.Option key={`${typeof one.value} ${one.value}`} value={String(place)}>
              <span className={styles.option}>
                <span>{one.ja ? `${pick(one)} (${one.value})` : String(one.value)}</span>
                <small>{say.seenPeople(format.number(one.people))}</small>
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function Several({ project, op, kind, value, seen, of, onChange }: Props) {
  const say = useWords(words);
  const [asked, setAsked] = useState(false);
  const { data = [] } = useValues(project, of, asked);
  const states = kind === "state" ? Object.keys(say.states) : [];
  const chosen = (Array.isArray(value) ? value : []) as Scalar[];
  const known = new Map<string, Scalar>([...data.map((one) => one.value as Scalar), ...chosen].map((one) => [String(one), one]));
  return (
    <TagsInput
      size="xs"
      className={styles.tags}
      aria-label={say.chosen}
      placeholder={chosen.length ? "" : say.values}
      data={kind === "state" ? states : [...known.keys()]}
      value={chosen.map(String)}
      onFocus={() => setAsked(true)}
      onChange={(texts) => onChange(texts.map((text) => known.get(text) ?? typed(text, op, kind, seen)))}
    />
  );
}
