"""Whatever the code tells people has Japanese, and reads like it."""

import ast
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import omotenashi
from omotenashi.configuration.language import in_language, japanese

HOME = Path(omotenashi.__file__).parent
ROOMS = ("configuration/*.py", "console/**/*.py", "edge/admit.py", "engine/rules/parse.py", "engine/rules/filters.py")
ELSEWHERE = {"cli/*.py": "Failed", "boot/console.py": "Fact"}
"""Rooms that say most in both languages themselves, and what they hand over in English."""

SOMETHING = "7"
"""What stands where a message tells a value."""

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
ENGLISH = re.compile(r"\b[a-z]+,? [a-z]+\b")
WORDS = re.compile(r"\b[a-z]+ [a-z]+\b")
CODE = re.compile(r"「[^」]*」|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}|\{[^{}]*\}|'[^']*'|\"[^\"]*\"")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z]+)\}", text))


NOT_TOLD = {
    "means a list of files": r"project\.yaml, events/NAME\.yaml",
    "names a file": r"\(built in\) templates/",
    "is what a plan compares, before and after": r"built in: as this|what all templates share|only comments or layout",
    "is a comment in a file": r"# 7 / 7 \(omotenashi recipe",
    "describes a schema to an editor": (
        r"A condition; a list|A path such as /sale\*|What is put into a|What is counted|Omotenashi: every kind|a rule as it would"
        r"|for people: English"
    ),
    "is a part of a sentence, which is looked at as a whole": (
        r", at (least|most) 7|one of $|7; nothing was changed| for a |; put it in|expected the name of a 7$|; there is none yet|"
        r", got 7|(purpose of project\.yaml|variable of the template 7:|state of the template 7:|column of 7:)$"
    ),
    "is SVG": r"svg g defs|id class d",
    "is HTML or JavaScript": r"<!doctype|<script>",
    "is a header": r"(private|public), max-age|sandbox allow|default-src|openid email profile",
    "is for the log": r"%s %s failed|the console's pages are not built",
    "names a change in the audit log": r"back to a draft|taken up",
    "describes an answer to programmers": r"Somebody else changed the same places",
    "names a browser among the test people, which can be renamed": r"test people: a browser of",
    "is nobody's password": r"the password of nobody",
}
"""What people are not told, by the reason."""


def test_everything_that_people_are_told_has_japanese() -> None:
    excused = re.compile("|".join(f"(?:{pattern})" for pattern in NOT_TOLD.values()))
    told = [(where, text) for where, text in every_text() if not excused.match(text)]
    assert [f"{where}: {text}" for where, text in told if not has_japanese(text)] == []


SAID = [
    ("is missing", "必須です。"),
    (
        "expected a CSS selector that is closed with ']'; found 'p['",
        "「]」で閉じた CSS セレクターを指定してください（入力：「p[」）。",
    ),
    ("expected a whole number of seconds, 0 to 3600; found 4000", "0〜3600の整数（秒）を指定してください（入力：「4000」）。"),
    (
        "expected a share between 0% and 100% in steps of 0.1%, such as 12.5% or a share between 0 and 100 in steps of 0.1",
        "12.5% のような割合（0%〜100%、0.1%きざみ）、または0〜100の割合（0.1きざみ）を指定してください。",
    ),
    ("expected a whole number, 0 or more; found nothing", "0以上の整数を指定してください（入力：空欄）。"),
    ("expected true or false or a list; found nothing", "true か false、またはリストを指定してください（入力：空欄）。"),
    (
        "expected a name of 1 to 200 characters or {ja, en}; found 3",
        "1〜200文字の名前、または {ja, en} を指定してください（入力：「3」）。",
    ),
    ("unknown key; expected one of id, name", "使えない項目名です。使えるのは次のとおりです：id, name"),
    ("expected one of ja, en; found a list", "次のいずれかを指定してください：ja, en（入力：リスト）"),
    ("expected one of =, != for a boolean, got '>'", "真偽値の比較には次のいずれかを指定してください：=, !=（入力：「>」）"),
    ("expected one of a, b; found 'x; found y'", "次のいずれかを指定してください：a, b（入力：「x; found y」）"),
    (
        "unknown segment 'rich'; expected one of none, there are none",
        "セグメント「rich」はありません。使えるのは次のとおりです：なし",
    ),
    (
        "unknown variable of the template modal: 'titel'; expected one of title",
        "テンプレート modal に変数「titel」はありません。使えるのは次のとおりです：title",
    ),
    ("expected something here; this may not be left empty", "空にはできません。入力してください。"),
    ("expected at most 30 characters, here are 45; found 'abc'", "30文字以内にしてください（いまは45文字）。"),
    ("expected 5 or more; found '3'", "5以上の数値を指定してください（入力：「3」）。"),
    ("expected a number or nothing; found 'dear'", "数値（または空欄）を指定してください（入力：「dear」）。"),
    ("expected weights of at most 100% in all; found 120%", "比率の合計は100%以内にしてください（いまは120%）。"),
    ("expected an end after the start", "終了は開始より後にしてください。"),
    (
        "expected an event that can be ignored; view starts the campaign hello",
        "無視できるイベントを指定してください。view は接客サービス hello のきっかけです。",
    ),
    (
        "expected the name of a segment: rich, new, got 'rihc'; did you mean 'rich'?",
        "セグメントの名前を指定してください：rich, new（入力：「rihc」）。「rich」のことですか？",
    ),
    (
        "rule.all[1].value: expected a text, got 7; put it in quotes: '7'",
        "rule.all[1].value：文字列を指定してください（入力：「7」）。'7' のように引用符で囲んでください。",
    ),
    (
        '{{ title }}: expected inside quotes, as in class="{{ ... }}"',
        '{{ title }}：class="{{ ... }}" のように引用符の中に書いてください。',
    ),
    (
        "not Liquid: expected tag name, found 'output'",
        "Liquid の書き方が正しくありません：expected tag name, found 'output'",
    ),
    ("no project 'x'; there are none yet", "プロジェクト「x」はありません。見られるのは次のとおりです：なし"),
    (
        "this needs the right people and edit for project shop",
        "この操作には、プロジェクト「shop」での people、edit の権限が必要です。",
    ),
    ("2 problems; nothing was changed", "2件の問題があります。何も変更していません。"),
    ("mail address, password or code are not right", "メールアドレス、パスワード、コードのいずれかが正しくありません。"),
    ("something that nobody has translated", "something that nobody has translated"),
]


