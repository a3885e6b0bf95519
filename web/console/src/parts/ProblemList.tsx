/** What a configuration was refused for: where, and what was expected. */

import type { Problem } from "@/api/client";
import styles from "./ProblemList.module.css";

export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (!problems.length) return null;
  return (
    <ul className={styles.problems} role="alert">
      {problems.map((problem) => (
        <li key={`${problem.file}:${problem.line}:${problem.path}:${problem.message}`}>
          <code>{problem.path || `${problem.file}:${problem.line}`}</code> {problem.message}
        </li>
      ))}
    </ul>
  );
}
