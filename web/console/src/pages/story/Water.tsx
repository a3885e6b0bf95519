/**
 * A stretch of the river: it bends from where the row above let it go to where the row below takes it up. Bends follow
 * from places in the log, so that the river lies still when something new comes at its head.
 */

import styles from "./River.module.css";

const MIDDLE = 32;

/** How far from the left the river runs at a place in the log. */
export function bend(position: number): number {
  return MIDDLE + 11 * Math.sin(position * 2.3 + 1) * Math.cos(position * 0.7);
}

export function Water({ from, to, thin }: { from: number; to: number; thin?: boolean }) {
  const path = `M${from} -0.5 C${from} 50 ${to} 50 ${to} 100.5`;
  return (
    <svg className={styles.water} viewBox="0 0 64 100" preserveAspectRatio="none" data-thin={thin || undefined} aria-hidden>
      <path d={path} className={styles.bed} />
      <path d={path} className={styles.flow} />
    </svg>
  );
}
