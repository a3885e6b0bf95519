/** A rule as one sentence, read back by the server. */

import { useLanguage } from "@/words/words";
import type { Rule, Scope } from "./tree";
import { useReading } from "./vocabulary";

export function RuleSentence({
  project,
  scope = "person",
  rule,
  segment,
}: {
  project: string;
  scope?: Scope;
  rule: Rule;
  segment?: string;
}) {
  const language = useLanguage();
  const { data } = useReading(project, rule, scope, segment);
  if (!data) return null;
  return <span>{data[language] || data.problems.map((problem) => problem.message).join(" ")}</span>;
}
