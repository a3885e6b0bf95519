/** What the report's pieces share: its data, its period, and where its numbers lead. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { report } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import { words } from "./words";

export type Report = Schemas["Report"];
export type Arm = Report["arms"][number];
export type Comparison = NonNullable<Report["proof"]["main"]>;

/** The first and last day (YYYY-MM-DD) that the address asks for; without them the report begins where comparing began. */
export interface Span {
  start?: string;
  end?: string;
}

export function useSpan(): [Span, (to: Span) => void] {
  const search = useSearch({ strict: false }) as Span;
  const navigate = useNavigate();
  const span = { ...(search.start ? { start: search.start } : {}), ...(search.end ? { end: search.end } : {}) };
  return [span, (to) => void navigate({ to: ".", search: { ...to } as never, replace: true })];
}

export function useCampaign(): string {
  return (useParams({ strict: false }) as { campaign: string }).campaign;
}

export function useReport() {
  const project = useProject();
  const campaign = useCampaign();
  const [span] = useSpan();
  return useQuery({ ...report(project.id, campaign, span), placeholderData: keepPreviousData, refetchInterval: 60_000 });
}

/** Where the people behind a number are; "" for those who may not see people. */
export function useCell(): (query: Record<string, string>) => string {
  const project = useProject();
  const campaign = useCampaign();
  const [span] = useSpan();
  const may = useMay("people");
  return (query) =>
    may ? `/p/${project.id}/campaigns/${campaign}/people?${new URLSearchParams({ ...query, ...span }).toString()}` : "";
}

/** What an arm is called. */
export function useArmName(arms: readonly Arm[]): (action: string) => string {
  const { arms: say } = useWords(words);
  return (action) => {
    const arm = arms.find((one) => one.action === action);
    if (action === "_g") return say.global;
    if (arm?.holdout) return say.holdout;
    return arm?.name || action;
  };
}

/** A colour for each arm: messages by their place, the holdout always its own. */
export function toneOf(arms: readonly Arm[], action: string): "shown" | "primary" | "waiting" | "holdout" | "withheld" {
  const arm = arms.find((one) => one.action === action);
  if (!arm || arm.weight === null) return action === "_g" ? "holdout" : "withheld";
  if (arm.holdout) return "holdout";
  const place = arms.filter((one) => !one.holdout).indexOf(arm);
  return (["shown", "primary", "waiting"] as const)[place % 3] ?? "shown";
}
