/** Pictures side by side, each with its name and weight. */

import { IconWeight } from "@tabler/icons-react";
import { Mark } from "@/parts/Mark";
import { useFormats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import { words } from "../words";
import { type Picture, sized, weighing } from "./pictures";
import styles from "./pictures.module.css";

export function PictureGrid({
  pictures,
  chosen,
  onPick,
}: {
  pictures: readonly Picture[];
  chosen?: string;
  onPick: (picture: Picture) => void;
}) {
  const say = useWords(words).pictures;
  const language = useLanguage();
  const { number } = useFormats();
  return (
    <ul className={styles.grid}>
      {pictures.map((picture) => (
        <li key={picture.id}>
          <button
            type="button"
            className={styles.card}
            aria-pressed={chosen === undefined ? undefined : chosen === picture.id}
            onClick={() => onPick(picture)}
          >
            <span className={styles.plate}>
              <img src={picture.file} alt={picture.alt[language] || picture.title} loading="lazy" decoding="async" />
            </span>
            <span className={styles.name}>{picture.title}</span>
            <span className={styles.facts}>
              {sized(number(picture.width), number(picture.height))} ·{" "}
              {weighing(number(Math.max(1, Math.round(picture.bytes / 1024))))}
            </span>
            <span className={styles.marks}>
              {picture.heavy && (
                <Mark tone="waiting" icon={<IconWeight size={12} stroke={1.8} aria-hidden />}>
                  {say.heavyMark}
                </Mark>
              )}
              {picture.moving && <Mark>{say.moving}</Mark>}
              {picture.used.length > 0 && <Mark tone="shown">{say.used(picture.used.length)}</Mark>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
