/** A campaign as its file has it. Whatever is not known here is kept as it is. */

import type { Pattern } from "@/rules/PagePatterns";
import type { Rule } from "@/rules/tree";

export type Text = string | { ja: string; en: string };
export type State = "live" | "draft" | "paused" | "archived";
export type Who = "everyone" | "members" | "visitors";

export interface Arm {
  name?: string;
  id?: string;
  weight?: string | number;
  holdout?: string | number;
  template?: string;
  texts?: Record<string, unknown>;
  variables?: Record<string, Record<string, unknown>>;
  display?: Record<string, unknown>;
}

export interface Hours {
  from: string;
  to: string;
  days?: string[];
}

export interface Campaign {
  name: Text;
  state?: State;
  trigger: { event: string; where?: Rule };
  actions: Arm[];
  who?: Who;
  include?: string[];
  exclude?: string[];
  rule?: Rule;
  pages?: { include?: Pattern[]; exclude?: Pattern[] };
  schedule?: { start?: string; end?: string; hours?: Hours[] };
  frequency?: string;
  stop?: Record<string, number | boolean>;
  priority?: number;
  exclusive?: boolean;
  consent?: string;
  /** The purpose that its message asks for. */
  asks?: string;
  goal?: { event: string; where?: Rule; within?: string; value?: string };
}

export const isHoldout = (arm: Arm): boolean => arm.holdout !== undefined;
export const shownArms = (campaign: Campaign): Arm[] => (campaign.actions ?? []).filter((arm) => !isHoldout(arm));

/** A share as a number of per cent; undefined when it is left to us. */
export function share(written: string | number | undefined): number | undefined {
  if (written === undefined) return undefined;
  const number = typeof written === "number" ? written : Number.parseFloat(written);
  return Number.isFinite(number) ? number : undefined;
}

export const percent = (number: number): string => `${Math.round(number * 10) / 10}%`;

/** What stands where nothing is written is not written: an empty list, an empty object, undefined. */
export function put<T extends object, K extends keyof T>(whole: T, key: K, value: T[K] | undefined): T {
  const next = { ...whole };
  const empty =
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  if (empty) delete next[key];
  else next[key] = value as T[K];
  return next;
}

/** The whole audience as one rule, to be counted and read aloud. */
export function audience(campaign: Campaign): Rule {
  const parts: Rule[] = [];
  if (campaign.who === "members" || campaign.who === "visitors")
    parts.push({ fact: "member", op: "=", value: campaign.who === "members" });
  const include = campaign.include ?? [];
  if (include.length) parts.push({ any: include.map((segment) => ({ segment })) });
  for (const segment of campaign.exclude ?? []) parts.push({ not: { segment } });
  const rule = campaign.rule;
  if (Array.isArray(rule) ? rule.length : rule !== undefined) parts.push(...(Array.isArray(rule) ? rule : [rule]));
  return { all: parts };
}

/** The steps of the editor; each is an address of its own. */
export const STEPS = ["message", "audience", "moment", "often", "measure", "publish", "versions", "code"] as const;
export type Step = (typeof STEPS)[number];

/** In which step a place of the file is written. */
export function stepOf(path: string): Step {
  if (/^actions\[\d+\]\.(weight|holdout)|^goal|^actions$/.test(path)) return "measure";
  if (/^(actions|name)/.test(path)) return "message";
  if (/^(who|include|exclude|rule)/.test(path)) return "audience";
  if (/^(trigger|pages|schedule)/.test(path)) return "moment";
  if (/^(frequency|stop|priority|exclusive|consent|asks)/.test(path)) return "often";
  return "code";
}

/** The data with another value at a place; undefined takes it out. */
export function placed(data: unknown, steps: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(data) ? [...data] : [];
    list[step] = placed(list[step], rest, value);
    return list;
  }
  const whole: Record<string, unknown> = typeof data === "object" && data !== null ? { ...(data as object) } : {};
  const next = placed(whole[step], rest, value);
  if (next === undefined || next === null) delete whole[step];
  else whole[step] = next;
  return whole;
}
