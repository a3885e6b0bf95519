/** What the panel says, in Japanese and in English. The gates are called as the command line calls them. */

import type { Fitted } from "./fitting";

export type Language = "ja" | "en";
type Pair = readonly [ja: string, en: string];

const GATES: Record<string, Pair> = {
  stopped_by_switch: ["緊急停止中", "stopped by the emergency switch"],
  not_live: ["公開されていない", "not live"],
  off_schedule: ["配信スケジュール外", "outside its schedule"],
  preparing: ["過去データを集計中", "the past is still being counted"],
  audience: ["対象ユーザーではない", "not in the audience"],
  trigger: ["配信トリガーに合わない", "the trigger does not match"],
  page: ["対象ページではない", "not on a page where it shows"],
  consent: ["許諾がない", "no consent"],
  asked: ["許諾済み、または尋ねたばかり", "granted already, or asked not long ago"],
  frequency: ["配信頻度の上限", "already shown as often as its frequency allows"],
  stopped: ["停止条件に到達", "a stop condition is reached"],
  arm: ["振り分けの対象外", "outside all arms"],
  missing_variable: ["差し込む値がない", "a value for the text is missing"],
  cap: ["1日の上限", "the day's cap is reached"],
  gap: ["前の接客からの間隔が不足", "too soon after another message"],
  suppressed: ["ほかの接客が表示中", "another message is on the page"],
  holdout: ["未実施グループ（比較のため表示しない）", "held out for comparison"],
  not_answerable: ["編集中の内容を代わりに表示", "what is being written is shown instead"],
  unwritten: ["テンプレートのエラーで文面を作れない", "its text could not be made: an error in its template"],
};

const EVENTS: Record<string, Pair> = {
  view: ["ページ閲覧", "Page view"],
  identify: ["会員を識別", "Identified"],
  attribute: ["属性を更新", "Attributes"],
  consent: ["許諾の変更", "Consent"],
  _message_open: ["メッセージ表示", "Message shown"],
  _message_click: ["メッセージをクリック", "Message clicked"],
  _message_close: ["メッセージを閉じる", "Message closed"],
  _message_state_changed: ["メッセージ内の操作", "Step in a message"],
  _message_conflict: ["表示の競合", "Something in the way"],
  _answer_question: ["アンケート回答", "Question answered"],
  _release: ["表示を取りやめ", "Not shown after all"],
  _recheck: ["再判定", "Looked again"],
  _visibility: ["閲覧時間", "Time on the page"],
  _error: ["エラー", "Error"],
};

const RELEASES: Record<string, Pair> = {
  left: ["表示の前にページを離れた", "the page was left before it could show"],
  expired: ["表示の期限が過ぎた", "its time to show was over"],
  conflict: ["ページの部品に重なるため表示しない", "it would have covered something on the page"],
  failed: ["スクリプトのエラー", "its script failed"],
  wrong_page: ["別のページに移っていた", "the page had changed meanwhile"],
  delay: ["表示までの時間が足りなかった", "its delay had not passed"],
  scroll: ["スクロールが足りなかった", "not scrolled far enough"],
  idle: ["操作のない時間が足りなかった", "the visitor was never idle for so long"],
  visible: ["要素が画面に入らなかった", "its element never came into sight"],
  exit: ["離脱の動きがなかった", "no exit intent"],
  returning: ["タブに戻らなかった", "the visitor did not come back to the tab"],
  manual: ["スクリプトが表示を指示しなかった", "its script never called show()"],
  requires: ["必要な要素がページにない", "an element that it requires is not on the page"],
  forbids: ["あってはならない要素がページにある", "an element that it forbids is on the page"],
  anchor: ["埋め込み先の要素がない", "the element to embed it at is not on the page"],
};

const REFUSALS: Record<string, Pair> = {
  event_too_large: ["イベントが大きすぎます", "The event is too large"],
  too_deep: ["値の入れ子が深すぎます", "Its values are nested too deeply"],
  too_many_fields: ["項目が多すぎます", "It has too many fields"],
  bad_name: ["イベント名に使えない文字があります", "Its name has letters that are not allowed"],
  reserved_name: ["_ で始まる名前は予約されています", "Names that begin with _ are reserved"],
  bad_field: ["項目名に使えない文字があります", "A field's name has letters that are not allowed"],
  bad_value: ["受け取れない値があります", "A value cannot be taken"],
  bad_id: ["ID の形式が正しくありません", "Its id is malformed"],
  too_old: ["24時間より前のイベントです", "It is older than 24 hours"],
  bad_time: ["時刻の形式が正しくありません", "Its time is malformed"],
  unknown_reservation: ["このブラウザーの表示予約ではありません", "The message was not handed to this browser"],
  lease_over: ["表示予約の期限が過ぎています", "The place for the message has been given back"],
  bad_identity: ["user_id か署名が正しくありません", "The user_id or its signature is not right"],
  ignored: ["このプロジェクトでは受け取らないイベントです", "The project ignores events of this name"],
  consent: ["計測の許諾がありません", "The visitor has not consented to be measured"],
};

