import type { Problem } from "@/api/client";
import { ProblemList } from "@/parts/ProblemList";

/** The problems of some places of the file, where those places are written. */
export function FieldProblems({ problems, at }: { problems: readonly Problem[]; at: RegExp }) {
  return <ProblemList problems={problems.filter((problem) => at.test(problem.path))} />;
}
