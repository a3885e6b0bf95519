/**
 * A person's crest: petals around a heart, drawn from their id alone, so that one knows them again on every page.
 * It says nothing about them; the name beside it does.
 */

import { memo } from "react";
import styles from "./Crest.module.css";

interface Props {
  person: string;
  size?: number;
  /** A ring around it: somebody who is on the site. */
  present?: boolean;
}

export const Crest = memo(function Crest({ person, size = 36, present }: Props) {
  const seed = sown(person);
  const petals = 5 + (seed % 4);
  const shape = PETALS[Math.floor(seed / 4) % PETALS.length] ?? PETALS[0];
  const turn = (Math.floor(seed / 16) % 12) * 5;
  const heart = 2 + (Math.floor(seed / 192) % 3);
  return (
    <svg
      className={styles.crest}
      data-hue={Math.floor(seed / 576) % 6}
      data-present={present || undefined}
      width={size}
      height={size}
      viewBox="-24 -24 48 48"
      aria-hidden
    >
      <circle r={22.5} className={styles.ground} />
      <g transform={`rotate(${turn})`}>
        {Array.from({ length: petals }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: petals are told apart by their place alone
          <path key={place} d={shape} className={styles.petal} transform={`rotate(${(360 / petals) * place})`} />
        ))}
      </g>
      <circle r={heart + 1.6} className={styles.rim} />
      <circle r={heart} className={styles.heart} />
    </svg>
  );
});

const PETALS = [
  "M0 -17 C5 -14 5.4 -7.5 0 -4.2 C-5.4 -7.5 -5 -14 0 -17Z",
  "M0 -17.5 C2.4 -15.8 6.2 -13.4 4.4 -9 C3.4 -6.6 1.4 -5.2 0 -4.2 C-1.4 -5.2 -3.4 -6.6 -4.4 -9 C-6.2 -13.4 -2.4 -15.8 0 -17.5Z",
  "M0 -15.4 C1.8 -18 6.2 -16.4 5.2 -12 C4.4 -8.4 1.6 -6 0 -4.2 C-1.6 -6 -4.4 -8.4 -5.2 -12 C-6.2 -16.4 -1.8 -18 0 -15.4Z",
  "M0 -18 L3.4 -11 L0 -4.2 L-3.4 -11Z",
];

/** A number that follows from the id. */
function sown(id: string): number {
  let sum = 17;
  for (const letter of id) sum = (sum * 33 + letter.charCodeAt(0)) % 1_000_003;
  return sum;
}
