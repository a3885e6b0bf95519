/** Purposes as `project.yaml` says them, and the usual ones to begin with. */

export type Both = { ja: string; en: string };

/** A label as a file has it, in both languages. */
export function both(words: string | Both | undefined): Both {
  return typeof words === "string" ? { ja: words, en: words } : (words ?? { ja: "", en: "" });
}

export const ANSWERS = ["ignored", "later", "closed", "refused"] as const;
export type Answer = (typeof ANSWERS)[number];
export const UNITS = ["m", "h", "d"] as const;
export type Unit = (typeof UNITS)[number];

/** What sites that use Google's consent mode ask for. */
export const TYPES = [
  "analytics_storage",
  "ad_storage",
  "ad_user_data",
  "ad_personalization",
  "personalization_storage",
] as const;

export interface PurposeDocument {
  name: string;
  label?: string | Both;
  text?: string | Both;
  default?: "granted" | "unknown";
  expires_days?: number;
  policy?: string;
  reask?: boolean;
  ask_again?: Partial<Record<Answer, string | undefined>>;
  erase?: boolean;
  signals?: { tcf?: number[]; vendor?: number; google?: string[]; gpc?: boolean };
}

const WAITS = { ignored: "1 day", later: "3 days", closed: "7 days", refused: "90 days" } as const;

/** Those that mean something to the product itself, in words that a site may use as they are. */
export const KNOWN: readonly PurposeDocument[] = [
  {
    name: "measure",
    label: { ja: "サイトの利用状況の計測", en: "Measuring how the site is used" },
    text: {
      ja: "サイトをよくするために、ご覧になったページと操作を記録します。",
      en: "We record the pages you see and what you do there, to make the site better.",
    },
    default: "unknown",
    ask_again: WAITS,
  },
  {
    name: "personalise",
    label: { ja: "あなたに合わせたご案内", en: "Messages that suit you" },
    text: {
      ja: "ご覧になったものに合わせて、ご案内を表示します。",
      en: "We show you messages that follow from what you have looked at.",
    },
    default: "unknown",
    ask_again: WAITS,
  },
  {
    name: "record",
    label: { ja: "画面の記録", en: "Recording of the screen" },
    text: {
      ja: "使いにくいところを見つけて直すために、画面の動きを記録します。入力された文字は記録しません。",
      en: "We record how you use the site, to find and mend what is hard to use. What you type is not recorded.",
    },
    default: "unknown",
    expires_days: 365,
    ask_again: WAITS,
    erase: true,
  },
  {
    name: "mail",
    label: { ja: "メールでのご案内", en: "Letters by mail" },
    text: { ja: "新しい商品やお得な情報をメールでお送りします。", en: "We write to you about new goods and offers." },
    default: "unknown",
    ask_again: WAITS,
  },
  {
    name: "push",
    label: { ja: "プッシュ通知", en: "Push notifications" },
    text: { ja: "ブラウザーの通知でお知らせします。", en: "We tell you by your browser's notifications." },
    default: "unknown",
    ask_again: WAITS,
  },
];

const SPANS: Readonly<Record<string, Unit>> = { minute: "m", m: "m", hour: "h", h: "h", day: "d", d: "d" };
const NAMES: Readonly<Record<Unit, string>> = { m: "minutes", h: "hours", d: "days" };

/** "3 days" as a number and its unit; undefined for never, and for what is written in another unit. */
export function toText(wait: string | undefined): { n: number; unit: Unit } | undefined {
  const [, n, unit] = /^(\d+) ?([a-z]+?)s?$/.exec(wait ?? "") ?? [];
  const known = unit === undefined ? undefined : SPANS[unit];
  return known && Number(n) > 0 ? { n: Number(n), unit: known } : undefined;
}

export function fromText(n: number, unit: Unit): string {
  return n === 1 ? `1 ${NAMES[unit].slice(0, -1)}` : `${n} ${NAMES[unit]}`;
}

/** Without what is at its default, so that the file says no more than somebody meant. */
export function tidy(one: PurposeDocument): PurposeDocument {
  const waits = Object.fromEntries(Object.entries(one.ask_again ?? {}).filter(([, wait]) => wait));
  const { tcf, vendor, google, gpc } = one.signals ?? {};
  const signals = {
    ...(tcf?.length && { tcf }),
    ...(tcf?.length && vendor && { vendor }),
    ...(google?.length && { google }),
    ...(gpc && { gpc }),
  };
  return Object.fromEntries(
    Object.entries({
      ...one,
      label: filled(one.label),
      text: filled(one.text),
      expires_days: one.expires_days || undefined,
      policy: one.policy || undefined,
      reask: one.reask || undefined,
      erase: one.erase || undefined,
      ask_again: Object.keys(waits).length ? waits : undefined,
      signals: Object.keys(signals).length ? signals : undefined,
    }).filter(([, value]) => value !== undefined),
  ) as unknown as PurposeDocument;
}

/** One language stands for both where the other is empty. */
function filled(words: string | Both | undefined): string | Both | undefined {
  if (words === undefined || typeof words === "string") return words || undefined;
  const { ja, en } = { ja: words.ja.trim(), en: words.en.trim() };
  return ja || en ? { ja: ja || en, en: en || ja } : undefined;
}