const CLOSED_BY: Record<string, Pair> = {
  button: ["ボタン", "button"],
  escape: ["Esc キー", "Escape key"],
  backdrop: ["背景", "backdrop"],
  timer: ["時間切れ", "timer"],
  navigation: ["ページ移動", "left the page"],
};

const FITTED: Record<Fitted, Pair> = {
  waiting: ["つながっています", "connected"],
  shown: ["表示中", "on the page"],
  closed: ["閉じました", "closed"],
  stopped: ["停止中", "stopped"],
  nowhere: ["差し込む場所がありません", "no place on this page"],
  conflict: ["表示できません", "not shown"],
  failed: ["表示できません", "failed"],
  over: ["終わりました", "over"],
};

const FITTED_WHY: Partial<Record<Fitted, Pair>> = {
  closed: ["編集すると、また表示します。", "It comes back with the next change."],
  stopped: ["すべてのメッセージを止めているため、表示しません。", "All messages are stopped, and this one with them."],
  nowhere: ["差し込む場所の要素が、このページに見つかりません。", "The element it is placed at is not on this page."],
  conflict: ["守る場所に重なるため、この設定では表示しません。", "It would cover a protected place, and is set to stay away then."],
  failed: ["このページでは表示できませんでした。", "It could not be shown on this page."],
  over: ["このリンクの期限が切れました。コンソールから開き直してください。", "This link is over. Open the page from the console again."],
};

export interface Words {
  language: Language;
  title: string;
  list: string;
  fitting: string;
  endFitting: string;
  again: string;
  nothingCounts: string;
  end: string;
  close: string;
  over: string;
  accepted: string;
  rejected: string;
  waiting: string;
  opened: string;
  failed: string;
  gate(name: string): string;
  fitted(fitted: Fitted): string;
  /** What there is to know of it; empty when nothing. */
  fittedWhy(fitted: Fitted): string;
  event(name: string): string;
  release(reason: string): string;
  refusal(code: string): string;
  closed(by: string): string;
  events(count: number): string;
  values(count: number): string;
  compared(subject: string, wanted: string, found: unknown): string;
}

export function words(language: Language): Words {
  const ja = language === "ja";
  const say = (inJapanese: string, inEnglish: string) => (ja ? inJapanese : inEnglish);
  const of = (pairs: Record<string, Pair>, name: string) => pairs[name]?.[ja ? 0 : 1] ?? name;
  return {
    language,
    title: say("テスト中", "Test mode"),
    list: say("送信したイベントと接客の判定", "Events sent, and what was decided"),
    fitting: say("編集中の表示", "Being written"),
    endFitting: say("表示を終える", "End"),
    again: say("もう一度表示する", "Show again"),
    nothingCounts: say("集計には含まれません", "Counts in no report"),
    end: say("テストを終了", "End test"),
    close: say("閉じる", "Close"),
    over: say(
      "このテスト用リンクは期限切れか、別のサイトのものです。通常の訪問者として記録しています。",
      "This test link has ended, or is another site's. You are counted like any other visitor.",
    ),
    accepted: say("記録", "recorded"),
    rejected: say("拒否", "refused"),
    waiting: say("表示の条件を待っています", "handed to the page; waiting for its moment"),
    opened: say("表示しました", "on the page"),
    failed: say("エラーで表示できません", "failed"),
    gate: (name) => of(GATES, name),
    fitted: (fitted) => of(FITTED, fitted),
    fittedWhy: (fitted) => (fitted in FITTED_WHY ? of(FITTED_WHY as Record<string, Pair>, fitted) : ""),
    event: (name) => of(EVENTS, name),
    release: (reason) => say("表示しませんでした: ", "not shown: ") + of(RELEASES, reason),
    refusal: (code) => of(REFUSALS, code),
    closed: (by) => say(`表示後に閉じました（${of(CLOSED_BY, by)}）`, `shown, then closed (${of(CLOSED_BY, by)})`),
    events: (count) => say(`イベント ${count}件`, count === 1 ? "1 event" : `${count} events`),
    values: (count) => say(`値 ${count}件`, count === 1 ? "1 value" : `${count} values`),
    compared: (subject, wanted, found) => {
      const value = found === undefined || found === null ? say("なし", "none") : Array.isArray(found) ? found.join(", ") : String(found);
      return say(`${subject} ${wanted} … 実際は ${value}`, `${subject} ${wanted}; found ${value}`);
    },
  };
}
