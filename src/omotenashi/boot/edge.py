"""The public process: the tag's door, the log, everybody's profile."""

import asyncio
import gc
import logging
import resource
import shutil
import sys
from pathlib import Path
from typing import Final

import uvloop

from omotenashi import settings as setting
from omotenashi.blobs.store import folder as blobs
from omotenashi.configuration.render import Press
from omotenashi.edge.app import Edge, EdgeSettings
from omotenashi.edge.limits import Allowance
from omotenashi.edge.projects import Projects
from omotenashi.ledger import backup as copies
from omotenashi.ledger.people import People, PeopleSettings
from omotenashi.ledger.port import LedgerError
from omotenashi.ledger.sqlite.log import Log, LogReader, LogSettings
from omotenashi.ledger.sqlite.office import Desk
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.settings import Settings

from .serving import Clock, asked_to_stop, clock, http_server, log_to_stderr, serving

logger = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.0005
"""How long the commit thread waits for the interpreter while the loop is busy; Python's own 5 ms would be the p99."""
TAG_CHUNKS: Final = (
    "calls.js",
    "fitting.js",
    "friction.js",
    "guard.js",
    "karte.js",
    "panel.js",
    "recorder.js",
    "rrweb.js",
    "tools.js",
    "verbs.js",
)
OPEN_FILES: Final = 40_000
"""Every visitor on a page is a connection for a while, and a page that waits for calls is one."""
PRUNE_SECONDS: Final = 30.0
SWEEP_SECONDS: Final = 0.05


def run(settings: Settings, now: Clock = clock) -> None:
    """The public process: the tag's door, the log, everybody's profile. Returns after SIGTERM or SIGINT."""
    log_to_stderr(settings)
    sys.setswitchinterval(SWITCH_SECONDS)
    uvloop.run(_edge(settings, now))


async def _edge(settings: Settings, now: Clock) -> None:
    data = settings.data
    log = Log.open(
        data / "log",
        LogSettings(file_bytes=settings.log_file_megabytes * 1024 * 1024, waiting_entries=settings.queue_entries),
    )
    rows = Profiles.open(data / "profiles.db")
    source = LogReader(data / "log")
    office = Desk.open(data / "office.db")
    projects = Projects(office, now, log.append, log.last_now)
    projects.look()
    people = People(
        log,
        source,
        rows,
        projects.fold,
        projects.merge,
        PeopleSettings(
            hot=settings.hot_people,
            packed_bytes=settings.packed_megabytes * 1024 * 1024,
            round_s=settings.profile_seconds,
        ),
    )
    await people.reload()
    store = blobs(data / "blobs")
    recordings = Recordings.open(data / "recordings.db")
    edge = Edge(
        EdgeSettings(
            secret=setting.secret(data / copies.SECRET).encode(),
            internal_token=setting.secret(data / "internal.token"),
            tag=_built_tag(settings),
            chunks=_built_chunks(settings),
            proxies=settings.trusted_proxies,
            country_header=settings.country_header,
            most_waiting=_waiting_pages(),
            allowance=Allowance(
                per_visitor=max(1, settings.visitor_requests_per_minute // 6),
                per_address=max(1, settings.address_requests_per_minute // 6),
            ),
        ),
        log,
        people,
        office,
        projects,
        Press(),
        now,
        store.fetch,
        (recordings, store, lambda: shutil.disk_usage(data).free),
    )
    edge.start()
    public = http_server(edge.public, settings.host, settings.port)
    internal = http_server(edge.internal, "127.0.0.1", settings.internal_port)
    beside = [asyncio.create_task(work) for work in (edge.watch(), people.run(), _pruning(log, people, office), _sweeping(log))]
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection over every hot profile would be the p99; `_sweeping` chooses its moments
    try:
        async with serving({"public": public, "internal": internal}, data / "running-edge.json"):
            await asked_to_stop()
            edge.close()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await edge.stop()
        await people.close()
        office.close()
        source.close()
        rows.close()
        log.close()
        recordings.close()


def _waiting_pages() -> int:
    """How many pages may wait: half of the files that the system lets this process have open, once it has asked for more."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now == resource.RLIM_INFINITY or now >= OPEN_FILES:
        return OPEN_FILES // 2
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted // 2


async def _sweeping(log: Log) -> None:
    """Collects cycles: the newest objects often and in passing, everything in a second in which nobody came.

    What we keep has no cycles, so this is for what libraries leave behind; after six busy hours it no longer waits.
    """
    waited = 0.0
    appended = log.appended
    while True:
        for _ in range(20):
            await asyncio.sleep(SWEEP_SECONDS)
            gc.collect(0)
        waited += 20 * SWEEP_SECONDS
        if (waited > 600 and log.appended == appended) or waited > 6 * 3600:
            gc.collect()
            waited = 0.0
        appended = log.appended


def _built_tag(settings: Settings) -> bytes:
    """The tag's bytes: where the settings say, else where a checkout builds it."""
    file = _tag_file(settings)
    if file is not None:
        return file.read_bytes()
    logger.warning("there is no tag at %s; /tag.js is empty until it is built (`make setup`)", settings.tag)
    return b""


def _built_chunks(settings: Settings) -> dict[str, bytes]:
    """What the tag loads when it is needed, and the tag that takes over pages written for KARTE: beside the tag's file."""
    tag = _tag_file(settings)
    if tag is None:
        return {}
    files = [tag.with_name(name) for name in TAG_CHUNKS]
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def _tag_file(settings: Settings) -> Path | None:
    checkout = Path(__file__).resolve().parents[3] / "web" / "tag" / "dist" / "tag.js"
    return next((file for file in (settings.tag, checkout) if file.is_file()), None)


async def _pruning(log: Log, people: People, office: Desk) -> None:
    """Unlinks log files that every reader and every profile has passed, as soon as anybody reads: the console's worker."""
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        try:
            readers = office.cursors()
            if readers:
                await log.prune({**readers, "profiles": await people.safe_to_forget()})
        except LedgerError as error:
            logger.warning("the log could not be pruned: %s", error)
