/** One word of the sentence that can be exchanged for another: a button that opens a list one can search by typing. */

import { Combobox, useCombobox } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { useWords } from "@/words/words";
import styles from "./rules.module.css";
import { words } from "./words";

export interface Choice {
  value: string;
  label: string;
  /** Said small beside it: how often, of what. */
  hint?: string;
  group?: string;
  /** More words by which it is found. */
  also?: string;
}

const MOST_SHOWN = 120;

export function Word({
  label,
  shown,
  value,
  choices,
  onPick,
  tone = "subject",
  free,
  placeholder,
  icon,
  disabled,
}: {
  /** What kind of word this is, for those who cannot see it. */
  label: string;
  shown: ReactNode;
  value?: string;
  choices: readonly Choice[];
  onPick: (value: string) => void;
  tone?: "subject" | "operator" | "quiet" | "add";
  /** Whether a name that is not in the list may be used. */
  free?: boolean;
  placeholder?: string;
  icon?: ReactNode;
  disabled?: boolean;
}) {
  const say = useWords(words);
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch("");
    },
    onDropdownOpen: () => {
      combobox.focusSearchInput();
      combobox.updateSelectedOptionIndex("active");
    },
  });
  const found = useMemo(() => filtered(choices, search), [choices, search]);
  const extra = free && search.trim() && !choices.some((choice) => choice.value === search.trim()) ? search.trim() : "";
  const groups = [...new Set(found.map((choice) => choice.group ?? ""))];
  return (
    <Combobox
      store={combobox}
      width={choices.some((choice) => choice.hint) ? 360 : 260}
      position="bottom-start"
      shadow="sm"
      onOptionSubmit={(picked) => {
        combobox.closeDropdown();
        if (tone !== "add") combobox.focusTarget(); // what is added takes the focus itself
        onPick(picked);
      }}
    >
      <Combobox.Target targetType="button">
        <button
          type="button"
          className={styles.word}
          data-tone={tone}
          title={label}
          disabled={disabled}
          onClick={() => combobox.toggleDropdown()}
        >
          {icon}
          {shown}
        </button>
      </Combobox.Target>
      <Combobox.Dropdown>
        {(choices.length > 7 || free) && (
          <Combobox.Search
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
              combobox.selectFirstOption();
            }}
            placeholder={placeholder ?? say.find}
            aria-label={placeholder ?? label}
          />
        )}
        <Combobox.Options className={styles.options} aria-label={label}>
          {groups.map((name) => {
            const options = found.filter((choice) => (choice.group ?? "") === name);
            return name ? (
              <Combobox.Group key={name} label={name}>
                {options.map((choice) => option(choice, value))}
              </Combobox.Group>
            ) : (
              options.map((choice) => option(choice, value))
            );
          })}
          {extra && <Combobox.Option value={extra}>{say.use(extra)}</Combobox.Option>}
          {!found.length && !extra && <Combobox.Empty>{say.nothing}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function option(choice: Choice, value: string | undefined) {
  return (
    <Combobox.Option key={choice.value} value={choice.value} active={choice.value === value}>
      <span className={styles.option}>
        <span>{choice.label}</span>
        {choice.hint && <small>{choice.hint}</small>}
      </span>
    </Combobox.Option>
  );
}

/** Those in which every typed word stands; names that begin with what was typed first. */
function filtered(choices: readonly Choice[], search: string): readonly Choice[] {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return choices.slice(0, MOST_SHOWN);
  const pieces = wanted.split(/\s+/);
  const text = (choice: Choice) => `${choice.label} ${choice.value} ${choice.also ?? ""}`.toLowerCase();
  const begins = (choice: Choice) =>
    choice.label.toLowerCase().startsWith(wanted) || choice.value.toLowerCase().startsWith(wanted);
  const found = choices.filter((choice) => pieces.every((piece) => text(choice).includes(piece)));
  return [...found.filter(begins), ...found.filter((choice) => !begins(choice))].slice(0, MOST_SHOWN);
}
