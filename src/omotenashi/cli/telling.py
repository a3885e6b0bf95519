"""The staff API's answers as lines for a terminal, in the words of the person who reads them."""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from .words import CLOSED_BY, DEVICES, GATES, KEYS, MOMENTS, QUIET, UNOPENED, WEEKDAYS, Language

_LONGEST: Final = 100
_WIDEST: Final = 120
_UNSAID: Final = frozenset(("campaign", "action", "reservation", "holdout", "until", "page_view", "winner", "first"))
_THIS_CENTURY_MS: Final = 946_684_800_000


class Teller:
    """Speaks one language about one project, whose ``names`` are the answer of ``/names``; instants by the project's clock."""

    def __init__(self, language: Language, time_zone: str, names: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self._language: Language = language
        self._zone = ZoneInfo(time_zone)
        self._names = names

    def _say(self, ja: str, en: str) -> str:
        return ja if self._language == "ja" else en

    def name(self, kind: str, one: str) -> str:
        """What the project calls a campaign, segment, event or action; its id when it has no name (any more)."""
        found = self._names.get(kind, {}).get(one)
        return one if found is None else found[self._language]

    def joined(self, things: Iterable[str]) -> str:
        """Things one after the other."""
        return self._say("、", ", ").join(things)

    # A person

    def person(self, who: Mapping[str, Any]) -> list[str]:
        """Who somebody is, in a few lines."""
        lines = [click.style(self._person_name(who), bold=True)]
        first, last = self.day(who["first_seen_at"]), self.minute(who["last_seen_at"])
        lines.append(
            self._say(
                f"来訪 {who['visits']:,}回・閲覧 {who['views']:,}ページ・初回 {first}・最終 {last}",
                f"{_many(who['visits'], 'visit')}, {_many(who['views'], 'page')}, first seen {first}, last seen {last}",
            )
        )
        labels: list[tuple[str, str]] = []
        device = self._device(who)
        if device:
            labels.append((self._say("環境", "Device"), self.joined(device)))
        attributes = {name: value for name, value in who["attributes"].items() if name not in ("name", "user_id")}
        if attributes:
            labels.append(
                (self._say("属性", "Attributes"), self.joined(f"{name}: {self._values(v)}" for name, v in attributes.items()))
            )
        if who["segments"]:
            labels.append(
                (self._say("セグメント", "Segments"), self.joined(self.name("segments", one) for one in who["segments"]))
            )
        width = max((columns(label) for label, _ in labels), default=0)
        return lines + [f"{padded(label, width)}  {text}" for label, text in labels]

    def _device(self, who: Mapping[str, Any]) -> list[str]:
        index = 0 if self._language == "ja" else 1
        return [DEVICES[part][index] if part in DEVICES else str(part) for part in who["device"] if part]

    def _person_name(self, who: Mapping[str, Any]) -> str:
        name = next((str(value) for value in who["attributes"].get("name", []) if value), "")
        known = who["user_id"] or who["person"]
        return f"{name}  {known}" if name else str(known)

    def _values(self, values: Sequence[Any]) -> str:
        return self.joined(self.value(value) for value in values)

    def people(self, people: Sequence[Mapping[str, Any]]) -> list[str]:
        """A table of people, the latest first."""
        head = self._say("最終,来訪,ページ,会員,名前,環境,ID", "Last seen,Visits,Pages,Member,Name,Device,ID").split(",")
        rows = [
            [
                self.minute(who["last_seen_at"]),
                f"{who['visits']:,}",
                f"{who['views']:,}",
                who["user_id"] or "–",
                next((str(value) for value in who["attributes"].get("name", []) if value), "–"),
                next(iter(self._device(who)), "–"),
                who["person"],
            ]
            for who in people
        ]
        return table(head, rows)

    # A story

    def story(self, moments: Sequence[Mapping[str, Any]]) -> list[str]:
        """What happened, newest first, under a heading for each session."""
        width = min(max((columns(self._moment_name(moment["name"])) for moment in moments), default=0), 24)
        lines: list[str] = []
        session = day = ""
        for moment in moments:
            at = self._local(moment["at"])
            if (moment.get("session") or session, at.date().isoformat()) != (session, day):
                session, day = moment.get("session") or session, at.date().isoformat()
                weekday = WEEKDAYS[at.weekday()][0 if self._language == "ja" else 1]
                lines += ["", click.style(self._say(f"{day}（{weekday}）", f"{weekday} {day}"), bold=True)]
            name = self._moment_name(moment["name"])
            tested = self._say("［テスト］", "[test] ") if moment.get("test") else ""
            line = f"  {at:%H:%M:%S}  {padded(name, width)}  {tested}{self._told(moment)}".rstrip()
            lines.append(click.style(line, dim=True) if moment["name"] in QUIET else line)
            lines += self._decisions(moment.get("gates", ()), " " * (14 + width))
        return lines

    def _moment_name(self, name: str) -> str:
        known = self.name("events", name)
        return MOMENTS[name][0 if self._language == "ja" else 1] if known == name and name in MOMENTS else known

    def _decisions(self, gates: Sequence[Mapping[str, str]], margin: str) -> list[str]:
        """What each campaign decided: one line for each that was shown, one for each gate where others ended."""
        ended: dict[str, list[str]] = {}
        for decided in gates:
            ended.setdefault(decided["gate"], []).append(self.name("campaigns", decided["campaign"]))
        lines = [click.style(f"{margin}✓ {name}", fg="green") for name in ended.pop("shown", [])]
        for gate, campaigns in ended.items():
            head = f"{margin}· {self.gate(gate)}: "
            lines += (click.style(line, dim=True) for line in wrapped(head, campaigns, self._say("、", "; "), len(margin) + 2))
        return lines

    def gate(self, gate: str) -> str:
        """Where a decision ended."""
        return GATES[gate][0 if self._language == "ja" else 1]

    def unopened(self, reason: str) -> str:
        """Why a page did not show what it was given; a reason we have no words for stands as it is."""
        return UNOPENED[reason][0 if self._language == "ja" else 1] if reason in UNOPENED else reason

    def _told(self, moment: Mapping[str, Any]) -> str:
        values: Mapping[str, Any] = moment.get("values", {})
        if moment["name"] == "view" and "path" in values:
            return shortened(f"{values['path']}  {values.get('title', '')}".rstrip())
        parts: list[str] = []
        if "campaign" in values:
            action = self.name("actions", str(values.get("action", "")))
            told = self.name("campaigns", str(values["campaign"]))
            held = self._say("（未実施グループ）", " (held out)") if values.get("holdout") is True else ""
            parts.append((f"{told} / {action}" if action and not held else told) + held)
        if "winner" in values:
            parts.append(self._say("優先: ", "in favour of: ") + self.name("campaigns", str(values["winner"])))
        if "by" in values and values["by"] in CLOSED_BY:
            parts.append(CLOSED_BY[values["by"]][0 if self._language == "ja" else 1])
            values = {name: value for name, value in values.items() if name != "by"}
        if moment["name"] in ("released", "_release") and values.get("reason") in UNOPENED:
            parts.append(self.unopened(values["reason"]))
            values = {name: value for name, value in values.items() if name != "reason"}
        said = [f"{name}: {self.value(value)}" for name, value in values.items() if name not in _UNSAID and value is not False]
        return shortened(self._say("・", " · ").join([*parts, *said]))

    # A reason

    def reason(self, found: Mapping[str, Any], who: Mapping[str, Any]) -> list[str]:
        """Whether a campaign would be shown to somebody, and the values that say so."""
        lines = [click.style(f"{self.name('campaigns', found['campaign'])} → {self._person_name(who)}", bold=True)]
        action = self.name("actions", found["action"]) if found.get("action") else ""
        if found["gate"] == "shown":
            verdict = self._say("✓ 次の機会に表示されます", "✓ It would be shown at the next opportunity")
            lines.append(click.style(verdict + (f" ({action})" if action else ""), fg="green"))
        else:
            lines.append(click.style(self._say("✗ 表示されません: ", "✗ Not shown: ") + self.gate(found["gate"]), fg="yellow"))
        unshown = found.get("unshown")
        if unshown:
            when, why = self.minute(unshown["at"]), self.unopened(unshown["reason"])
            before = self._say("  前回は届きましたが表示されませんでした: ", "  Sent before, but not shown: ")
            lines.append(f"{before}{why} ({when})")
        if found.get("winner"):
            lines.append(self._say("  表示中の接客: ", "  On the page: ") + self.name("campaigns", found["winner"]))
        rows = [
            [
                "✓" if row["passed"] else "✗",
                row[f"subject_{self._language}"],
                row[f"wanted_{self._language}"],
                self.value(row["found"]),
            ]
            for row in found["compared"]
        ]
        if rows:
            head = self._say(",条件,必要な値,実際の値", ",Condition,Wanted,Found").split(",")
            lines += ["", *(f"  {line}" for line in table(head, rows))]
        return lines

    # Keys

    def keys(self, keys: Sequence[Mapping[str, str]]) -> list[str]:
        """The project's keys and what each is for."""
        ja = self._language == "ja"
        rows = [[KEYS[key["kind"]][0 if ja else 1], key["key"], KEYS[key["kind"]][2 if ja else 3]] for key in keys]
        return table([], rows)

    # Values and instants

    def value(self, value: Any) -> str:
        """A value as people write it."""
        match value:
            case None:
                return self._say("なし", "none")
            case bool():
                return self._say("はい", "yes") if value else self._say("いいえ", "no")
            case int() | float():
                is_instant = _THIS_CENTURY_MS <= value < 4 * _THIS_CENTURY_MS
                return self.minute(int(value)) if is_instant else f"{value:,}"
            case str():
                return value
            case list():
                things: list[Any] = value
                if any(isinstance(one, dict | list) for one in things) or not things:
                    return self._say(f"{len(things)}件", f"{len(things)}")
                return self.joined(self.value(one) for one in things)
            case _:
                return json.dumps(value, ensure_ascii=False)

    def _local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone)

    def day(self, at: int) -> str:
        """The project's day of an instant in ms."""
        return self._local(at).strftime("%Y-%m-%d")

    def minute(self, at: int) -> str:
        """The project's day and time of an instant in ms."""
        return self._local(at).strftime("%Y-%m-%d %H:%M")


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns, two spaces between them, below a dim ``head`` if there is one."""
    everything = [head, *rows] if head else list(rows)
    widths = [max(columns(cell) for cell in column) for column in zip(*everything, strict=True)]
    lines = ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in everything]
    return [click.style(lines[0], dim=True), *lines[1:]] if head else lines


def wrapped(head: str, things: Sequence[str], between: str, margin: int) -> list[str]:
    """``head`` and the things after it, on as many lines as they need; the later ones begin at ``margin``."""
    lines, line, is_first = list[str](), head, True
    for thing in things:
        if not is_first and columns(line + between + thing) > _WIDEST:
            lines.append((line + between).rstrip())
            line, is_first = " " * margin, True
        line += thing if is_first else between + thing
        is_first = False
    return [*lines, line]


def columns(text: str) -> int:
    """How wide a text stands in a terminal; Japanese letters take two columns."""
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def padded(text: str, width: int) -> str:
    """The text and as many spaces as make it ``width`` columns wide."""
    return text + " " * (width - columns(text))


def shortened(text: str) -> str:
    """The text, cut where it would become too long for a line."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
