"""``omotenashi staff``: who works here, and a way in for those who are locked out."""

import click
import msgspec

from . import Office, as_json, with_office


@click.group()
def staff() -> None:
    """Who works here, and a way in for those who are locked out."""


@staff.command("list")
@as_json
@with_office
def list_(office: Office, plain: bool) -> None:
    """Every member of staff: mail address, name, what they may do."""
    found = office.console().get("/api/staff")
    if plain:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    if not found:
        click.echo(
            office.say(
                "まだ誰もいません。`omotenashi staff link` で最初の一人を登録できます。", "Nobody yet: `omotenashi staff link`."
            )
        )
    for one in found:
        grants = ", ".join(
            f"{grant['project']}: {' + '.join([grant['role'], *grant.get('extra', ())])}" for grant in one["grants"]
        )
        click.echo(f"{one['mail']}  {one['name']}  {grants}")


@staff.command()
@click.argument("mail", default="")
@with_office
def link(office: Office, mail: str) -> None:
    """A link that signs MAIL in, once, within half an hour; without MAIL, the one that makes the first account."""
    found = office.console().post("/api/staff/links", {"mail": mail})["url"]
    if not found:
        click.echo(
            office.say(
                "スタッフはもう登録されています。`omotenashi staff link メールアドレス` でログイン用リンクを作れます。",
                "There is an account already; name whom the link is for: `omotenashi staff link MAIL`.",
            ),
            err=True,
        )
        raise SystemExit(1)
    click.echo(found)
    if mail:
        click.secho(office.say("30 分以内に一度だけ使えます。", "It works once, within half an hour."), dim=True, err=True)
    else:
        click.secho(office.say("24 時間以内に一度だけ使えます。", "It works once, within a day."), dim=True, err=True)
