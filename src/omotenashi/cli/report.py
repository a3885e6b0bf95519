"""``omotenashi report``: what a campaign did, as lines for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from .telling import Teller, table
from .words import Language

_BECAUSE: Final = {
    "first": ("{at}の公開から初めて表示した人を数えています。", "Counts everybody first shown since it was published on {at}."),
    "shares": (
        "{at}に振り分けの割合を変えてから初めて表示した人を数えています。",
        "Counts everybody first shown since the shares of its arms changed on {at}.",
    ),
    "goal": (
        "{at}にゴールを変えてから初めて表示した人を数えています。",
        "Counts everybody first shown since its goal changed on {at}.",
    ),
}


def report_lines(found: Mapping[str, Any], language: Language, teller: Teller) -> list[str]:
    """The staff API's report: the verdict first, then where people stopped, then each arm."""

    def say(ja: str, en: str) -> str:
        return ja if language == "ja" else en

    proof, period = found["proof"], found["period"]
    now = teller.minute(found["as_of"])
    days = say(
        f"{period['first']}〜{period['last']}（{period['time_zone']}）・{now}時点",
        f"{period['first']} to {period['last']} ({period['time_zone']}), as of {now}",
    )
    lines = [
        click.style(f"{found['name'][language]}  {found['campaign']}", bold=True),
        click.style(days, dim=True),
        "",
        proof["headline"][language],
    ]
    if proof["meaning"][language]:
        lines.append(proof["meaning"][language])
    lines.append(_since(found["since"], language, teller))
    lines += (f"· {one['sentence'][language]}" for one in proof["others"])
    fairness = proof["fairness"]
    if fairness and fairness["alarm"]:
        warning = say(
            "! 振り分けが設定した割合と合いません。原因がわかるまで、結論には使えません。",
            "! People were not divided as configured. Until the reason is known, conclude nothing.",
        )
        lines.append(click.style(warning, fg="yellow"))
    if found["stream"]:
        lines += [
            "",
            *_gates(found["stream"], say("判定段階,ここまで来た人,ここで止まった人", "Gate,Came so far,Stopped here"), teller),
        ]
    return [*lines, "", *_arms(found["arms"], bool(found["values"]), language)]


def _since(since: Mapping[str, Any], language: Language, teller: Teller) -> str:
    ja = language == "ja"
    said = _BECAUSE.get(since["why"], _BECAUSE["first"])[0 if ja else 1].format(at=teller.day(since["at"]))
    people, crossed = f"{since['people']:,}", f"{since['crossed']:,}"
    if ja:
        return f"{said}{people}人" + (f"（二つの振り分けに触れた{crossed}人は除いています）" if since["crossed"] else "")
    return f"{said} So far {people}" + (f"; {crossed} who met two arms are left out." if since["crossed"] else ".")


def _gates(stream: Sequence[Mapping[str, Any]], head: str, teller: Teller) -> list[str]:
    rows = [[teller.gate(one["gate"]), f"{one['reached']:,}", f"{one['stopped']:,}"] for one in stream]
    return table(head.split(","), rows)


def _arms(arms: Sequence[Mapping[str, Any]], has_values: bool, language: Language) -> list[str]:
    head = (
        "振り分け,表示回数,人数,クリック率,判断する人,ゴール,割合,95%の範囲,ひとりあたりの値"
        if language == "ja"
        else "Arm,Shown,People,Clicked,Judged,Goal,Rate,95 % range,Value per person"
    ).split(",")
    rows = [_arm(arm, has_values) for arm in arms]
    return table(head if has_values else head[:-1], rows)


def _arm(arm: Mapping[str, Any], has_values: bool) -> list[str]:
    whole, within = arm["whole"], arm["within"]
    value = whole["goal_value_per_person"]
    row = [
        f"{arm['name'] or arm['action']} ({arm['action']})",
        f"{whole['shown']:,}",
        f"{whole['people']:,}",
        _share(None if arm["holdout"] else whole["click_rate"]),
        f"{whole['judged']:,}",
        f"{whole['achievers']:,}",
        _share(whole["goal_rate"]),
        "–" if within is None else f"{_share(within['low'])} – {_share(within['high'])}",
    ]
    return [*row, "–" if value is None else f"{value:,.2f}"] if has_values else row


def _share(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f} %"
