"""``omotenashi recipe ...``: looks at recipes, and installs one through the console, after asking for its parameters."""

import sys
from typing import Any

import click
import msgspec

from omotenashi.configuration import recipe as recipes
from omotenashi.configuration.kinds import Bilingual, Language
from omotenashi.configuration.recipe import Parameter, Recipe, UnknownRecipe, Value

from . import Failed, Office, as_json, print_changes, with_office


@click.group()
def recipe() -> None:
    """Recipes: whole scenarios, installed by one command."""


@recipe.command("list")
@with_office
def listed(office: Office) -> None:
    """Every recipe, in the order of the scenarios."""
    for name in recipes.names():
        one = recipes.recipe(name)
        click.echo(f"{one.scenario:>2}  " + click.style(f"{name:<16}", fg="cyan") + _in(office, one.label))


@recipe.command()
@click.argument("name")
@as_json
@with_office
def show(office: Office, name: str, plain: bool) -> None:
    """What the recipe NAME does, which parameters it has, what the site has to send, and what it adds."""
    one = _named(name)
    if plain:
        click.echo(msgspec.json.format(msgspec.json.encode(one)).decode())
        return
    click.secho(_in(office, one.label), bold=True)
    click.echo(_in(office, one.description))
    click.secho("\n" + office.say("パラメーター", "Parameters"), bold=True)
    for parameter, described in one.parameters.items():
        default = _default(office.language, described)
        usual = office.say("（必須）", " (required)") if default is None else f" = {_shown(default)}"
        click.echo("  " + click.style(parameter, fg="cyan") + usual)
        click.echo(
            f"      {_in(office, described.label)}: {recipes.expected(described, office.language)}" + _help(office, described)
        )
    if one.needs:
        click.secho("\n" + office.say("サイトから送るもの", "What the site has to send"), bold=True)
    for need in recipes.needed(one, _examples(one)):
        click.echo(f"  {need.snippet}\n      {_in(office, need.why)}")
    click.secho("\n" + office.say("追加されるもの", "What it adds"), bold=True)
    for path in one.files:
        click.echo(f"  {path}.yaml")


@recipe.command()
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; NAME.ja and NAME.en for one language.")
@click.option("--prefix", default="", help="Begins the ids of everything that is added; a recipe can be installed several times.")
@click.option("--replace", is_flag=True, help="Overwrite what has the same ids.")
@click.option("--yes", is_flag=True, help="Ask nothing: defaults for what is not set, and install.")
@with_office
def install(office: Office, name: str, given: tuple[str, ...], prefix: str, replace: bool, yes: bool) -> None:
    """Add the recipe NAME to the project and put it in force."""
    one = _named(name)
    parameters = _given(given)
    server = office.console()
    project = office.project(server)
    asking = sys.stdin.isatty() and not yes
    if asking:
        _ask(office, one, parameters)
    path = f"/api/projects/{project['id']}/recipes/{one.name}"
    wanted: dict[str, Any] = {"parameters": parameters, "prefix": prefix, "replace": replace}
    planned = server.post(f"{path}/plan", wanted)
    changes = planned["changes"]
    if not changes["changes"]:
        click.echo(office.say("変更はありません。", "Nothing to change."))
        return
    print_changes(office, changes)
    _warn(office, planned["missing"])
    if asking and not click.confirm(office.say("公開しますか", "Put it in force?"), default=True):
        click.echo(office.say("何も変更していません。", "Nothing was changed."))
        return
    installed = server.post(path, {**wanted, "version": changes["version"]})["changes"]
    click.secho(
        office.say(f"✓ バージョン{installed['version']}を公開しました。", f"✓ Version {installed['version']} is in force."),
        fg="green",
    )


def _named(name: str) -> Recipe:
    try:
        return recipes.recipe(name)
    except UnknownRecipe as error:
        raise Failed(f"{error}.") from None


def _given(pairs: tuple[str, ...]) -> dict[str, Any]:
    """``title.ja=...`` and ``title.en=...`` as one parameter in two languages, everything else as it was typed."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Failed(f"--set {pair}: expected NAME=VALUE.")
        stem, _, language = name.partition(".")
        if language in ("ja", "en"):
            words = found.setdefault(stem, {})
            if not isinstance(words, dict):
                raise Failed(f"--set {name}: {stem} is set as a whole already.")
            words[language] = value
        else:
            found[name] = value
    return found


def _ask(office: Office, one: Recipe, parameters: dict[str, Any]) -> None:
    """Asks for every parameter that is not set yet; Enter takes the default."""
    for name, parameter in one.parameters.items():
        if name in parameters:
            continue
        default = _default(office.language, parameter)
        while True:
            said = click.prompt(
                f"{_in(office, parameter.label)} ({name})",
                default=None if default is None else _shown(default),
                show_default=bool(default),
            )
            if default is not None and said == _shown(default):
                break
            if recipes.admitted(parameter, said, office.language) is not None:
                parameters[name] = said
                break
            click.secho(f"    {recipes.expected(parameter, office.language)}", fg="yellow")


def _default(language: Language, parameter: Parameter) -> Value | None:
    """The default as it would be typed; None when there is none."""
    default = parameter.default
    if isinstance(default, Bilingual):
        return default.ja if language == "ja" else default.en
    return default if isinstance(default, str | int | float | list) else None


def _shown(value: Value) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _in(office: Office, words: Bilingual) -> str:
    return office.say(words.ja, words.en)


def _help(office: Office, parameter: Parameter) -> str:
    return f" {_in(office, parameter.help)}" if isinstance(parameter.help, Bilingual) else ""


def _examples(one: Recipe) -> recipes.Values:
    """Values for the snippets of a recipe that is only looked at: what is required stands as its own name."""
    return {
        name: name if (default := _default("ja", parameter)) is None else default for name, parameter in one.parameters.items()
    }


def _warn(office: Office, missing: list[dict[str, Any]]) -> None:
    """What the site does not send yet, with the line that sends it."""
    for one in missing:
        names = ", ".join(one["missing"])
        days = recipes.RECEIVED_DAYS
        click.secho(
            "! " + office.say(f"この{days}日間に届いていません: {names}", f"Not received in the last {days} days: {names}"),
            fg="yellow",
        )
        click.echo(f"    {office.say(one['why']['ja'], one['why']['en'])}\n    {one['snippet']}")
