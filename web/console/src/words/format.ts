/** Numbers, instants and spans as a reader of either language writes them. Instants are ms; days are the project's. */

import { useMemo } from "react";
import { type Language, useLanguage } from "./words";

const locale = (language: Language) => (language === "ja" ? "ja-JP" : "en-GB");

export interface Formats {
  number(value: number, digits?: number): string;
  /** A share of 1 as per cent; "–" for none. */
  percent(share: number | null | undefined, digits?: number): string;
  /** Short: 12,345 becomes 12.3k or 1.2万. */
  compact(value: number): string;
  date(at: number): string;
  time(at: number, seconds?: boolean): string;
  dateTime(at: number): string;
  /** A calendar day written YYYY-MM-DD. */
  day(day: string): string;
  /** The month of a calendar day written YYYY-MM-DD. */
  month(day: string): string;
  weekday(at: number): string;
  /** "3 minutes ago" */
  ago(at: number, now?: number): string;
  /** A span of ms: "1:05:09" or "4 m 10 s". */
  span(ms: number): string;
  list(items: readonly string[]): string;
}

export function formats(language: Language, timeZone?: string): Formats {
  const where = locale(language);
  const zone = timeZone ? { timeZone } : {};
  const date = new Intl.DateTimeFormat(where, { year: "numeric", month: "short", day: "numeric", ...zone });
  const dayOnly = new Intl.DateTimeFormat(where, { month: "short", day: "numeric", timeZone: "UTC" });
  const monthOnly = new Intl.DateTimeFormat(where, { month: "long", timeZone: "UTC" });
  const time = new Intl.DateTimeFormat(where, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
  const seconds = new Intl.DateTimeFormat(where, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...zone,
  });
  const weekday = new Intl.DateTimeFormat(where, { weekday: "short", ...zone });
  const relative = new Intl.RelativeTimeFormat(where, { numeric: "auto" });
  const list = new Intl.ListFormat(where, { type: "conjunction" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ];
  return {
    number: (value, digits) =>
      value.toLocaleString(where, digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    percent: (share, digits = 1) =>
      share === null || share === undefined
        ? "–"
        : share.toLocaleString(where, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }),
    compact: (value) => value.toLocaleString(where, { notation: "compact", maximumFractionDigits: 1 }),
    date: (at) => date.format(at),
    time: (at, withSeconds) => (withSeconds ? seconds : time).format(at),
    dateTime: (at) => `${date.format(at)} ${time.format(at)}`,
    day: (day) => dayOnly.format(new Date(`${day}T00:00:00Z`)),
    month: (day) => monthOnly.format(new Date(`${day}T00:00:00Z`)),
    weekday: (at) => weekday.format(at),
    ago: (at, now = Date.now()) => {
      const passed = Math.round((at - now) / 1000);
      const [unit, size] = steps.find(([, one]) => Math.abs(passed) >= one) ?? (["second", 1] as const);
      return relative.format(Math.trunc(passed / size), unit as Intl.RelativeTimeFormatUnit);
    },
    span: (ms) => {
      const total = Math.round(ms / 1000);
      const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
      const two = (value: number) => String(value).padStart(2, "0");
      return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    },
    list: (items) => list.format(items),
  };
}

/** In the reader's language and, inside a project, in the project's time zone. */
export function useFormats(timeZone?: string): Formats {
  const language = useLanguage();
  return useMemo(() => formats(language, timeZone), [language, timeZone]);
}
