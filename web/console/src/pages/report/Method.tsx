/** How the verdict is reached, in the words of docs/reference/statistics.md, for whoever has only the console before them. */

import { useLanguage, useWords } from "@/words/words";
import styles from "./Report.module.css";
import { words } from "./words";

export function Method() {
  const say = useWords(words).method;
  const file = `docs/reference/statistics${useLanguage() === "ja" ? ".ja" : ""}.md`;
  return (
    <details className={styles.method}>
      <summary>{say.title}</summary>
      <dl>
        {Object.values(say.questions).map(({ title, text }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p>{say.more(file)}</p>
    </details>
  );
}
