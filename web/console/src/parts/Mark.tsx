/** A small coloured word. Its tone means the same everywhere; the word says it too, so that colour never speaks alone. */

import type { ReactNode } from "react";
import styles from "./Mark.module.css";

export type Tone = "shown" | "waiting" | "holdout" | "withheld" | "danger" | "primary" | "plain";

export function Mark({
  tone = "plain",
  icon,
  children,
  title,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={styles.mark} data-tone={tone} title={title}>
      {icon}
      {children}
    </span>
  );
}
