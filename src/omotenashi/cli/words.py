"""What the house's own words mean to a marketer, in Japanese and in English."""

from typing import Final, Literal

Language = Literal["ja", "en"]

GATES: Final = {
    "shown": ("表示", "shown"),
    "stopped_by_switch": ("緊急停止中", "stopped by the emergency switch"),
    "not_live": ("公開されていない", "not live"),
    "off_schedule": ("配信スケジュール外", "outside its schedule"),
    "preparing": ("過去データを集計中", "the past is still being counted"),
    "audience": ("対象ユーザーではない", "not in the audience"),
    "trigger": ("配信トリガーに合わない", "the trigger does not match"),
    "page": ("対象ページではない", "not on a page where it shows"),
    "consent": ("許諾がない", "no consent"),
    "asked": ("許諾済み、または尋ねたばかり", "granted already, or asked not long ago"),
    "frequency": ("配信頻度の上限", "already shown as often as its frequency allows"),
    "stopped": ("停止条件に到達", "a stop condition is reached"),
    "arm": ("振り分けの対象外", "outside all arms"),
    "missing_variable": ("差し込む値がない", "a value for the text is missing"),
    "cap": ("1日の上限", "the day's cap is reached"),
    "gap": ("前の接客からの間隔が不足", "too soon after another message"),
    "suppressed": ("ほかの接客が表示中", "another message is on the page"),
    "holdout": ("未実施グループ（比較のため表示しない）", "held out for comparison"),
    "not_answerable": ("表示できるページがない", "no page could show it"),
}
"""The gates that end a decision, by name."""

MOMENTS: Final = {
    "view": ("ページ閲覧", "Page view"),
    "identify": ("会員を識別", "Identified"),
    "attribute": ("属性を更新", "Attributes"),
    "consent": ("許諾の変更", "Consent"),
    "cart": ("カート", "Cart"),
    "buy": ("購入", "Purchase"),
    "signup": ("会員登録", "Sign-up"),
    "reserved": ("表示を予約", "Place reserved"),
    "released": ("予約を解放", "Place given back"),
    "goal": ("ゴール達成", "Goal reached"),
    "merged": ("同一人物として統合", "Merged"),
    "erased": ("データを消去", "Erased"),
    "config": ("設定を変更", "Configuration"),
    "_message_ready": ("メッセージ送付", "Message sent"),
    "_message_suppressed": ("メッセージを譲る", "Message gave way"),
    "_message_open": ("メッセージ表示", "Message shown"),
    "_message_click": ("メッセージをクリック", "Message clicked"),
    "_message_close": ("メッセージを閉じる", "Message closed"),
    "_message_state_changed": ("メッセージ内の操作", "Step in a message"),
    "_message_conflict": ("表示の競合", "Something in the way"),
    "_answer_question": ("アンケート回答", "Question answered"),
    "_release": ("表示を取りやめ", "Not shown after all"),
    "_recheck": ("再判定", "Looked again"),
    "_visibility": ("ページを離れる", "Page left or hidden"),
    "_error": ("エラー", "Error"),
}
"""Reserved and conventional events, and the entries that the engine writes, by name."""

QUIET: Final = frozenset(("reserved", "_message_ready", "_recheck", "_visibility"))
"""Moments that matter to engineers more than to marketers."""

CLOSED_BY: Final = {
    "button": ("ボタン", "button"),
    "escape": ("Esc キー", "Escape key"),
    "backdrop": ("背景", "backdrop"),
    "timer": ("時間切れ", "timer"),
    "navigation": ("ページ移動", "left the page"),
}
"""What closed a message."""

UNOPENED: Final = {
    "left": ("表示の条件がそろう前にページを離れた", "the page was left first"),
    "expired": ("表示できる期限が過ぎた", "its time ran out"),
    "delay": ("表示までの秒数がたつ前に離れた", "left before its delay was over"),
    "scroll": ("そこまでスクロールしなかった", "did not scroll so far"),
    "idle": ("操作が止まらなかった", "was never idle for so long"),
    "visible": ("指定の場所が画面に入らなかった", "the element never came into sight"),
    "exit": ("ページを離れるそぶりがなかった", "no sign of leaving the page"),
    "returning": ("タブに戻らなかった", "did not come back to the tab"),
    "manual": ("スクリプトが表示を求めなかった", "its script never asked to show it"),
    "requires": ("必要な要素がページになかった", "an element it requires is not on the page"),
    "forbids": ("あってはならない要素がページにあった", "an element that forbids it is on the page"),
    "anchor": ("埋め込み先の要素がページになかった", "the place to embed it is not on the page"),
    "conflict": ("ページのボタンなどを隠すため取りやめた", "it would have covered something on the page"),
    "failed": ("メッセージのスクリプトが失敗した", "its script failed"),
    "wrong_page": ("届く前に別のページへ移った", "it came for a page that was gone"),
    "unwritten": ("文面を書き出せなかった", "its text could not be written"),
}
"""Why a page did not show what it was given."""

DEVICES: Final = {"desktop": ("パソコン", "computer"), "phone": ("スマートフォン", "phone"), "tablet": ("タブレット", "tablet")}

KEYS: Final = {
    "public": ("公開キー", "public", "ページのタグに書きます", "stands in the pages' tag"),
    "staging": ("テスト用キー", "staging", "同上。送ったイベントはテストになります", "the same; its events are tests"),
    "secret": ("秘密キー", "secret", "サーバーからの送信に。公開しないでください", "for your servers; never in a page"),
    "identity": ("署名用の秘密", "identity", "user_id の署名に。公開しないでください", "signs user ids; never in a page"),
}
"""What each key is for."""

WEEKDAYS: Final = (("月", "Mon"), ("火", "Tue"), ("水", "Wed"), ("木", "Thu"), ("金", "Fri"), ("土", "Sat"), ("日", "Sun"))