@pytest.mark.parametrize(("english", "said"), SAID)
def test_it_reads_as_somebody_would_write_it(english: str, said: str) -> None:
    assert (in_language(english, "ja"), in_language(english, "en")) == (said, english)


def test_what_stands_in_japanese_stands_for_what_the_english_tells() -> None:
    catalogue = japanese()
    for english, said in (catalogue.sentences | catalogue.phrases).items():
        assert placeholders(said) <= placeholders(english), english


def test_the_catalogue_is_in_the_order_of_the_alphabet() -> None:
    for part in (japanese().sentences, japanese().phrases, japanese().values):
        assert list(part) == sorted(part)


@pytest.mark.parametrize("reason", NOT_TOLD)
def test_no_excuse_is_left_over(reason: str) -> None:
    assert any(re.match(NOT_TOLD[reason], text) for _, text in every_text())


@cache
def every_text() -> tuple[tuple[str, str], ...]:
    """Everything that looks like English, with its place; each of the ways that a text with conditions may go."""
    return tuple(read())


def read() -> Iterator[tuple[str, str]]:
    for room in (*ROOMS, *ELSEWHERE):
        for file in sorted(HOME.glob(room)):
            tree = ast.parse(file.read_text("utf-8"))
            for part in [tree] if room in ROOMS else calls(tree, ELSEWHERE[room]):
                for node in texts_of(part):
                    for text in dict.fromkeys(ways(node)):
                        if ENGLISH.search(text):
                            yield f"{file.relative_to(HOME)}:{node.lineno}", text


def calls(tree: ast.Module, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]


def texts_of(node: ast.AST) -> Iterator[ast.expr]:
    """Constant and formatted texts, without docstrings."""
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            continue
        if isinstance(below, ast.JoinedStr) or (isinstance(below, ast.Constant) and isinstance(below.value, str)):
            yield below
        else:
            yield from texts_of(below)


def ways(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=yes, orelse=no):
            return [*ways(yes), *ways(no)]
        case ast.BoolOp(values=values):
            return [way for value in values for way in ways(value)]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in itertools.product(*map(ways, values))]
        case ast.FormattedValue(value=value, conversion=conversion):
            return [repr(way) if conversion == ord("r") else way for way in ways(value)]
        case _:
            return [SOMETHING]


def has_japanese(text: str) -> bool:
    """Whether it is a sentence, or what a sentence says was expected, and nothing of it stays English."""
    whole = in_language(text, "ja")
    if text in japanese().values or (JAPANESE.search(whole) and not is_english(whole)):
        return True
    return not is_english(in_language(f"expected {text}; found {SOMETHING}", "ja"))


def is_english(said: str) -> bool:
    """Whether two English words stand side by side outside of code and of what is quoted."""
    return WORDS.search(CODE.sub("", said)) is not None
