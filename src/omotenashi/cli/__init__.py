"""``omotenashi ...``: starts servers, and speaks to a running console over HTTP with its token.

Commands that ask or change something need the console process; they find its address in DATA/running-console.json, which
it writes when it starts, and its token in DATA/console.token.
"""

import gzip
import json
import locale
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, TypeVar
from urllib.parse import quote

import click
import httpx
import msgspec

from omotenashi import __version__
from omotenashi import settings as setting
from omotenashi.configuration.language import in_language
from omotenashi.configuration.problems import Refused
from omotenashi.settings import BadSetting, Settings

from .telling import Teller
from .words import Language

P = ParamSpec("P")
R = TypeVar("R")

IMPORT_LINES: Final = 20_000
"""How many lines one import request carries; a broken connection repeats at most these."""


class Failed(click.ClickException):
    """What went wrong, in English as the code says it; the person at the keyboard is told in their own language."""

    def __init__(self, message: str) -> None:
        context = click.get_current_context(silent=True)
        office = None if context is None else context.find_object(Office)
        super().__init__(in_language(message, _language() if office is None else office.language))

    def show(self, file: Any = None) -> None:
        click.secho(f"✗ {self.format_message()}", fg="red", err=True)


class Console:
    """The running console process, as the commands see it."""

    def __init__(self, url: str, token: str, language: Language) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON. Raises ``Failed``."""
        return self._asked("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: Any) -> Any:
        """The answer's JSON. Raises ``Failed``."""
        return self._asked("POST", path, json=body)

    def _asked(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._client.request(method, path, **options)
        except httpx.ConnectError:
            raise Failed(f"No server answers at {self.url}. Start one with `omotenashi serve` (or `omotenashi demo`).") from None
        except httpx.HTTPError as error:
            raise Failed(f"{self.url} did not answer: {error!r}") from None
        if response.is_success:
            return response.json()
        return _fail(response)


def _fail(response: httpx.Response) -> NoReturn:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        raise Failed(f"{response.url} answered {response.status_code}: {response.text[:200]}") from None
    if error.get("problems"):
        for problem in error["problems"]:
            line = f":{problem['line']}" if problem.get("line") else ""
            click.echo(
                click.style(f"{problem['file']}{line}", fg="cyan")
                + (f"  {problem['path']}" if problem.get("path") else "")
                + f"\n    {problem['message']}",
                err=True,
            )
        raise Failed(error["message"])
    where = f" ({error['where']})" if error.get("where") else ""
    raise Failed(f"{error['message']}{where}")


class Office:
    """What the global options say, and from them the way to a running server."""

    def __init__(self, settings: Settings, project: str | None, language: Language) -> None:
        self.settings = settings
        self._project = project
        self.language: Language = language

    def address(self, process: str, name: str, port: int) -> str:
        """Where a running process (``edge``, ``console``) says it listens; ``port`` of this machine when it says nothing."""
        try:
            found = json.loads((self.settings.data / f"running-{process}.json").read_text("utf-8"))
        except (OSError, ValueError):
            found = {}
        return str(found.get(name, f"http://127.0.0.1:{port}"))

    def console(self) -> Console:
        """The console process. Raises ``Failed`` when there is no token to speak with."""
        token_file = self.settings.data / "console.token"
        try:
            token = token_file.read_text("ascii").strip()
        except FileNotFoundError:
            raise Failed(
                f"There is no {token_file}: no server has run with this data folder yet. "
                "Start one with `omotenashi serve`, or name another folder with --data."
            ) from None
        except OSError as error:
            raise Failed(f"Cannot read {token_file}: {error.strerror}") from None
        return Console(self.address("console", "console", self.settings.console_port), token, self.language)

    def project(self, console: Console) -> dict[str, Any]:
        """The project that was asked for, or the only one. Raises ``Failed``."""
        found = {one["id"]: one for one in console.get("/api/projects")}
        if self._project is not None:
            if self._project not in found:
                raise Failed(f"There is no project {self._project!r}; there are {', '.join(found) or 'none yet'}.")
            return found[self._project]
        if len(found) != 1:
            known = ", ".join(found)
            raise Failed(
                f"Which project? Name one with --project: {known}." if found else "No project yet: `omotenashi apply DIR`."
            )
        return next(iter(found.values()))

    def asking(self) -> tuple[Console, str, Teller]:
        """The console, the path of the project that is asked about, and who tells its answers. Raises ``Failed``."""
        server = self.console()
        project = self.project(server)
        path = f"/api/projects/{project['id']}"
        return server, path, Teller(self.language, project["time_zone"], server.get(f"{path}/names"))

    def say(self, ja: str, en: str) -> str:
        """The words in the language of the person at the keyboard."""
        return ja if self.language == "ja" else en


def with_office(command: Callable[..., R]) -> Callable[..., R]:
    """Hands the command the ``Office`` as its first argument."""

    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, *args: Any, **options: Any) -> R:
        return command(context.obj, *args, **options)

    return wrapped


