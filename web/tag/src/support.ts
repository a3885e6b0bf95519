/** The visitor's support code: six digits that they read out on the telephone, and staff find them by. */

import { quiet } from "./quiet";
import { answer, type Sent } from "./sender";
import { sheet } from "./sheet";
import type { Tag } from "./tag";

const STYLE = `
.card{width:400px}
.code{margin:18px 0 6px;font-size:44px;font-weight:600;line-height:1.2;letter-spacing:.06em;font-variant-numeric:tabular-nums;text-align:center;white-space:nowrap}
.left{text-align:center}
@media (max-width:360px){.code{font-size:36px}}`;

const WORDS = {
  ja: {
    title: "サポートコード",
    text: "お問い合わせの際に、この番号を係の者にお伝えください。お客様の状況を確かめながらご案内します。",
    left: (minutes: number) => `あと${minutes}分使えます`,
    over: "この番号の期限が切れました。",
    again: "新しい番号を表示する",
    close: "閉じる",
  },
  en: {
    title: "Support code",
    text: "Read this number out to our staff when you contact us, so that they can see where you are and help.",
    left: (minutes: number) => (minutes === 1 ? "Good for one more minute" : `Good for ${minutes} more minutes`),
    over: "This number has expired.",
    again: "Show a new number",
    close: "Close",
  },
};

const SOON_MS = 5_000;

export interface SupportCode {
  code: string;
  leftMs: number;
}

interface Told extends SupportCode {
  /** The project's language, and the theme of its messages. */
  language: string;
  style: string;
}

/** `omotenashi("supportCode")`: the code and how long it is good for; with `{show: true}` the visitor sees it, too. */
export async function supportCode(tag: Tag, options?: unknown): Promise<Sent & Partial<SupportCode>> {
  const visitor = tag.running?.identity.visitor;
  if (visitor === undefined) return answer("opted_out");
  const found = await asked(tag, visitor);
  if (found === undefined) return answer("failed");
  if ((options as { show?: boolean } | undefined)?.show === true) show(tag, found);
  return { ok: true, code: found.code, leftMs: found.leftMs };
}

async function asked(tag: Tag, visitor: string): Promise<Told | undefined> {
  try {
    const body = JSON.stringify({ key: tag.options.key, visitor });
    const answered = await fetch(`${tag.base}/v1/support-code`, { method: "POST", body, headers: { "content-type": "text/plain" } });
    return answered.ok ? ((await answered.json()) as Told) : undefined;
  } catch {
    return undefined;
  }
}

function show(tag: Tag, { code, leftMs, language: spoken, style }: Told): void {
  const language = (tag.language || spoken).startsWith("ja") ? "ja" : "en";
  const say = WORDS[language];
  const until = tag.time.now() + leftMs;
  const { words, add, press, close, reveal } = sheet(tag, "support", language, style + STYLE, () => clearInterval(ticking));
  add(words, "h2", "", say.title);
  add(words, "p", "body", say.text);
  const digits = add(words, "p", "code", `${code.slice(0, 3)} ${code.slice(3)}`);
  digits.setAttribute("aria-label", [...code].join(" "));
  const left = add(words, "p", "body left");
  left.setAttribute("role", "status");
  const actions = add(words, "div", "actions");
  press(actions, "button", say.close, close);
  const told = () => {
    const minutes = Math.ceil((until - tag.time.now()) / 60_000);
    const text = minutes > 0 ? say.left(minutes) : say.over;
    if (left.textContent !== text) left.textContent = text;
    if (minutes > 0) return;
    clearInterval(ticking);
    digits.remove();
    press(actions, "button secondary", say.again, () => supportCode(tag, { show: true }));
  };
  const ticking = setInterval(quiet("support", told), SOON_MS);
  told();
  reveal();
}
