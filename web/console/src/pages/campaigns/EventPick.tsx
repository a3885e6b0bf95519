/** The name of an event: those that were received or made from others, or any other name. */

import { Autocomplete } from "@mantine/core";
import { useMemo } from "react";
import { useRuleWords } from "@/rules/vocabulary";
import { useFormats } from "@/words/format";
import { useLanguage } from "@/words/words";
import styles from "./campaigns.module.css";

export function EventPick({
  project,
  label,
  description,
  value,
  onChange,
  disabled,
}: {
  project: string;
  label: string;
  description?: string;
  value: string;
  onChange: (event: string) => void;
  disabled?: boolean;
}) {
  const language = useLanguage();
  const format = useFormats();
  const { data } = useRuleWords(project);
  const known = useMemo(() => new Map((data?.events ?? []).map((event) => [event.name, event])), [data]);
  return (
    <Autocomplete
      label={label}
      description={description}
      value={value}
      onChange={onChange}
      data={[...known.keys()]}
      disabled={disabled}
      limit={40}
      renderOption={({ option }) => {
        const event = known.get(option.value);
        const called = event?.[language];
        return (
          <span className={styles.option}>
            <span>
              {called && called !== option.value ? `${called} ` : ""}
              <code>{option.value}</code>
            </span>
            <small>{event?.events ? format.compact(event.events) : ""}</small>
          </span>
        );
      }}
    />
  );
}
