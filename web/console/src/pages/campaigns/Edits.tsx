/** What changed, place by place, before and after. */

import type { Schemas } from "@/api/client";
import { usePick, useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import { useFieldName } from "./useFieldName";
import { words } from "./words";

export function Edits({ edits }: { edits: readonly Schemas["Edit"][] }) {
  const say = useWords(words).dispute;
  const pick = usePick();
  const fieldName = useFieldName();
  if (edits.length === 0) return null;
  return (
    <table className={styles.edits}>
      <tbody>
        {edits.map((edit) => (
          <tr key={edit.path}>
            <th scope="row">{fieldName(edit.path)}</th>
            <td>
              <del>{pick(edit.before) || say.nothing}</del>
            </td>
            <td>
              <ins>{pick(edit.after) || say.nothing}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
