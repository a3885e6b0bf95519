/** What a gate looked at: the condition, what was wanted, what was found. */

import { IconCheck, IconX } from "@tabler/icons-react";
import type { Schemas } from "@/api/client";
import type { Formats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import styles from "./River.module.css";
import { words } from "./words";

type Row = Schemas["Why"]["compared"][number];
const EARLIEST_MS = 1e12;

export function Compared({ rows, formats }: { rows: readonly Row[]; formats: Formats }) {
  const say = useWords(words);
  const language = useLanguage();
  return (
    <table className={styles.compared}>
      <thead>
        <tr>
          <th scope="col">{say.compared}</th>
          <th scope="col">{say.wanted}</th>
          <th scope="col">{say.found}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.path} data-passed={row.passed || undefined}>
            <th scope="row">
              {row.passed ? <IconCheck size={13} stroke={2} aria-hidden /> : <IconX size={13} stroke={2} aria-hidden />}
              {language === "ja" ? row.subject_ja : row.subject_en}
            </th>
            <td>{language === "ja" ? row.wanted_ja : row.wanted_en}</td>
            <td>{written(row.found)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  function written(found: Row["found"]): string {
    if (found === null || found === undefined || (Array.isArray(found) && !found.length)) return say.nothing;
    if (Array.isArray(found)) return found.map(String).join(", ");
    if (typeof found === "number") return found > EARLIEST_MS ? formats.dateTime(found) : formats.number(found);
    return String(found);
  }
}
