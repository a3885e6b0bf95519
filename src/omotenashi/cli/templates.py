"""``omotenashi template ...``: looks at templates, and carries them between the gallery, a configuration's folder and a file."""

from pathlib import Path
from typing import Any, Final

import click
import msgspec

from omotenashi.configuration import gallery, parcels
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.gallery import Form, Question
from omotenashi.configuration.problems import Refused

from . import Failed, Office, as_json, not_taken, with_office

FOLDER: Final = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The configuration's folder; this one when left out.",
)
INTENTS: Final = {
    "show": ("見せる", "Show"),
    "ask": ("尋ねる", "Ask"),
    "consent": ("許諾をいただく", "Ask for consent"),
    "script": ("スクリプト", "Script"),
}
_WIDTH: Final = 20


@click.group()
def template() -> None:
    """Templates: the built-in gallery, and those of a configuration's own."""


@template.command("list")
@FOLDER
@as_json
@with_office
def listed(office: Office, folder: Path, plain: bool) -> None:
    """Every template by what it is for: those in FOLDER's templates/, and the built-in ones."""
    own = {name: _form(name, folder) for name in _own(folder)}
    forms = {**{name: gallery.form(name) for name in gallery.names()}, **own}
    if plain:
        click.echo(msgspec.json.format(msgspec.json.encode([forms[name] for name in sorted(forms)])).decode())
        return
    for intent, words in INTENTS.items():
        found = [forms[name] for name in sorted(forms) if forms[name].intent == intent]
        if found:
            click.secho(office.say(*words), bold=True)
        for form in found:
            mark = office.say("（この設定のもの）", " (of this configuration)") if form.name in own else ""
            click.echo("  " + click.style(f"{form.name:<{_WIDTH}}", fg="cyan") + form.label[office.language] + mark)


@template.command()
@click.argument("name")
@FOLDER
@as_json
@with_office
def show(office: Office, name: str, folder: Path, plain: bool) -> None:
    """What the template NAME is for, what can be filled in, and how an action says it."""
    form = _form(name, folder)
    if plain:
        click.echo(msgspec.json.format(msgspec.json.encode(form)).decode())
        return
    language = office.language
    click.secho(f"{form.label[language]}  ({form.kind})", bold=True)
    if form.description[language]:
        click.echo(form.description[language])
    click.echo("")
    for question in form.questions:
        _tell(office, question, "  ")
    needed = {question.name: _example(question) for question in form.questions if question.must_be_filled}
    click.secho("\n" + office.say("使い方", "In a campaign"), bold=True)
    click.echo(f"  actions:\n    - name: {name}\n      template: {name}")
    if needed:
        click.echo("      texts:")
    for variable, value in needed.items():
        click.echo(f"        {variable}: {value}")


@template.command()
@click.argument("name")
@click.option("--as", "new", help="What the copy is called; NAME when left out, which then stands before the built-in one.")
@FOLDER
@with_office
def copy(office: Office, name: str, new: str | None, folder: Path) -> None:
    """Copy the template NAME into FOLDER's templates/, to be changed there."""
    _write(office, folder, new or name, _parts(name, folder))


@template.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@FOLDER
@with_office
def export(office: Office, name: str, file: Path, folder: Path) -> None:
    """Write the template NAME into FILE, a zip that another configuration can import."""
    parts = _parts(name, folder)
    try:
        parcels.check(name, parts)
    except Refused as refused:
        raise not_taken(office, refused) from None
    try:
        with file.open("xb") as stream:
            stream.write(parcels.packed(name, parts))
    except FileExistsError:
        raise Failed(f"{file} is there already; nothing was changed.") from None
    except OSError as error:
        raise Failed(f"Cannot write {file}: {error.strerror}") from None
    click.secho(f"✓ {file}", fg="green")


@template.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "new", help="What the template is called; its own name when left out.")
@FOLDER
@with_office
def import_(office: Office, file: Path, new: str | None, folder: Path) -> None:
    """Take the template in FILE, a zip, into FOLDER's templates/. It is checked first."""
    try:
        with file.open("rb") as stream:
            name, parts = parcels.unpacked(stream.read(parcels.LARGEST_PARCEL + 1))
    except Refused as refused:
        raise not_taken(office, refused) from None
    except OSError as error:
        raise Failed(f"Cannot read {file}: {error.strerror}") from None
    _write(office, folder, new or name, parts)


def _own(folder: Path) -> list[str]:
    return sorted(file.parent.name for file in (folder / "templates").glob("*/template.yaml"))


def _parts(name: str, folder: Path) -> Sources:
    """The template's parts: of the folder's own, else of the built-in one. Raises ``Failed``."""
    own = _own(folder)
    if name in own:
        home = folder / "templates" / name
        try:
            return {part: (home / part).read_text("utf-8") for part in gallery.PARTS if (home / part).is_file()}
        except (OSError, UnicodeDecodeError) as error:
            raise Failed(f"Cannot read {home}: {error}") from None
    if name not in gallery.names():
        raise Failed(f"There is no template {name!r}; there are {', '.join(sorted({*own, *gallery.names()}))}.")
    return gallery.sources(name)


def _form(name: str, folder: Path) -> Form:
    try:
        return gallery.form(name, _parts(name, folder))
    except msgspec.ValidationError as error:
        raise Failed(f"templates/{name}/template.yaml: {error}") from None


def _write(office: Office, folder: Path, name: str, parts: Sources) -> None:
    if not (folder / "project.yaml").is_file():
        raise Failed(f"{folder.absolute()} holds no project.yaml; name the configuration's folder with --folder.")
    if not parcels.NAME.fullmatch(name):
        raise Failed(f"--as {name}: expected a name of letters, digits, - and _.")
    home = folder / "templates" / name
    if home.exists():
        raise Failed(f"{home} is there already; nothing was changed. Choose another name with --as.")
    home.mkdir(parents=True)
    for part, text in parts.items():
        (home / part).write_text(text, "utf-8", newline="")
    click.secho(f"✓ {home}", fg="green")
    click.echo(office.say(f"接客では template: {name} と書きます。", f"A campaign uses it as `template: {name}`."))


def _tell(office: Office, question: Question, margin: str) -> None:
    language = office.language
    usual = office.say("（必須）", " (required)") if question.must_be_filled else ""
    click.echo(f"{margin}{click.style(question.name, fg='cyan')} [{question.type}]{usual}  {question.label[language]}")
    for told in (_limits(office, question), "" if question.help is None else question.help[language]):
        if told:
            click.secho(f"{margin}    {told}", dim=True)
    for field in question.fields:
        _tell(office, field, margin + "    ")


def _limits(office: Office, question: Question) -> str:
    parts: list[str] = []
    if question.choices:
        parts.append(", ".join(f"{choice.value} ({choice.label[office.language]})" for choice in question.choices))
    if question.min is not None or question.max is not None:
        low, high = ("" if bound is None else f"{bound:g}" for bound in (question.min, question.max))
        parts.append(f"{low}–{high}")
    if question.max_length is not None:
        parts.append(office.say(f"{question.max_length}文字まで", f"at most {question.max_length} characters"))
    if question.max_items is not None:
        parts.append(office.say(f"{question.max_items}件まで", f"at most {question.max_items}"))
    return office.say("、", "; ").join(parts)


def _example(question: Question) -> str:
    """A value that may stand in the YAML as it is printed, on one line."""
    value: Any = question.example if question.example is not None else question.default
    if value is None:
        value = [] if question.type == "list" else "..."
    return msgspec.json.encode(value).decode()