class NamesPeople(click.Command):
    """A command among whose arguments visitor ids may stand: one that begins with ``-`` is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [_KEPT + one if _is_visitor_id(one) else one for one in args])


_KEPT: Final = "\0"  # cannot stand in an argument, so nobody's id begins with it
_is_visitor_id = re.compile(r"-[A-Za-z0-9_-]{21,63}").fullmatch


def _as_typed(_: click.Context, __: click.Parameter, name: str) -> str:
    return name.removeprefix(_KEPT)


as_json = click.option("--json", "plain", is_flag=True, help="Print the staff API's answer as it is.")


def _print_json(answer: Any) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _language() -> Language:
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "ja" if named.lower().startswith("ja") else "en"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="omotenashi %(version)s")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder; OMOTENASHI_DATA, or ./data, when left out.")
@click.option("--project", help="The project's id; not needed while there is only one.")
@click.option("--language", type=click.Choice(["ja", "en"]), default=_language, help="The language of what is printed.")
@click.pass_context
def cli(context: click.Context, data: Path | None, project: str | None, language: Language) -> None:
    """Omotenashi: an open, self-hosted customer-experience platform."""
    try:
        settings = setting.read()
    except BadSetting as error:
        raise Failed(str(error)) from None
    if data is not None:
        settings = msgspec.structs.replace(settings, data=data)
    context.obj = Office(settings, project, language)


# Servers


@cli.command()
@with_office
def serve(office: Office) -> None:
    """Run a whole server: the edge for the public, the console process for staff."""
    from omotenashi.boot import pair

    sys.exit(pair.serve(office.settings))


@cli.command()
@with_office
def edge(office: Office) -> None:
    """Run the edge process alone."""
    from omotenashi.boot import edge as process

    process.run(office.settings)


@cli.command()
@with_office
def console(office: Office) -> None:
    """Run the console process alone: the staff API and the worker's loops."""
    from omotenashi.boot import console as process

    process.run(office.settings)


@cli.command()
@click.option("--fresh", is_flag=True, help="Forget the demo's data first.")
@click.option("--no-crowd", is_flag=True, help="Leave the shop to yourself: nobody else comes.")
@with_office
def demo(office: Office, fresh: bool, no_crowd: bool) -> None:
    """Run a server and a demo shop on free ports, with a configuration and sixty days of visitors."""
    from omotenashi.boot import demo as town

    folder = office.settings.data if office.settings.data != Settings().data else Path(".demo-data")
    sys.exit(town.demo(msgspec.structs.replace(office.settings, data=folder), office.language, fresh=fresh, crowd=not no_crowd))


# Configuration


@cli.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@click.option("--comment", default="", help="A line for the project's history.")
@with_office
def apply(office: Office, folder: Path, dry_run: bool, comment: str) -> None:
    """Put the configuration in FOLDER in force: all of it, or nothing."""
    from omotenashi.configuration.folder import read_folder

    try:
        sources = read_folder(folder)
    except Refused as refused:
        raise not_taken(office, refused) from None
    changes = office.console().post("/api/plan" if dry_run else "/api/apply", {"sources": sources, "comment": comment})
    print_changes(office, changes)
    if not changes["changes"]:
        click.echo(office.say("変更はありません。", "Nothing to change."))
    elif dry_run:
        click.echo(office.say("確認のみ：まだ何も変更していません。", "Only a look: nothing was changed."))
    else:
        click.secho(
            office.say(f"✓ バージョン{changes['version']}を公開しました。", f"✓ Version {changes['version']} is in force."),
            fg="green",
        )


def not_taken(office: Office, refused: Refused) -> Failed:
    """What is wrong with files on this side, told problem by problem; the error says how many there are."""
    for problem in refused.problems:
        told = msgspec.structs.replace(problem, message=in_language(problem.message, office.language))
        click.echo(str(told) if told.file else told.message, err=True)
    count = len(refused.problems)
    return Failed(f"{count} problem{'' if count == 1 else 's'}; nothing was changed")


