/** A field's label, help, problems, and the way back to what the template says. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useWords } from "@/words/words";
import { words } from "../words";
import styles from "./fields.module.css";

interface Props {
  label: string;
  help?: string;
  problems?: readonly string[];
  required?: boolean;
  /** Something else than the template's own stands there. */
  changed?: boolean;
  onReset?: () => void;
  children: (id: string, described: string | undefined) => ReactNode;
}

export function Row({ label, help = "", problems = [], required, changed, onReset, children }: Props) {
  const say = useWords(words).form;
  const id = useId();
  const described = [help && `${id}-help`, problems.length > 0 && `${id}-problems`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={styles.row} data-wrong={problems.length > 0 || undefined}>
      <div className={styles.head}>
        <label htmlFor={id}>{label}</label>
        {required && <span className={styles.required}>{say.required}</span>}
        {changed && onReset && (
          <Tooltip label={say.usual} position="top">
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              className={styles.reset}
              aria-label={`${say.usual}: ${label}`}
              onClick={onReset}
            >
              <IconArrowBackUp size={15} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {children(id, described)}
      {help && (
        <p className={styles.help} id={`${id}-help`}>
          {help}
        </p>
      )}
      {problems.length > 0 && (
        <ul className={styles.problems} id={`${id}-problems`}>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
