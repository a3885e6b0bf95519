"""The edge under measurement: the real rooms, put together as `boot` does, on a folder that `prepare` filled.

``python -m bench.edge_server FOLDER PORT``. Only the rate limits differ from a production edge: the load comes from
one address, and the most active of the people is more active than any browser.
"""

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from omotenashi.configuration.render import Rendered, Renderer
from omotenashi.edge.app import Edge, EdgeSettings
from omotenashi.edge.limits import Allowance
from omotenashi.edge.projects import Projects
from omotenashi.engine.plan import build
from omotenashi.ledger.people import People, PeopleSettings
from omotenashi.ledger.port import PackedProfile
from omotenashi.ledger.sqlite.log import Log, LogReader
from omotenashi.ledger.sqlite.office import Desk, Office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.campaigns import Action, Project
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.profiles import unpack

from . import site, workload

CHUNK: Final = 2_000


def prepare(folder: Path, people: int, different: int) -> None:
    """A data folder with the site's configuration and everybody's profile, as an edge that ran for sixty days left it."""
    now = Instant(int(time.time() * 1000))
    office = Office.open(folder / "office.db")
    project = site.project()
    version = office.apply(project, {}, now)
    office.set_ready(site.PROJECT, version)
    office.close()
    plan = build(project, version)
    rows = Profiles.open(folder / "profiles.db")
    chunk: list[PackedProfile] = []
    for packed in workload.people(people, plan, Instant(now - 3_600_000), different):
        profile = unpack(packed)
        chunk.append(PackedProfile(site.PROJECT, PersonId(profile.person), profile.seq, packed, 0))
        if len(chunk) == CHUNK:
            rows.write(chunk, (), None)
            chunk = []
    rows.write(chunk, (), None)
    rows.close()


def writer() -> Callable[[Project, Action, dict[str, object]], Rendered]:
    """Renders with the templates of the project's present version."""
    known: dict[int, Renderer] = {}

    def write(project: Project, action: Action, context: dict[str, object]) -> Rendered:
        renderer = known.get(project.version)
        if renderer is None:
            known.clear()
            renderer = known[project.version] = Renderer(project)
        return renderer.render(action, context)

    return write


def clock() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


async def serve(folder: Path, port: int, settings: PeopleSettings) -> None:
    """Serves until it is told to stop."""
    sys.setswitchinterval(0.0005)
    log = Log.open(folder / "log")
    reader = LogReader(folder / "log")
    rows = Profiles.open(folder / "profiles.db")
    office = Desk.open(folder / "office.db")
    projects = Projects(office, clock, log.append, log.last_now)
    projects.look()
    people = People(log, reader, rows, projects.fold, projects.merge, settings)
    await people.reload()
    edge = Edge(
        EdgeSettings(b"bench-secret-bench-secret", "bench-token", allowance=Allowance(0, 0)), log, people, office, projects, writer(), clock
    )
    edge.start()
    loops = [asyncio.create_task(edge.watch()), asyncio.create_task(people.run())]
    gc.collect()
    gc.freeze()
    gc.disable()
    server = uvicorn.Server(
        uvicorn.Config(
            edge.public, host="127.0.0.1", port=port, loop="none", http="httptools", ws="none", lifespan="off",
            access_log=False, log_level="warning", server_header=False, date_header=False, backlog=2_048,
        )  # fmt: skip
    )
    await server.serve()
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await edge.stop()
    await people.close()
    log.close()
    print(f"counts {people.counts()}, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB", file=sys.stderr)


def main() -> None:
    """The process."""
    import uvloop

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(folder, port, PeopleSettings()))


if __name__ == "__main__":
    main()