def print_changes(office: Office, changes: dict[str, Any]) -> None:
    """A plan, object by object."""
    signs = {"add": ("+", "green"), "change": ("~", "yellow"), "remove": ("-", "red")}
    for change in changes["changes"]:
        sign, color = signs[change["what"]]
        click.secho(f"{sign} {change['kind']} {change['id']}".rstrip(), fg=color)
        for one in change.get("differences", ()):
            click.echo(f"    {one['path'] or '.'}: {one.get('before') or '∅'} → {one.get('after') or '∅'}")
    if changes.get("preparing"):
        names = ", ".join(changes["preparing"])
        click.echo(
            office.say(f"過去データの集計が終わるまで待つ接客: {names}", f"These wait until the past has been counted: {names}")
        )


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", "version", type=click.IntRange(min=1), help="An older version; the one in force when left out.")
@with_office
def export(office: Office, folder: Path, version: int | None) -> None:
    """Write the configuration in force into FOLDER, every file to the byte."""
    from omotenashi.configuration.folder import write_folder

    server = office.console()
    project = office.project(server)
    found = server.get(f"/api/projects/{project['id']}/export", version=version)
    folder.mkdir(parents=True, exist_ok=True)
    if (others := sorted(folder.iterdir())) and not (folder / "project.yaml").is_file():
        raise Failed(f"{folder} holds other things ({others[0].name}, ...) and no project.yaml; name an empty folder.")
    changed = write_folder(found["sources"], folder)
    click.echo(
        f"{project['id']} version {found['version']}: {len(found['sources'])} files, {len(changed)} of them changed in {folder}"
    )


# People


@cli.command()
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many people.")
@as_json
@with_office
def people(office: Office, limit: int, plain: bool) -> None:
    """Who was here last: when, how often, and the ID to ask about them."""
    server, project, teller = office.asking()
    found = server.get(f"{project}/people", limit=limit)
    if plain:
        return _print_json(found)
    if not found:
        click.echo(office.say("まだ誰も来ていません。", "Nobody has been here yet."))
    for line in teller.people(found) if found else ():
        click.echo(line)
    return None


@cli.command("send-event", cls=NamesPeople)
@click.argument("person", callback=_as_typed)
@click.argument("name")
@click.argument("values", default="{}")
@click.option(
    "--as", "kind", type=click.Choice(["visitor", "user_id", "person"]), help="What PERSON is; found out when left out."
)
@with_office
def send_event(office: Office, person: str, name: str, values: str, kind: str | None) -> None:
    """Send an event for PERSON (a user id or visitor id): omotenashi send-event u-1 buy '{"revenue": 1200}'."""
    try:
        parsed = json.loads(values)
    except ValueError as error:
        raise Failed(f"VALUES: expected a JSON object such as '{{\"revenue\": 1200}}'; {error}") from None
    if not isinstance(parsed, dict):
        raise Failed("VALUES: expected a JSON object such as '{\"revenue\": 1200}'")
    server, project, _ = office.asking()
    if kind is None:
        kind, person = "person", server.get(f"{project}/people/{_in_path(person)}")["person"]
    answer = server.post(f"{project}/events", {kind: person, "events": [{"name": name, "values": parsed}]})
    if answer.get("rejected"):
        told = answer["rejected"][0]
        raise Failed(
            f"{told['code']}: {in_language(told['message'], office.language)}"
            + (f" ({told['where']})" if told.get("where") else "")
        )
    click.secho(f"✓ {name}", fg="green")


@cli.command(cls=NamesPeople)
@click.argument("person", callback=_as_typed)
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True, help="How many lines.")
@as_json
@with_office
def story(office: Office, person: str, limit: int, plain: bool) -> None:
    """What PERSON did and what was decided, newest first."""
    server, project, teller = office.asking()
    found = server.get(f"{project}/people/{_in_path(person)}/story", limit=limit)
    if plain:
        return _print_json(found)
    for line in (*teller.person(found["person"]), *teller.story(found["moments"])):
        click.echo(line)
    if found["older"]:
        more = office.say("さらに前は --limit で表示できます", "there is more: --limit")
        click.secho(f"\n  … {more}", dim=True)
    return None


