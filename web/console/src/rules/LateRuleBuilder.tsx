/** The rule builder where a page is useful before anybody builds a rule: it comes when it is drawn. */

import { lazy, Suspense } from "react";
import { SkeletonRows } from "@/parts/states";
import type { RuleBuilderProps } from "./RuleBuilder";

const Builder = lazy(() => import("./RuleBuilder").then((found) => ({ default: found.RuleBuilder })));

export function RuleBuilder(props: RuleBuilderProps) {
  return (
    <Suspense fallback={<SkeletonRows rows={2} height={36} />}>
      <Builder {...props} />
    </Suspense>
  );
}
