/** A choice among a few things, each with one plain sentence and an example. */

import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./campaigns.module.css";

export interface Choice {
  value: string;
  label: string;
  says: string;
  example: string;
  more?: ReactNode;
}

export function Choices({
  label,
  value,
  choices,
  onChange,
  disabled,
}: {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
  disabled?: boolean;
}) {
  return (
    <Radio.Group label={label} value={value} onChange={onChange} className={styles.choices}>
      <div className={styles.cards}>
        {choices.map((choice) => (
          <Radio.Card key={choice.value} value={choice.value} className={styles.card} disabled={disabled}>
            <Radio.Indicator disabled={disabled} />
            <div>
              <b>{choice.label}</b>
              <p>{choice.says}</p>
              <p className={styles.example}>{choice.example}</p>
            </div>
          </Radio.Card>
        ))}
      </div>
      {choices.find((choice) => choice.value === value)?.more}
    </Radio.Group>
  );
}