@cli.command(cls=NamesPeople)
@click.argument("person", callback=_as_typed)
@click.argument("campaign")
@as_json
@with_office
def why(office: Office, person: str, campaign: str, plain: bool) -> None:
    """Why CAMPAIGN would or would not be shown to PERSON: the gate, and what was compared."""
    server, project, teller = office.asking()
    found = server.get(f"{project}/people/{_in_path(person)}/why", campaign=campaign)
    if plain:
        return _print_json(found)
    for line in teller.reason(found, server.get(f"{project}/people/{_in_path(found['person'])}")):
        click.echo(line)
    return None


@cli.command()
@click.argument("campaign")
@click.option(
    "--start", default="", metavar="DAY", help="The first day, such as 2026-11-01; since its shares last changed, if left out."
)
@click.option("--end", default="", metavar="DAY", help="The last day; today when left out.")
@as_json
@with_office
def report(office: Office, campaign: str, start: str, end: str, plain: bool) -> None:
    """What CAMPAIGN did: the verdict on it, where people stopped, and each arm beside the holdout."""
    from .report import report_lines

    server, project, teller = office.asking()
    found = server.get(f"{project}/campaigns/{_in_path(campaign)}/report", start=start, end=end)
    if plain:
        return _print_json(found)
    for line in report_lines(found, office.language, teller):
        click.echo(line)
    return None


def _in_path(name: str) -> str:
    return quote(name, safe="")


# Operation


def _switch(office: Office, project: str | None, recording: bool, stopped: bool) -> None:
    server = office.console()
    project_id = project or office.project(server)["id"]
    which = "recording_stopped" if recording else "messages_stopped"
    server.post(f"/api/projects/{project_id}/switches", {which: stopped})
    what = office.say("録画" if recording else "すべての接客", "recording" if recording else "all messages")
    click.secho(
        f"✓ {project_id}: {what} " + office.say("停止" if stopped else "再開", "stopped" if stopped else "resumed"), fg="green"
    )


@cli.command()
@click.argument("project", required=False)
@click.option("--recording", is_flag=True, help="Stop recording instead of messages.")
@with_office
def stop(office: Office, project: str | None, recording: bool) -> None:
    """Emergency stop: no more messages of PROJECT from within a second; measuring goes on."""
    _switch(office, project, recording, stopped=True)


@cli.command()
@click.argument("project", required=False)
@click.option("--recording", is_flag=True, help="Resume recording instead of messages.")
@with_office
def resume(office: Office, project: str | None, recording: bool) -> None:
    """End the emergency stop of PROJECT."""
    _switch(office, project, recording, stopped=False)


@cli.command()
@as_json
@with_office
def keys(office: Office, plain: bool) -> None:
    """The project's keys, and the secret with which its servers sign user ids."""
    server, project, teller = office.asking()
    found = server.get(f"{project}/keys")
    if plain:
        return _print_json(found)
    for line in teller.keys(found):
        click.echo(line)
    return None


@cli.command("test-link")
@click.argument("url")
@click.option("--campaign", "campaigns", multiple=True, help="Show this campaign whoever opens the link; may be repeated.")
@click.option("--action", "actions", multiple=True, help="Show this action of its campaign; may be repeated.")
@click.option("--draft", "drafts", is_flag=True, help="Show every draft too; that is all it does when nothing is named.")
@click.option("--hours", type=click.IntRange(1, 720), default=24, show_default=True, help="How long the link works.")
@as_json
@with_office
def test_link(
    office: Office, url: str, campaigns: tuple[str, ...], actions: tuple[str, ...], drafts: bool, hours: int, plain: bool
) -> None:
    """A link to the page URL that puts whoever opens it into test mode: drafts are shown, and nothing counts."""
    server, project, teller = office.asking()
    asked = {"url": url, "campaigns": campaigns, "actions": actions, "drafts": drafts, "hours": hours}
    found = server.post(f"{project}/test-links", asked)
    if plain:
        return _print_json(found)
    click.echo(found["url"])
    until = teller.minute(found["until"])
    click.secho(office.say(f"{until} まで有効です。", f"It works until {until}."), dim=True, err=True)
    return None


