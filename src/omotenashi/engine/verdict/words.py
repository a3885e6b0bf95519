"""A verdict, and the numbers it rests on, as a plain sentence in Japanese and in English."""

from math import floor
from typing import Final, Literal

from .difference import ALPHA, Difference, Rate

Language = Literal["ja", "en"]
Verdict = Literal["no_goal", "nobody", "no_base", "too_early", "better", "likely_better", "open", "likely_worse", "worse"]

NARROW: Final = "\u202f"
"""Between a number and its unit in English: no line breaks here."""
LIKELY: Final = 0.8
"""From which confidence on a difference that is not settled is called likely."""


def verdict(found: Difference | None) -> Verdict:
    """What a comparison allows one to say; nothing yet when there is none."""
    if found is None:
        return "too_early"
    if found.confidence >= 1 - ALPHA:
        return "better" if found.estimate > 0 else "worse"
    if found.confidence >= LIKELY:
        return "likely_better" if found.estimate > 0 else "likely_worse"
    return "open"


def headline(said: Verdict, shown: Rate, base: Rate | None, confidence: float, language: Language) -> str:
    """The report's first sentence: whom it reached, what they did, what others did without it, and the verdict."""
    ja = language == "ja"
    if said == "nobody":
        return "まだ誰にも表示していません。" if ja else "Shown to nobody yet."
    people = f"{shown.people:,}"
    begun = f"{people}人に表示しました。" if ja else f"Shown to {people} {'person' if shown.people == 1 else 'people'}; "
    if said == "no_goal":
        unknown = "ゴールが決められていないので、効果は測れません。" if ja else "without a goal its effect cannot be measured."
        return begun + unknown
    reached = _percent(shown.share, language)
    if base is None:
        if ja:
            return f"{begun}ゴールに達したのは{reached}。未実施の人がいないので、効果があったかは分かりません。"
        return f"{begun}{reached} reached the goal. Nobody is held out, so it is unknown whether the message made the difference."
    without, judged = _percent(base.share, language), _judged(said, confidence, language)
    if ja:
        return f"{begun}ゴールに達したのは{reached}、未実施の人では{without}。{judged}。"
    return f"{begun}{reached} reached the goal, {without} without it; {judged}."


def against(said: Verdict, name: str, rate: Rate, base_name: str, base: Rate, confidence: float, language: Language) -> str:
    """One arm against another."""
    if language == "ja":
        return (
            f"「{name}」は{_percent(rate.share, language)}、「{base_name}」は{_percent(base.share, language)}。"
            f"{_judged(said, confidence, language)}。"
        )
    return (
        f"{name}: {_percent(rate.share, language)}, {base_name}: {_percent(base.share, language)}; "
        f"{_judged(said, confidence, language)}."
    )


def meaning(said: Verdict, confidence: float, language: Language) -> str:
    """What the verdict's percentage is, exactly; "" where it has none."""
    if said not in ("better", "likely_better", "likely_worse", "worse"):
        return ""
    sure, out_of = _sure(confidence, language), max(100 - floor(confidence * 100), 1)
    if language == "ja":
        return (
            f"{sure}の意味：本当は効果のない接客サービスが100あったとして、いつ何度見ても、"
            f"これほどはっきりした差が一度でも現れるのは、多くて{out_of}です。"
        )
    return (
        f"What {sure} means: of 100 campaigns without any effect, at most {out_of} would ever show a difference as clear as "
        "this, on whichever day and however often one looks."
    )


def _judged(said: Verdict, confidence: float, language: Language) -> str:
    ja = language == "ja"
    sure = _sure(confidence, language)
    match said:
        case "better":
            return f"効果がありました（{sure}）" if ja else f"better, {sure}"
        case "likely_better":
            return f"おそらく効果があります（{sure}）" if ja else f"likely better, {sure}"
        case "worse":
            return f"逆効果でした（{sure}）" if ja else f"worse, {sure}"
        case "likely_worse":
            return f"おそらく逆効果です（{sure}）" if ja else f"likely worse, {sure}"
        case "open":
            return "まだ差があるとは言えません" if ja else "no difference can be told yet"
        case _:
            return "判断するにはまだ人数が足りません" if ja else "too early to say"


def _percent(share: float, language: Language) -> str:
    text = f"{share * 100:.1f}"
    return f"{text}%" if language == "ja" else f"{text}{NARROW}%"


def _sure(confidence: float, language: Language) -> str:
    whole = floor(confidence * 100)
    space = "" if language == "ja" else NARROW
    if whole >= 99:
        return "99%以上" if language == "ja" else f"over 99{NARROW}%"
    return f"{whole}{space}%"
