"""A small site whose tag talks to a real edge, with campaigns of a test's own."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from tests.browser.fake_edge import FakeEdge
from tests.integration.whole_house import House, sources, whole_house

from omotenashi.boot.serving import free_port
from omotenashi.model.entries import LogEntry

NOTE = {
    "templates/note/template.yaml": '{"kind": "notification", "variables": {"text": {"type": "text", "default": ""}}}',
    "templates/note/body.liquid": '<p>{{ text }} <a href="/x" data-omotenashi-click="back">back</a></p>',
    "templates/note/style.css": "p { margin: 0; padding: 16px 64px 16px 16px; background: #fff }",
}
EVERYWHERE = {"rule": {"field": "path", "op": "starts", "value": "/"}}


class RealShop(Struct, frozen=True):
    """``site`` serves the pages; the project in ``house`` has the site's name.

    What pages show may be fetched from the site, and from a site that a test opens at the port ``spare``.
    """

    site: FakeEdge
    house: House
    spare: int

    def put(self, name: str, pages: dict[str, str], *, project: dict[str, Any] | None = None, **folders: dict[str, Any]) -> None:
        """Puts a project of its own in force and its pages on the site."""
        key = f"pk_of_{name}"
        files = sources(project={"id": name, "keys": {"public": key}} | (project or {}), **folders) | NOTE
        self.house.ready(name, self.house.apply(files))
        self.site.pages = pages
        self.site.init = f'{{"key":"{key}"}}'

    def log(self, project: str) -> list[LogEntry]:
        return [entry for _, entry in self.house.log() if entry.project == project]


@contextmanager
def real_shop(folder: Path) -> Generator[RealShop]:
    """An open shop, its edge over ``folder``."""
    site = FakeEdge()
    spare = free_port()
    hosts = ",".join(f"{host}:{port}" for port in (site.site.rpartition(":")[2], spare) for host in ("localhost", "127.0.0.1"))
    try:
        with whole_house(folder, hosts) as house:
            site.endpoint = house.edge
            yield RealShop(site, house, spare)
    finally:
        site.close()


def noted(text: str, position: str, where: Any = EVERYWHERE, **more: Any) -> dict[str, Any]:
    """A campaign that shows a note at every view of such a page; ``variables`` are its action's."""
    action = {"name": "plain", "template": "note", "texts": {"text": text}, "display": {"position": position}}
    if "variables" in more:
        action["variables"] = more.pop("variables")
    return {
        "name": text,
        "state": "live",
        "trigger": {"event": "view"},
        "pages": {"include": [where]},
        "frequency": "access",
        "exclusive": False,
        "actions": [action],
        **more,
    }