@cli.command()
@with_office
def doctor(office: Office) -> None:
    """Look at the installation, and say what to mend."""
    marks = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "broken": ("✗", "red")}
    facts = office.console().get("/api/doctor")
    for fact in facts:
        mark, color = marks[fact["state"]]
        click.echo(click.style(mark, fg=color) + f" {fact['name']}: {fact['message']}")
        if fact.get("advice"):
            click.secho(f"    {fact['advice']}", dim=True)
    if any(fact["state"] == "broken" for fact in facts):
        sys.exit(1)


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", help="The import's name; the file's name when left out. The same name goes on where it stopped.")
@with_office
def import_(office: Office, file: Path, batch: str | None) -> None:
    """Import past events from FILE: one JSON object a line, optionally gzipped. Resumable; shows no messages."""
    server = office.console()
    project = office.project(server)
    keys = {key["kind"]: key["key"] for key in server.get(f"/api/projects/{project['id']}/keys")}
    url = office.address("edge", "public", office.settings.port)
    name = batch or file.name
    with (
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {keys['secret']}"}, timeout=300, trust_env=False) as client,
        _opened(file) as stream,
    ):
        totals = send_lines(client, name, _rows(stream), lambda row: click.echo(f"\r{row:,}", nl=False, err=True))
    click.echo("", err=True)
    click.secho(
        f"✓ {name}: {totals['accepted']:,} accepted, {totals['repeated']:,} already there, {totals['rejectedRows']:,} rejected",
        fg="green",
    )
    for one in totals["rejected"][:10]:
        message = in_language(one["message"], office.language)
        click.echo(f"    row {one['index']}: {one['code']}: {message} {one.get('where', '')}".rstrip())


def _opened(file: Path) -> Any:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _rows(stream: Any) -> Iterator[tuple[int, bytes]]:
    """Row number and line; lines without a ``row`` of their own are numbered as they stand."""
    for number, line in enumerate(stream):
        if not line.strip():
            continue
        try:
            parsed = json.loads(line)
            row = parsed.get("row")
        except (ValueError, AttributeError):
            yield number, line
            continue
        if isinstance(row, int):
            yield row, line
        else:
            yield number, json.dumps({"row": number, **parsed}, ensure_ascii=False).encode() + b"\n"


def send_lines(
    client: httpx.Client, batch: str, rows: Iterator[tuple[int, bytes]], progress: Callable[[int], None]
) -> dict[str, Any]:
    """Send numbered lines to the edge's import, from where it stopped; the sum of its answers. Raises ``Failed``."""
    totals: dict[str, Any] = {"accepted": 0, "repeated": 0, "rejectedRows": 0, "rejected": []}
    try:
        response = client.get("/v1/import", params={"batch": batch})
        if not response.is_success:
            _fail(response)
        first = int(response.json()["nextRow"])
        waiting = (line for row, line in rows if row >= first)
        while lines := list(islice(waiting, IMPORT_LINES)):
            body = gzip.compress(b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines), 1)
            response = client.post("/v1/import", params={"batch": batch}, content=body, headers={"Content-Encoding": "gzip"})
            if not response.is_success:
                _fail(response)
            answer = response.json()
            for name in ("accepted", "repeated", "rejectedRows", "rejected"):
                totals[name] += answer.get(name, 0 if name != "rejected" else [])
            progress(answer["nextRow"])
    except httpx.HTTPError as error:
        raise Failed(f"The edge at {client.base_url} broke off ({error!r}); run the same command again to go on.") from None
    return totals


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@with_office
def backup(office: Office, target: Path) -> None:
    """Copy all stores, at one position, into the new folder TARGET."""
    from omotenashi.boot import copying
    from omotenashi.boot.serving import Unfinished, running

    if running(office.settings.data, "console"):
        office.console().post("/api/backups", {"target": str(target.absolute())})
    else:
        try:
            copying.backup(office.settings, target)
        except Unfinished as error:
            raise Failed(str(error)) from None
    click.secho(f"✓ {target}", fg="green")


@cli.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_office
def restore(office: Office, source: Path) -> None:
    """Bring a backup back, into a data folder that does not exist yet."""
    from omotenashi.boot import copying
    from omotenashi.boot.serving import Unfinished

    try:
        copying.restore(source, office.settings)
    except Unfinished as error:
        raise Failed(str(error)) from None
    click.secho(f"✓ {office.settings.data}", fg="green")


from .recipes import recipe  # noqa: E402  it speaks through what stands above
from .staff import staff  # noqa: E402  so does it
from .templates import template  # noqa: E402  and it

cli.add_command(recipe)
cli.add_command(staff)
cli.add_command(template)


def main() -> None:
    """The command line's door."""
    cli(prog_name="omotenashi")


if __name__ == "__main__":
    main()
