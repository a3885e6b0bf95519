/** The visitor's own page of choices: a message of the site's look, opened by `omotenashi("choices")`. */

import { known, type Purpose } from "./consents";
import { answer, type Sent } from "./sender";
import { sheet } from "./sheet";
import type { Tag } from "./tag";

const STYLE = `
.card{width:480px}
.purposes{margin-top:16px;border-top:1px solid var(--line)}
.purposes li{display:grid;grid-template-columns:1fr auto;gap:2px 16px;align-items:start;padding:14px 0;border-bottom:1px solid var(--line)}
.purposes strong{font-size:14px;font-weight:600}
.purposes .body{font-size:13px}
.purposes .small{grid-column:1/-1}
.switch{position:relative;width:56px;height:44px;margin:-10px -4px -10px 0;padding:0;border:0;background:none;color:inherit;cursor:pointer}
.switch::before{content:"";position:absolute;inset:10px 4px;border:1px solid var(--muted);border-radius:12px;transition:background 120ms ease-out}
.switch::after{content:"";position:absolute;top:15px;left:9px;width:14px;height:14px;border-radius:50%;background:var(--muted);transition:transform 120ms ease-out}
.switch[aria-checked=true]::before{background:var(--accent);border-color:var(--accent)}
.switch[aria-checked=true]::after{background:var(--on-accent);transform:translateX(24px)}
.told{min-height:1.6em;margin-top:12px}
.out{margin:8px 0 0 -12px}
@media (forced-colors:active){.switch[aria-checked=true]::after{background:Highlight}}`;

const WORDS = {
  ja: {
    title: "あなたの選択",
    intro: "このサイトが何のために情報を使ってよいかを、目的ごとに選べます。いつでも変えられます。",
    granted: (at: string) => `許可しています（${at}から）`,
    byDefault: "まだ選んでいないため、許可したものとして扱っています",
    denied: (at: string) => `許可していません（${at}に選択）`,
    expired: (at: string) => `${at}の許可は期限が切れました`,
    unknown: "まだ選んでいません",
    saved: "保存しました。",
    failed: "保存できませんでした。通信を確かめて、もう一度お試しください。",
    all: "すべて許可する",
    none: "すべて許可しない",
    stop: "計測と表示をすべて止める",
    stopped: "このブラウザーでは、計測も表示もすべて止めています。",
    start: "もう一度始める",
    close: "閉じる",
    nothing: "このサイトが許可をお願いしているものはありません。",
  },
  en: {
    title: "Your choices",
    intro: "You decide, purpose by purpose, what this site may use information for. You can change your mind at any time.",
    granted: (at: string) => `Allowed since ${at}`,
    byDefault: "Counts as allowed, because you have not chosen yet",
    denied: (at: string) => `Not allowed (chosen on ${at})`,
    expired: (at: string) => `What you allowed on ${at} has expired`,
    unknown: "Not chosen yet",
    saved: "Saved.",
    failed: "That could not be saved. Check your connection and try again.",
    all: "Allow all",
    none: "Allow none",
    stop: "Stop all measuring and messages",
    stopped: "On this browser, all measuring and all messages are stopped.",
    start: "Begin again",
    close: "Close",
    nothing: "There is nothing that this site asks your permission for.",
  },
};

