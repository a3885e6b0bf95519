"""``omotenashi recipe``: what it shows, asks, warns of and installs."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result
from tests.unit.cli.test_cli import ROOT, Served, folder, served  # noqa: F401  fixtures

from omotenashi.warehouse.questions.size import Size

QUIET = ("recipe", "install", "signup_coupon", "--set", "code=A500", "--yes")


@pytest.fixture
def shop(served: Served, folder: Path) -> Served:  # noqa: F811
    served.run("apply", str(folder))
    return served


def test_the_list_names_every_recipe_in_the_language_of_the_person(shop: Served) -> None:
    assert "12  signup_coupon   A coupon for signing up, kept in sight" in shop.run("recipe", "list").output
    assert "はじめてのお客様へのごあいさつ" in shop.run("recipe", "list", language="ja").output


def test_show_tells_parameters_needs_and_files(shop: Served) -> None:
    told = shop.run("recipe", "show", "cart_return").output
    assert "in_cart_price" in told
    assert 'omotenashi("track", "cart", {"in_cart_price": 4500})' in told
    assert "campaigns/cart_return.yaml" in told
    assert "code (required)" in shop.run("recipe", "show", "signup_coupon").output
    assert '"scenario": 12' in shop.run("recipe", "show", "signup_coupon", "--json").output
    assert "no recipe 'nothing'" in shop.run("recipe", "show", "nothing").output


def test_install_adds_what_the_plan_says(shop: Served) -> None:
    told = shop.run(*QUIET)
    assert (told.exit_code, "+ campaign signup_coupon_kept" in told.output) == (0, True)
    assert "✓ Version 2 is in force." in told.output
    assert "Nothing to change." in shop.run(*QUIET).output
    again = shop.run(*QUIET, "--prefix", "spring_", language="ja")
    assert "✓ バージョン3を公開しました。" in again.output


def test_install_says_what_was_not_received_and_how_to_send_it(shop: Served) -> None:
    shop.house.questions.found = Size(0, 5, ())
    told = shop.run("recipe", "install", "free_shipping", "--yes").output
    assert "! Not received in the last 30 days: cart, cart.in_cart_price" in told
    assert 'omotenashi("track", "cart", {"in_cart_price": 4500})' in told
    told = shop.run("recipe", "install", "free_shipping", "--yes", "--prefix", "b_", language="ja").output
    assert "この30日間に届いていません: cart, cart.in_cart_price" in told


def problem(told: Result) -> str:
    assert told.exit_code == 1
    return told.output


def test_mistakes_are_told_by_parameter_and_a_clash_by_file(shop: Served) -> None:
    assert "code" in problem(shop.run("recipe", "install", "signup_coupon", "--yes"))
    assert "expected NAME=VALUE" in problem(shop.run("recipe", "install", "welcome", "--set", "title", "--yes"))
    assert "one in ja and one in en" in problem(shop.run("recipe", "install", "welcome", "--set", "title.ja=やあ", "--yes"))
    both = ("--set", "title=Hi", "--set", "title.ja=やあ")
    assert "title is set as a whole already" in problem(shop.run("recipe", "install", "welcome", *both, "--yes"))
    shop.run(*QUIET)
    clash = ("recipe", "install", "signup_coupon", "--set", "code=B", "--yes")
    assert "campaigns/signup_coupon.yaml" in problem(shop.run(*clash))
    assert "~ campaign signup_coupon" in shop.run(*clash, "--replace").output


def test_words_can_be_given_in_each_language(shop: Served) -> None:
    shop.run("recipe", "install", "welcome", "--set", "title.ja=ようこそ、川辺へ", "--set", "title.en=Hello", "--yes")
    project = shop.house.office.sources("shop", 2)  # type: ignore[arg-type]
    assert "title: {ja: ようこそ、川辺へ, en: Hello}" in project["campaigns/welcome.yaml"]


def at_a_terminal(shop: Served, *answers: str) -> tuple[int, str]:
    """What the command says and how it ends when somebody sits at a terminal and types these lines."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "omotenashi", "--data", str(shop.folder), "--language", "ja", "recipe", "install"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([*command, "signup_coupon"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    told = b""
    with suppress(OSError):  # the terminal is gone when the command is
        while part := os.read(ours, 4096):
            told += part
    os.close(ours)
    return process.wait(60), told.decode()


def test_at_a_terminal_the_parameters_are_asked_for_and_a_wrong_one_again(shop: Served) -> None:
    status, told = at_a_terminal(shop, "", "MIDORI500", "", "", "", "", "", "many", "3", "", "", "", "", "y")
    assert "クーポンコード (code)" in told
    assert "数、1以上、50以下" in told
    assert "+ campaign signup_coupon_kept" in told
    assert "✓ バージョン2を公開しました。" in told
    assert status == 0
    kept = shop.house.office.sources("shop", 2)["campaigns/signup_coupon_kept.yaml"]  # type: ignore[arg-type]
    assert "stop: {closed: 3, goal: true}" in kept
    assert "default: MIDORI500" in kept


def test_at_a_terminal_one_may_still_say_no(shop: Served) -> None:
    status, told = at_a_terminal(shop, "", "MIDORI500", *[""] * 10, "n")
    assert "何も変更していません。" in told
    assert (status, shop.house.office.head("shop")) == (0, 1)  # type: ignore[arg-type]
