/** A text box into which variables can be put: from a menu, or once two braces stand there; arrow keys choose, Enter puts in. */

import { ActionIcon, Combobox, Menu, Textarea, TextInput, useCombobox } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { type SyntheticEvent, useRef } from "react";
import { useWords } from "@/words/words";
import { useAround } from "../TemplateForm";
import { words } from "../words";
import styles from "./fields.module.css";

interface Props {
  id: string;
  described: string | undefined;
  label: string;
  /** The visible label does not say which of two it is. */
  named?: boolean;
  tag?: string;
  lang?: string;
  value: string;
  onChange: (text: string) => void;
  long?: boolean;
  code?: boolean;
  most?: number | null;
  placeholder?: string;
  type?: "text" | "url" | "tel";
}

const FILTERS = ["thousands", "date", "default"] as const;

/** What stands between the last open braces and the cursor; undefined when it is not a name that is being written. */
export function begun(text: string, cursor: number): string | undefined {
  return /\{\{\s*([\w.]*)$/.exec(text.slice(0, cursor))?.[1];
}

export function Suggesting({
  id,
  described,
  label,
  named,
  tag,
  lang,
  value,
  onChange,
  long,
  code,
  most,
  placeholder,
  type,
}: Props) {
  const say = useWords(words).form;
  const { variables, rows, examples } = useAround();
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const cursor = input.current?.selectionStart ?? value.length;
  const part = begun(value, cursor);
  const single = variables.filter((name) => !rows.includes(name));
  const known = [...single, "language"];
  const offered = part === undefined ? [] : known.filter((name) => name.startsWith(part) && name !== part);

  const changed = (text: string, at: number) => {
    onChange(text);
    if (begun(text, at) === undefined) combobox.closeDropdown();
    else {
      combobox.openDropdown();
      combobox.selectFirstOption();
    }
  };
  const put = (name: string) => {
    const before = value.slice(0, cursor).replace(/\{\{\s*[\w.]*$/, `{{ ${name}`);
    const after = value.slice(cursor);
    const closed = /^\s*(\||\}\})/.test(after) ? after : ` }}${after}`;
    onChange(before + closed);
    combobox.closeDropdown();
    const to = before.length + (closed === after ? 0 : 3);
    requestAnimationFrame(() => input.current?.setSelectionRange(to, to));
  };
  const place = useRef(value.length);
  const insert = (name: string) => {
    const at = Math.min(place.current, value.length);
    const written = `{{ ${name} }}`;
    onChange(value.slice(0, at) + written + value.slice(at));
    place.current = at + written.length;
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(place.current, place.current);
    });
  };
  const menu = single.length > 0 && (
    <Menu position="bottom-end" withinPortal shadow="sm" returnFocus={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={say.insert(label)}>
          <IconBraces size={15} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say.variables}</Menu.Label>
        {single.map((name) => (
          <Menu.Item key={name} onClick={() => insert(name)} rightSection={<Example value={examples[name]} />}>
            <code>{name}</code>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
  const shared = {
    id,
    value,
    lang,
    placeholder,
    "aria-describedby": described,
    "aria-label": named ? label : undefined,
    error: false,
    leftSection: tag ? <span className={styles.tag}>{tag.toUpperCase()}</span> : undefined,
    rightSection: menu || undefined,
    rightSectionProps: long ? { style: { alignItems: "flex-start", paddingTop: 6 } } : undefined,
    onSelect: (event: SyntheticEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      place.current = event.currentTarget.selectionStart ?? place.current;
    },
    onBlur: () => combobox.closeDropdown(),
    classNames: { input: [long && styles.long, code && styles.code].filter(Boolean).join(" ") },
    spellCheck: !code,
  };
  const used = value.length;
  return (
    <Combobox store={combobox} onOptionSubmit={put} position="bottom-start" width={240} shadow="none" withinPortal>
      <Combobox.Target withExpandedAttribute={!long} withAriaAttributes={!long} targetType="input">
        {long ? (
          <Textarea
            {...shared}
            ref={input}
            rows={code ? 3 : 2}
            resize="vertical"
            onChange={(event) => changed(event.currentTarget.value, event.currentTarget.selectionStart)}
          />
        ) : (
          <TextInput
            {...shared}
            ref={input}
            type={type}
            onChange={(event) => changed(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
          />
        )}
      </Combobox.Target>
      <Combobox.Dropdown hidden={offered.length === 0}>
        <Combobox.Options aria-label={say.variables}>
          {offered.map((name) => (
            <Combobox.Option key={name} value={name}>
              <span className={styles.offered}>
                <code>{`{{ ${name} }}`}</code>
                <Example value={examples[name]} />
              </span>
            </Combobox.Option>
          ))}
          {offered.length > 0 && (
            <Combobox.Footer className={styles.hint}>{FILTERS.map((one) => `| ${one}`).join("  ")}</Combobox.Footer>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
      {most != null && !value.includes("{{") && used > most * 0.8 && (
        <p className={styles.help} data-over={used > most || undefined}>
          {say.letters(used, most)}
        </p>
      )}
    </Combobox>
  );
}

function Example({ value }: { value: unknown }) {
  if (value === undefined || value === null || value === "") return null;
  return <small className={styles.example}>{String(value)}</small>;
}
