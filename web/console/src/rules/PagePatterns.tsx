/** Which pages: addresses as patterns, and rules over the address beside them. */

import { ActionIcon, Button, TagsInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useWords } from "@/words/words";
import { RuleBuilder } from "./LateRuleBuilder";
import styles from "./PagePatterns.module.css";
import type { Rule } from "./tree";
import { words } from "./words";

/** As a file has it: `/sale*`, or a rule over a page view. */
export type Pattern = string | { rule: Rule };

interface Props {
  project: string;
  label: string;
  /** What it means that there are none. */
  none: string;
  value: readonly Pattern[];
  onChange: (patterns: Pattern[]) => void;
  may: boolean;
}

export function PagePatterns({ project, label, none, value, onChange, may }: Props) {
  const say = useWords(words).pages;
  const written = value.filter((one): one is string => typeof one === "string");
  const ruled = value.filter((one): one is { rule: Rule } => typeof one !== "string");
  return (
    <div className={styles.patterns}>
      <TagsInput
        label={label}
        placeholder={value.length ? "" : none}
        value={written}
        onChange={(to) => onChange([...to.map((one) => (/^(\/|\*|https?:)/.test(one) ? one : `/${one}`)), ...ruled])}
        disabled={!may}
        splitChars={[",", " ", "、"]}
        clearable
      />
      {ruled.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have nothing but their place
        <div key={index} className={styles.ruled}>
          <RuleBuilder
            project={project}
            scope="page"
            value={one.rule}
            onChange={(rule) => onChange([...written, ...ruled.map((other, at) => (at === index ? { rule } : other))])}
          />
          {may && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={say.removeRule}
              onClick={() => onChange([...written, ...ruled.filter((_, at) => at !== index)])}
            >
              <IconX size={16} stroke={1.6} />
            </ActionIcon>
          )}
        </div>
      ))}
      {may && (
        <Button
          className={styles.adding}
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...value, { rule: { field: "path", op: "starts", value: "/" } }])}
        >
          {say.addRule}
        </Button>
      )}
    </div>
  );
}