/** Opens the choices; resolves when they can be seen. */
export async function choices(tag: Tag): Promise<Sent> {
  const found = await known(tag);
  if (found === undefined && tag.running !== undefined) return answer("failed");
  const ja = (tag.language || found?.language || "ja").startsWith("ja");
  const say = WORDS[ja ? "ja" : "en"];
  const language = ja ? "ja" : "en";
  const { words, add, press, close, reveal } = sheet(tag, "choices", language, (found?.style ?? PLAIN) + STYLE);
  add(words, "h2", "", say.title);
  const again = () => {
    close();
    return choices(tag);
  };

  if (found === undefined) {
    add(words, "p", "body", say.stopped);
    press(add(words, "div", "actions"), "button", say.start, () => tag.optIn().then(again));
    press(words.lastElementChild as Element, "button secondary", say.close, close);
  } else {
    const { purposes } = found;
    add(words, "p", "body", purposes.length ? say.intro : say.nothing);
    const list = add(words, "ul", "purposes");
    list.hidden = purposes.length === 0;
    const told = add(words, "p", "small told");
    told.setAttribute("role", "status");
    const draws: (() => void)[] = [];
    const set = async (changed: Purpose[], granted: boolean) => {
      const sent = await Promise.all(
        changed.map((purpose) => {
          const state = granted ? "granted" : purpose.state === "granted" && purpose.at ? "withdrawn" : "denied";
          const { name, policy, shown } = purpose;
          return tag.track("consent", { purpose: name, state, source: "choices", policy, text: shown[language] }).then((one) => {
            if (one.ok) Object.assign(purpose, { state, at: tag.time.now() });
            return one.ok;
          });
        }),
      );
      for (const draw of draws) draw();
      told.textContent = sent.every(Boolean) ? say.saved : say.failed;
    };
    for (const purpose of purposes) {
      const row = add(list, "li");
      const about = add(row, "div");
      const label = add(about, "strong", "", purpose.label[language] || purpose.name);
      label.id = `omo-${purpose.name}`;
      if (purpose.text[language]) add(about, "p", "body", purpose.text[language]);
      const toggle = press(row, "switch", "", () => set([purpose], purpose.state !== "granted"));
      toggle.setAttribute("role", "switch");
      toggle.setAttribute("aria-labelledby", label.id);
      const state = add(row, "p", "small");
      state.id = `omo-${purpose.name}-state`;
      toggle.setAttribute("aria-describedby", state.id);
      const draw = () => {
        toggle.setAttribute("aria-checked", String(purpose.state === "granted"));
        state.textContent = sentence(purpose, say, language);
      };
      draws.push(draw);
      draw();
    }
    const buttons = add(words, "div", "actions");
    if (purposes.length > 1) {
      press(buttons, "button secondary", say.all, () => set(purposes.filter(({ state }) => state !== "granted"), true));
      press(buttons, "button secondary", say.none, () => set(purposes.filter(({ state }) => !["denied", "withdrawn"].includes(state)), false));
    }
    press(buttons, "button", say.close, close);
    press(add(words, "div", "actions out"), "button plain", say.stop, () => tag.optOut().then(again));
  }
  reveal();
  return answer();
}

function sentence({ state, at }: Purpose, say: (typeof WORDS)["ja"], language: string): string {
  const day = new Date(at).toLocaleDateString(language, { year: "numeric", month: "long", day: "numeric" });
  if (state === "granted") return at ? say.granted(day) : say.byDefault;
  if (state === "expired") return say.expired(day);
  return state === "unknown" ? say.unknown : say.denied(day);
}

/** How it looks where the edge is not asked, because this browser is left alone. */
const PLAIN = `
:host{--paper:#fff;--ink:#1f1e1b;--muted:#6f6a60;--line:#e0ddd6;--accent:#27406b;--on-accent:#fff}
@media (prefers-color-scheme:dark){:host{--paper:#1d1f23;--ink:#ece9e2;--muted:#a5a096;--line:#3a3d43;--accent:#8fb0e8;--on-accent:#16181c}}
*{box-sizing:border-box}
.omo-frame{font:15px/1.7 system-ui,sans-serif;color:var(--ink)}
h2,p{margin:0}
h2{font-size:17px}
.card{max-width:100%;border-radius:12px;background:var(--paper);box-shadow:0 8px 32px rgb(0 0 0/.2)}
.words{padding:20px}
.body{color:var(--muted);font-size:14px}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin-top:16px}
.button{min-height:44px;padding:8px 20px;border:1px solid transparent;border-radius:6px;background:var(--accent);color:var(--on-accent);font:600 14px system-ui,sans-serif;cursor:pointer}
.button.secondary{border-color:var(--muted);background:none;color:var(--ink)}`;
