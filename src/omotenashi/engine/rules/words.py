"""A rule as a sentence that a marketer would say, in Japanese and in English."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from msgspec import Struct, field

from omotenashi.engine.calendar import DAY_MS, MINUTE_MS, Calendar
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Consented,
    Constant,
    Fact,
    Field,
    InList,
    InSegment,
    Not,
    Op,
    Period,
    Rule,
    Span,
    Statistic,
    Subject,
    When,
)

from . import facts

Language = Literal["ja", "en"]


class Names(Struct, frozen=True):
    """What the project calls things: segment id and event name -> label; derived event -> (sent name, rule).

    ``calendar`` is the project's, to say fixed dates by its clock; without it they are said in UTC.
    """

    segments: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    derived: dict[str, tuple[str, Rule]] = field(default_factory=dict)
    calendar: Calendar | None = None


def sentence(rule: Rule, language: Language, names: Names) -> str:
    """The whole rule as one sentence without its full stop: "Has not ... and ...", 「…であり、…」."""
    said = clause(rule, language, names)
    return said[:1].upper() + said[1:] if language == "en" else said


def clause(rule: Rule, language: Language, names: Names) -> str:
    """The rule as part of a sentence."""
    ja = language == "ja"
    if isinstance(rule, All | AnyOf):
        if not rule.of:
            everyone = isinstance(rule, All)
            return ("すべての人" if everyone else "誰でもない") if ja else ("everyone" if everyone else "nobody")
        parts = [_inside(part, rule, language, names) for part in rule.of]
        if isinstance(rule, All):
            return ("、かつ、" if ja else ", and ").join(parts)
        return ("、または、" if ja else ", or ").join(parts)
    if isinstance(rule, Not):
        return _negated(rule.of, language, names)
    if isinstance(rule, InSegment):
        name = names.segments.get(rule.segment, rule.segment)
        return f"セグメント「{name}」に含まれる" if ja else f"is in the segment “{name}”"
    if isinstance(rule, InList):
        return f"リスト「{rule.list}」に含まれる" if ja else f"is in the list “{rule.list}”"
    return _comparison(rule, language, names)


def subject(subject: Subject, language: Language, names: Names) -> str:
    """What is looked at: "the latest “price” of “cart”"; 「cart」の最新の「price」."""
    ja = language == "ja"
    if isinstance(subject, Field):
        return _quoted(".".join(subject.path), language)
    if isinstance(subject, Attribute):
        name = _quoted(".".join(subject.path), language)
        return f"属性{name}" if ja else f"the attribute {name}"
    if isinstance(subject, Consented):
        name = _quoted(subject.purpose, language)
        return f"{name}への同意" if ja else f"the consent to {name}"
    if isinstance(subject, Fact):
        return _fact(subject.name, language)
    return _statistic(subject, language, names)


def wanted(rule: Compare, language: Language, names: Names) -> str:
    """What is wanted of it: "is at least 3"; 「3以上である」."""
    if isinstance(rule.value, When | Span):
        return _dated(rule.op, rule.value, language, names.calendar or _UTC)
    if isinstance(rule.subject, Consented):
        return _plain(rule.op, rule.value, lambda state: _state(state, language), language)
    if isinstance(rule.subject, Fact) and rule.subject.name in ("member", "logged_in") and rule.op in (Op.EQ, Op.NE):
        said = rule.value is (rule.op is Op.EQ)
        return ("はい" if said else "いいえ") if language == "ja" else ("yes" if said else "no")
    return _plain(rule.op, rule.value, lambda value: _value(value, language), language)


_UTC: Final = Calendar("UTC")

_AGGREGATES: Final[dict[Aggregate, tuple[str, str]]] = {  # {e} the event, {f} the field
    Aggregate.COUNT: ("{e}の{f}の個数", "the number of {f} in {e}"),
    Aggregate.SUM: ("{e}の{f}の合計", "the total {f} of {e}"),
    Aggregate.AVG: ("{e}の{f}の平均", "the average {f} of {e}"),
    Aggregate.MIN: ("{e}の{f}の最小", "the smallest {f} of {e}"),
    Aggregate.MAX: ("{e}の{f}の最大", "the largest {f} of {e}"),
    Aggregate.FIRST: ("{e}の最初の{f}", "the first {f} of {e}"),
    Aggregate.LAST: ("{e}の最新の{f}", "the latest {f} of {e}"),
    Aggregate.PREVIOUS: ("{e}の変わる前の{f}", "the {f} of {e} before it last changed"),
    Aggregate.DISTINCT: ("{e}の{f}の種類の数", "the number of different {f} in {e}"),
    Aggregate.FIRST_AT: ("最初の{e}の日時", "the time of the first {e}"),
    Aggregate.LAST_AT: ("最新の{e}の日時", "the time of the latest {e}"),
}

_FACTS: Final[dict[str, tuple[str, str]]] = {
    "member": ("会員かどうか", "being a member"),
    "logged_in": ("ログイン中かどうか", "being logged in"),
    "visits": ("来訪回数", "the number of visits"),
    "views": ("閲覧ページ数の累計", "the number of pages ever viewed"),
    "first_seen_at": ("初回の来訪日時", "the first visit"),
    "last_seen_at": ("最後に来訪した日時", "the latest activity"),
    "device": ("デバイス", "the device"),
    "os": ("OS", "the operating system"),
    "browser": ("ブラウザ", "the browser"),
    "language": ("言語", "the language"),
    "country": ("国", "the country"),
}
_PLACES: Final = {
    "session": ("このセッション", "this session"),
    "previous_session": ("前回のセッション", "the previous session"),
    "first": ("初回の来訪", "the very first visit"),
    "page": ("現在のページ", "the current page"),
}
_OF_PLACE: Final = {
    "page_views": ("{p}の閲覧ページ数", "the number of pages viewed in {p}"),
    "seconds": ("{p}の滞在秒数", "the number of seconds spent in {p}"),
    "started_at": ("{p}の開始日時", "the start of {p}"),
    "referrer": ("{p}の参照元", "the referrer of {p}"),
    "ad": ("{p}の広告", "the advertisement of {p}"),
}
_OF_PAGE: Final = {"url": ("URL", "URL"), "host": ("ホスト", "host"), "path": ("パス", "path"), "title": ("タイトル", "title")}
_STATES: Final = {"unknown": "未回答", "granted": "許諾", "denied": "拒否", "withdrawn": "撤回", "expired": "期限切れ"}
EVENTS: Final[dict[str, tuple[str, str]]] = {
    "view": ("ページ閲覧", "page view"),
    "identify": ("会員情報の通知", "identification"),
    "attribute": ("属性の通知", "attributes given"),
    "consent": ("許諾の回答", "answer to a consent"),
    "_message_ready": ("メッセージの送出", "message handed over"),
    "_message_suppressed": ("メッセージの見送り", "message that gave way"),
    "_message_open": ("メッセージの表示", "message shown"),
    "_message_click": ("メッセージのクリック", "message clicked"),
    "_message_close": ("メッセージを閉じた", "message closed"),
    "_message_state_changed": ("メッセージの画面の切り替え", "message turned to another screen"),
    "_message_conflict": ("メッセージの重なり", "message in the way"),
    "_answer_question": ("アンケートへの回答", "question answered"),
    "_visibility": ("ページの表示時間", "time a page was in view"),
    "_recheck": ("時間による再判定", "decision as time passed"),
    "_release": ("表示予約の返却", "place given back"),
    "_error": ("スクリプトのエラー", "script error"),
    "_rage_click": ("クリックの連打", "rage click"),
    "_dead_click": ("反応のないクリック", "dead click"),
    "_quick_back": ("すぐに戻った", "quick return"),
    "_form_abandon": ("フォームの離脱", "form given up"),
    "_console_error": ("ページのエラー", "error on the page"),
    "_request_failed": ("通信の失敗", "request that failed"),
    "_web_vitals": ("ページの速さ", "how fast a page was"),
}
"""What reserved events are called where a project has no name of its own for them."""


_OPERATORS: Final[dict[Op, tuple[str, str]]] = {
    Op.EQ: ("{0}である", "is {0}"),
    Op.NE: ("{0}でない", "is not {0}"),
    Op.GT: ("{0}より大きい", "is more than {0}"),
    Op.GE: ("{0}以上である", "is at least {0}"),
    Op.LT: ("{0}未満である", "is less than {0}"),
    Op.LE: ("{0}以下である", "is at most {0}"),
    Op.BETWEEN: ("{0}以上{1}以下である", "is between {0} and {1}"),
    Op.NOT_BETWEEN: ("{0}以上{1}以下でない", "is not between {0} and {1}"),
    Op.CONTAINS: ("{0}を含む", "contains {0}"),
    Op.NOT_CONTAINS: ("{0}を含まない", "does not contain {0}"),
    Op.STARTS: ("{0}で始まる", "starts with {0}"),
    Op.NOT_STARTS: ("{0}で始まらない", "does not start with {0}"),
    Op.ENDS: ("{0}で終わる", "ends with {0}"),
    Op.NOT_ENDS: ("{0}で終わらない", "does not end with {0}"),
    Op.MATCHES: ("正規表現{0}に一致する", "matches the pattern {0}"),
    Op.NOT_MATCHES: ("正規表現{0}に一致しない", "does not match the pattern {0}"),
    Op.IN: ("{0}のいずれかである", "is one of {0}"),
    Op.NOT_IN: ("{0}のいずれでもない", "is none of {0}"),
    Op.EXISTS: ("ある", "is known"),
    Op.MISSING: ("ない", "is not known"),
}
_TIMES: Final[dict[Op, tuple[str, str]]] = {
    Op.EQ: ("ちょうど{0}回発生した", "happened exactly {0}"),
    Op.NE: ("{0}回以外の回数で発生した", "happened a number of times other than {0}"),
    Op.GT: ("{0}回より多く発生した", "happened more than {0}"),
    Op.GE: ("{0}回以上発生した", "happened at least {0}"),
    Op.LT: ("発生したのは{0}回未満である", "happened fewer than {0}"),
    Op.LE: ("発生したのは{0}回以下である", "happened at most {0}"),
    Op.BETWEEN: ("{0}回以上{1}回以下発生した", "happened {0} to {1}"),
    Op.NOT_BETWEEN: ("発生したのは{0}回以上{1}回以下ではない", "did not happen {0} to {1}"),
    Op.IN: ("発生した回数は{0}のいずれかである", "happened one of {0} times"),
    Op.NOT_IN: ("発生した回数は{0}のいずれでもない", "happened none of {0} times"),
}
_INSTANTS: Final[dict[Op, tuple[str, str]]] = {
    Op.EQ: ("{0}である", "is {0}"),
    Op.NE: ("{0}でない", "is not {0}"),
    Op.GT: ("{0}より後である", "is after {0}"),
    Op.GE: ("{0}以降である", "is {0} or later"),
    Op.LT: ("{0}より前である", "is before {0}"),
    Op.LE: ("{0}以前である", "is {0} or earlier"),
    Op.BETWEEN: ("{0}から{1}までである", "is from {0} to {1}"),
    Op.NOT_BETWEEN: ("{0}から{1}まででない", "is not from {0} to {1}"),
}
_AGES: Final[dict[Op, tuple[str, str]]] = {
    Op.GT: ("過去{0}以内である", "is within the last {0}"),
    Op.GE: ("過去{0}以内である", "is within the last {0}"),
    Op.LT: ("{0}より前である", "is more than {0} ago"),
    Op.LE: ("{0}以上前である", "is at least {0} ago"),
}
_UNITS: Final = (
    (7 * DAY_MS, "週間", "week"),
    (DAY_MS, "日", "day"),
    (60 * MINUTE_MS, "時間", "hour"),
    (MINUTE_MS, "分", "minute"),
)


def _inside(part: Rule, around: All | AnyOf, language: Language, names: Names) -> str:
    said = clause(part, language, names)
    if isinstance(part, All | AnyOf) and len(part.of) > 1 and type(part) is not type(around):
        return f"（{said}）" if language == "ja" else f"({said})"
    return said


def _negated(rule: Rule, language: Language, names: Names) -> str:
    ja = language == "ja"
    if isinstance(rule, InSegment | InList):
        said = clause(rule, language, names)
        return said.removesuffix("含まれる") + "含まれない" if ja else "is not" + said.removeprefix("is")
    if isinstance(rule, AnyOf) and len(rule.of) > 1:
        said = clause(rule, language, names)
        return f"次のいずれにも当てはまらない（{said}）" if ja else f"none of these is true ({said})"
    said = clause(rule, language, names)
    return f"次に当てはまらない（{said}）" if ja else f"this is not true ({said})"


def _comparison(rule: Compare, language: Language, names: Names) -> str:
    ja = language == "ja"
    about = rule.subject
    if isinstance(about, Statistic) and about.aggregate is Aggregate.COUNT and not about.path:
        return _happened(about, rule.op, rule.value, language, names)
    if isinstance(about, Fact):
        special = _special_fact(about.name, rule.op, rule.value, language)
        if special is not None:
            return special
    particle = "が" if ja else " "
    return f"{subject(about, language, names)}{particle}{wanted(rule, language, names)}"


def _happened(statistic: Statistic, op: Op, value: Constant, language: Language, names: Names) -> str:
    ja = language == "ja"
    event, period = _event(statistic, language, names), _period(statistic.period, language)
    prefix = f"{period}に{event}が" if ja and period else f"{event}が" if ja else event
    suffix = "" if ja or not period else f" {period}"
    if op is Op.MISSING or (op in (Op.EQ, Op.LE) and value == 0) or (op is Op.LT and value == 1):
        return f"{prefix}一度も発生していない" if ja else f"{prefix} has not happened{suffix}"
    if op is Op.EXISTS or (op in (Op.NE, Op.GT) and value == 0):
        op, value = Op.GE, 1
    template = _TIMES[op][0 if ja else 1]
    if isinstance(value, tuple) and op in (Op.IN, Op.NOT_IN):
        return (
            f"{prefix}{template.format('、'.join(map(_number, value)))}"
            if ja
            else f"{prefix} {template.format(_joined(value, language))}{suffix}"
        )
    values: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
    if ja:
        return prefix + template.format(*map(_number, values))
    return f"{prefix} {template.format(*_counted(values))}{suffix}"


def _counted(values: Sequence[Any]) -> list[str]:
    """The last of the numbers as times: once, 3 times."""
    if len(values) == 1 and values[0] == 1:
        return ["once"]
    return [*map(_number, values[:-1]), f"{_number(values[-1])} times"]


def _statistic(statistic: Statistic, language: Language, names: Names) -> str:
    ja = language == "ja"
    event, period = _event(statistic, language, names), _period(statistic.period, language)
    if statistic.aggregate is Aggregate.COUNT and not statistic.path:
        counted = f"{event}の発生回数" if ja else f"the number of {event}"
    else:
        name = _quoted(".".join(statistic.path), language) if statistic.path else ""
        counted = _AGGREGATES[statistic.aggregate][0 if ja else 1].format(e=event, f=name)
        if statistic.aggregate in (Aggregate.FIRST_AT, Aggregate.LAST_AT) and name:
            counted += f"（{name}があるもの）" if ja else f" that has {name}"
    if not period:
        return counted
    return f"{period}の{counted}" if ja else f"{counted} {period}"


def _event(statistic: Statistic, language: Language, names: Names) -> str:
    """The event by its label, a derived one by its own; what else it is filtered by in parentheses."""
    ja = language == "ja"
    rest = _flat(statistic.where)
    best: tuple[int, str] | None = None
    for derived, (sent, condition) in names.derived.items():
        parts = _flat(condition)
        if sent == statistic.event and parts and rest[: len(parts)] == parts and (best is None or len(parts) > best[0]):
            best = (len(parts), derived)
    name = statistic.event
    if best is not None:
        rest, name = rest[best[0] :], best[1]
    built_in = EVENTS.get(name)
    label = names.events.get(name) or (built_in[0 if ja else 1] if built_in else name)
    said = _quoted(label, language)
    if not rest:
        return said
    condition_said = clause(rest[0] if len(rest) == 1 else All(rest), language, names)
    return f"{said}（{condition_said}）" if ja else f"{said} (where {condition_said})"


def _flat(where: Rule | None) -> tuple[Rule, ...]:
    if where is None:
        return ()
    return where.of if isinstance(where, All) else (where,)


def _period(period: Period, language: Language) -> str:
    ja = language == "ja"
    if period.kind == "all":
        return ""
    if period.kind == "session":
        return "このセッション" if ja else "in this session"
    if period.kind == "previous_session":
        return "前回のセッション" if ja else "in the previous session"
    if period.kind == "between":
        return (
            f"{_day(period.start, language)}から{_day(period.end, language)}まで"
            if ja
            else f"from {period.start} to {period.end}"
        )
    if period.kind == "days" and period.n == 1:
        return "今日" if ja else "today"
    unit = ("日間", "days") if period.kind == "days" else ("時間", "hours")
    if ja:
        return f"過去{period.n}{unit[0]}"
    return f"in the last {period.n} {unit[1]}" if period.n > 1 else "in the last hour"


def _fact(name: str, language: Language) -> str:
    index = 0 if language == "ja" else 1
    if name in _FACTS:
        return _FACTS[name][index]
    fact = facts.known(name)
    if fact is None:
        return name
    where = _PLACES[fact.place][index]
    rest = name.removeprefix(f"{fact.place}.")
    if rest in _OF_PLACE:
        return _OF_PLACE[rest][index].format(p=where)
    if rest.startswith("utm."):
        return f"{where}の utm_{fact.key}" if index == 0 else f"the utm_{fact.key} of {where}"
    page = where if fact.place == "page" else f"{where}の最初のページ" if index == 0 else f"the landing page of {where}"
    what = _quoted(fact.key, language) if fact.key else _OF_PAGE[fact.attribute][index]
    if fact.key:
        return f"{page}のURLパラメータ{what}" if index == 0 else f"the URL parameter {what} of {page}"
    return f"{page}の{what}" if index == 0 else f"the {what} of {page}"


def _special_fact(name: str, op: Op, value: Constant, language: Language) -> str | None:
    """Facts that have a better way to be said than *subject is value*."""
    ja = language == "ja"
    if name in ("member", "logged_in") and op in (Op.EQ, Op.NE) and isinstance(value, bool):
        positive = value is (op is Op.EQ)
        if name == "member":
            return ("会員である" if positive else "会員でない") if ja else ("is a member" if positive else "is not a member")
        if ja:
            return "ログインしている" if positive else "ログインしていない"
        return "is logged in" if positive else "is not logged in"
    place, _, rest = name.partition(".")
    if rest == "ad" and op in (Op.EXISTS, Op.MISSING):
        where = _PLACES[place][0 if ja else 1]
        if ja:
            return f"{where}で広告から来訪した" if op is Op.EXISTS else f"{where}で広告から来訪していない"
        return f"came from an advertisement in {where}" if op is Op.EXISTS else f"did not come from an advertisement in {where}"
    return None


def _plain(op: Op, value: Constant, said: Any, language: Language) -> str:
    template = _OPERATORS[op][0 if language == "ja" else 1]
    if isinstance(value, tuple):
        if op in (Op.BETWEEN, Op.NOT_BETWEEN):
            return template.format(*map(said, value))
        return template.format(("、" if language == "ja" else ", ").join(map(said, value)))
    return template.format(said(value))


def _dated(op: Op, value: When | Span, language: Language, calendar: Calendar) -> str:
    index = 0 if language == "ja" else 1
    if isinstance(value, Span):
        start, end = _when(value.start, language, calendar), _when(value.end, language, calendar)
        if start == end:
            return _INSTANTS[Op.EQ if op is Op.BETWEEN else Op.NE][index].format(start)
        return _INSTANTS[op][index].format(start, end)
    if value.ago_ms is not None and op in _AGES:
        return _AGES[op][index].format(_length(value.ago_ms, language))
    return _INSTANTS[op][index].format(_when(value, language, calendar))


def _when(when: When, language: Language, calendar: Calendar) -> str:
    """A day when the instant is its edge, else day and time."""
    ja = language == "ja"
    if when.ago_ms is not None:
        return f"{_length(when.ago_ms, language)}前" if ja else f"{_length(when.ago_ms, language)} ago"
    if when.at is None:
        return _near_day(when.days or 0, language)
    day = calendar.day(when.at)
    local = calendar.local(when.at)
    said = _day(local.date().isoformat(), language)
    if when.at in (calendar.day_start(day), calendar.day_start(day + 1) - 1):
        return said
    return f"{said} {local:%H:%M}" if local.second == 0 else f"{said} {local:%H:%M:%S}"


def _near_day(days: int, language: Language) -> str:
    ja = language == "ja"
    near = {0: ("今日", "today"), -1: ("昨日", "yesterday"), 1: ("明日", "tomorrow")}.get(days)
    if near is not None:
        return near[0 if ja else 1]
    if ja:
        return f"{abs(days)}日前" if days < 0 else f"{days}日後"
    return f"{abs(days)} days ago" if days < 0 else f"{days} days from today"


def _day(iso: str, language: Language) -> str:
    if language == "en":
        return iso
    year, month, day = iso.split("-")
    return f"{int(year)}年{int(month)}月{int(day)}日"


def _length(ms: int, language: Language) -> str:
    for size, ja, en in _UNITS:
        if ms >= size and ms % size == 0:
            number = ms // size
            return f"{number}{ja}" if language == "ja" else f"{number} {en}{'' if number == 1 else 's'}"
    return f"{ms / 1000:g}秒" if language == "ja" else f"{ms / 1000:g} seconds"


def _value(value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value)
    return _quoted(str(value), language)


def _state(value: Any, language: Language) -> str:
    return _quoted(_STATES.get(str(value), str(value)), language) if language == "ja" else str(value)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _joined(values: Sequence[Any], language: Language) -> str:
    return ("、" if language == "ja" else ", ").join(map(_number, values))


def _quoted(text: str, language: Language) -> str:
    return f"「{text}」" if language == "ja" else f"“{text}”"
