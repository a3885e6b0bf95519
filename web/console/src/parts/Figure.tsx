/** One number: what it counts, over which period, how it compares, who is behind it. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useFormats } from "@/words/format";
import styles from "./Figure.module.css";

interface Props {
  label: string;
  /** Already written, with its unit. */
  value: ReactNode;
  /** The period and freshness. */
  period?: string;
  /** The same number over the time it is compared with; ratio and direction are shown. */
  against?: { value: number; now: number; words: string };
  /** The page with the people behind it. */
  to?: string;
  tone?: "shown" | "waiting" | "holdout" | "withheld" | "danger" | "primary";
}

export function Figure({ label, value, period, against, to, tone }: Props) {
  const { percent } = useFormats();
  const change = against && against.value > 0 ? against.now / against.value - 1 : null;
  const body = (
    <>
      <div className={styles.label}>{label}</div>
      <div className={styles.value}>{value}</div>
      {against && (
        <div
          className={styles.against}
          data-way={change === null || Math.abs(change) < 0.005 ? "same" : change > 0 ? "up" : "down"}
        >
          {change === null ? "" : <b>{`${change > 0 ? "+" : change < 0 ? "−" : "±"}${percent(Math.abs(change), 0)}`}</b>}{" "}
          {against.words}
        </div>
      )}
      {period && <div className={styles.period}>{period}</div>}
    </>
  );
  return to ? (
    <Link to={to} className={styles.figure} data-tone={tone} data-link>
      {body}
    </Link>
  ) : (
    <div className={styles.figure} data-tone={tone}>
      {body}
    </div>
  );
}

/** Numbers side by side, divided by hairlines. */
export function Figures({ children }: { children: ReactNode }) {
  return <div className={styles.figures}>{children}</div>;
}
