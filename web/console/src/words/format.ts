/** Numbers, instants and spans as a reader of either language writes them. Instants are ms; days are the project's. */

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

/** Made once for a language and a time zone: a formatter costs a thousand times what it does for one number. */
export function formats(language: Language, timeZone?: string): Formats {
  const name = `${language} ${timeZone ?? ""}`;
  const known = made.get(name) ?? make(locale(language), timeZone ? { timeZone } : {});
  made.set(name, known);
  return known;
}

const made = new Map<string, Formats>();

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function make(where: string, zone: { timeZone?: string }): Formats {
  const dates = (how: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(where, { ...zone, ...how }));
  const numbers = (how: Intl.NumberFormatOptions) => once(() => new Intl.NumberFormat(where, how));
  const date = dates({ year: "numeric", month: "short", day: "numeric" });
  const dayOnly = dates({ month: "short", day: "numeric", timeZone: "UTC" });
  const monthOnly = dates({ month: "long", timeZone: "UTC" });
  const time = dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const seconds = dates({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const weekday = dates({ weekday: "short" });
  const relative = once(() => new Intl.RelativeTimeFormat(where, { numeric: "auto" }));
  const list = once(() => new Intl.ListFormat(where, { type: "conjunction" }));
  const plain = numbers({});
  const compact = numbers({ notation: "compact", maximumFractionDigits: 1 });
  const exactly = byDigits((digits) => numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const shares = byDigits((digits) =>
    numbers({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return {
    number: (value, digits) => (digits === undefined ? plain() : exactly(digits)()).format(value),
    percent: (share, digits = 1) => (share === null || share === undefined ? "–" : shares(digits)().format(share)),
    compact: (value) => compact().format(value),
    date: (at) => date().format(at),
    time: (at, withSeconds) => (withSeconds ? seconds : time)().format(at),
    dateTime: (at) => `${date().format(at)} ${time().format(at)}`,
    day: (day) => dayOnly().format(new Date(`${day}T00:00:00Z`)),
    month: (day) => monthOnly().format(new Date(`${day}T00:00:00Z`)),
    weekday: (at) => weekday().format(at),
    ago: (at, now = Date.now()) => {
      const passed = Math.round((at - now) / 1000);
      const [unit, size] = STEPS.find(([, one]) => Math.abs(passed) >= one) ?? (["second", 1] as const);
      return relative().format(Math.trunc(passed / size), unit);
    },
    span: (ms) => {
      const total = Math.round(ms / 1000);
      const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
      const two = (value: number) => String(value).padStart(2, "0");
      return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    },
    list: (items) => list().format(items),
  };
}

/** What is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let known: T | undefined;
  return () => {
    known ??= make();
    return known;
  };
}

function byDigits<T>(of: (digits: number) => T): (digits: number) => T {
  const known = new Map<number, T>();
  return (digits) => {
    const found = known.get(digits) ?? of(digits);
    known.set(digits, found);
    return found;
  };
}

/** In the reader's language and, inside a project, in the project's time zone. */
export function useFormats(timeZone?: string): Formats {
  return formats(useLanguage(), timeZone);
}
