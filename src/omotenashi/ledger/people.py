"""Everybody the edge knows, in memory: some thousands as objects, many as packed bytes, the rest in the rows.

Memory is always the fold of the whole log, what waits for the disk included. The rows follow a second or two behind:
a profile is packed together with the position of its latest entry, and written only after that position is on
disk. ``synced`` moves to a position only once everything up to it is in the rows, so that reading the log from there
finds exactly what is missing. That reading is the one way back: at a start, and after the disk failed.

What a method returns is good until the caller gives up the event loop; ask again after an ``await``.
"""

import asyncio
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from msgspec import Struct

from omotenashi.model.entries import Config, Erased, Event, LogEntry, Merged, decode
from omotenashi.model.ids import PersonId, ProjectId, UserId, VisitorId
from omotenashi.model.profiles import Profile, pack, seq_of, unpack

from .port import (
    Busy,
    Deed,
    LogSource,
    LogWriter,
    MergeWritten,
    PackedProfile,
    PeopleErased,
    ProfileRows,
    RowsImported,
    StorageFailed,
    UserRemembered,
)

Fold = Callable[[Profile, LogEntry], Profile]
Merge = Callable[[Profile, Profile, Merged], Profile]
Who = tuple[ProjectId, PersonId]
Name = tuple[ProjectId, str, str]
"""project, "visitor" or "user", the id."""


SMALL_CHUNK = 16
CHUNK_S = 0.015
"""A round that may take its time writes about one chunk in so many seconds, of at least ``SMALL_CHUNK`` profiles."""
GIVES_WAY = 10
"""How far the writer's thread stands back behind the event loop's, where the system (Linux) knows that of threads."""


class PeopleSettings(Struct, frozen=True):
    """``hot`` profiles are kept as objects, further ones packed up to ``packed_bytes``, and ``names`` are remembered.

    Every ``round_s`` seconds what changed is written, in slices of ``slice_s`` on the event loop and transactions of
    at most ``chunk`` profiles; small ones, spread over half of that time, while they suffice, because a large one is a burst
    beside the event loop. Beyond ``dirty`` unwritten profiles new requests are refused.
    """

    hot: int = 16_000
    packed_bytes: int = 512 * 1024 * 1024
    names: int = 200_000
    round_s: float = 1.0
    slice_s: float = 0.001
    chunk: int = 256
    dirty: int = 200_000


class People:
    """The edge's people. Used from one event loop; ``reload`` first, ``run`` beside, ``close`` last."""

    def __init__(
        self,
        log: LogWriter,
        source: LogSource,
        rows: ProfileRows,
        fold: Fold,
        merge: Merge,
        settings: PeopleSettings = PeopleSettings(),  # noqa: B008  (frozen)
    ) -> None:
        self._log = log
        self._source = source
        self._rows = rows
        self._fold = fold
        self._merge = merge
        self._settings = settings
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="profiles-write", initializer=_give_way)
        self._storing = asyncio.Lock()  # one transaction at a time
        self._rounds = asyncio.Lock()  # one round at a time
        self._loading = True
        self._generation = 0
        self._recoveries = log.recoveries
        self._reopen = False
        self._trouble: str | None = None
        self._forget()

    def _forget(self) -> None:
        self._hot: OrderedDict[Who, Profile] = OrderedDict()
        self._bodies: dict[Who, bytes] = {}  # of hot ones that did not change since they were packed for the rows
        self._packed: OrderedDict[Who, bytes] = OrderedDict()
        self._packed_bytes = 0
        self._dirty: dict[Who, int] = {}  # -> position of the latest entry
        self._writing: dict[Who, int] = {}  # the same, taken up by the round that runs
        self._deeds: list[Deed] = []  # not in the rows yet
        self._deleted: dict[Who, int] = {}  # whose row must not be believed any more
        self._gone: dict[Who, int] = {}  # whose row went since the round began
        self._names: dict[Name, PersonId | None] = {}
        self._new_names: dict[Name, tuple[PersonId | None, int]] = {}  # not in the rows yet; position
        self._new_imports: dict[tuple[ProjectId, str], int] = {}

    # --- asking ---

    def ready(self) -> None:
        """Nothing, or ``StorageFailed`` (``reload`` is needed or runs), or ``Busy``. Ask before folding anything."""
        if self._loading or self._log.recoveries != self._recoveries:
            raise StorageFailed("the profiles are being read again")
        self._log.ready()
        if len(self._dirty) > self._settings.dirty:
            raise Busy(f"{len(self._dirty)} profiles wait to be written")

    @property
    def trouble(self) -> str | None:
        """Why the latest round of writing failed, or None. The log still has everything."""
        return self._trouble

    @property
    def synced(self) -> int:
        """Everything up to this position is in the rows."""
        return self._rows.synced()

    async def safe_to_forget(self) -> int:
        """The log may be pruned up to this position, as far as profiles go: the rows have it on disk."""
        position = self._rows.synced()
        async with self._storing:
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._rows.sync)
            except StorageFailed:
                self._reopen = True
                raise
        return position

    def counts(self) -> dict[str, int]:
        """For the metrics: how many are hot, packed, not written; and the packed bytes."""
        return {
            "hot": len(self._hot),
            "packed": len(self._packed),
            "packed_bytes": self._packed_bytes,
            "dirty": len(self._dirty) + len(self._writing),
        }

    def resolve(self, project: ProjectId, visitor: VisitorId) -> PersonId:
        """The person a visitor id belongs to: whom it was merged into, else itself."""
        person = PersonId(visitor)
        while (project, person) not in self._hot and (project, person) not in self._packed:
            into = self._person(project, "visitor", person)
            if into is None:
                break
            person = into
        return person

    def member(self, project: ProjectId, user_id: UserId) -> PersonId | None:
        """The person who is this member, if anybody is yet."""
        person = self._person(project, "user", user_id)
        return None if person is None else self.resolve(project, VisitorId(person))

    def get(self, project: ProjectId, person: PersonId) -> Profile:
        """The one live profile of a person, a fresh ``Profile(person)`` when unknown. ``StorageFailed`` by the disk."""
        who = (project, person)
        profile = self._hot.get(who)
        if profile is None:
            profile = self._fetch(who)
            self._warm(who, profile)
        else:
            self._hot.move_to_end(who)
        return profile

    def position(self, project: ProjectId, person: PersonId) -> int:
        """A position whose commit means that all a profile contains is on disk: what a duplicate's answer waits for."""
        who = (project, person)
        return self._dirty.get(who) or self._writing.get(who) or 0

    def next_row(self, project: ProjectId, batch: str) -> int:
        """The first row of an import that is not in the log yet; 0 for one never seen."""
        row = self._new_imports.get((project, batch))
        return self._rows.next_row(project, batch) if row is None else row

    # --- telling, always in the same step of the loop as the append that gave the position ---

    def touched(self, project: ProjectId, profile: Profile, position: int) -> None:
        """A profile changed; its latest entry stands at ``position``."""
        who = (project, profile.person)
        self._dirty[who] = position
        self._bodies.pop(who, None)
        if self._hot.get(who) is not profile:
            self._drop_packed(who)
            self._warm(who, profile)

    def remember_user(self, project: ProjectId, user_id: UserId, person: PersonId, position: int) -> None:
        """A member is this person from here on."""
        name = (project, "user", user_id)
        if self._person(*name) == person:
            return
        self._new_names[name] = (person, position)
        self._deeds.append(UserRemembered(position, project, user_id, person))

    def merged(self, project: ProjectId, into: Profile, absorbed_person: PersonId, position: int) -> None:
        """``absorbed_person`` is ``into`` now. Before the answer: ``await settled(position)``.

        ``into`` contains both, and nothing behind ``position``.
        """
        self.touched(project, into, position)
        absorbed = (project, absorbed_person)
        self._leave(absorbed, position)
        self._new_names[(project, "visitor", absorbed_person)] = (into.person, position)
        for kind, key in self._names_of(absorbed):
            self._new_names[(project, kind, key)] = (into.person, position)
        packed = PackedProfile(project, into.person, into.seq, pack(into), position)
        self._deeds.append(MergeWritten(position, packed, absorbed_person))

    def erased(self, project: ProjectId, people: Sequence[PersonId], position: int) -> None:
        """These people do not exist any more, nor do the names that pointed to them. Who returns is somebody new."""
        everyone: list[PersonId] = []
        for person in people:
            everyone.append(person)
            for kind, key in self._names_of((project, person)):
                self._new_names[(project, kind, key)] = (None, position)
                if kind == "visitor":
                    everyone.append(PersonId(key))
        everyone = list(dict.fromkeys(everyone))
        for person in everyone:
            self._leave((project, person), position)
            self._new_names[(project, "visitor", person)] = (None, position)
        self._deeds.append(PeopleErased(position, project, tuple(everyone)))

    def imported(self, project: ProjectId, batch: str, next_row: int, position: int) -> None:
        """All rows of an import before ``next_row`` are in the log, or were refused."""
        self._new_imports[(project, batch)] = next_row
        last = self._deeds[-1] if self._deeds else None
        deed = RowsImported(position, project, batch, next_row)
        if isinstance(last, RowsImported) and last.project == project and last.batch == batch and not self._storing.locked():
            self._deeds[-1] = deed
        else:
            self._deeds.append(deed)

    async def settled(self, position: int) -> None:
        """Return once the log up to ``position`` is on disk, and the merges and names up to there in the rows too."""
        generation = self._generation
        await self._log.committed(position)
        if any(deed.position <= position for deed in self._deeds):
            await self._store([], None, generation, settling=position)

    # --- writing behind ---

    async def run(self) -> None:
        """Write what changed, every ``round_s`` seconds, for ever. A failed round is tried again."""
        while True:
            await asyncio.sleep(self._settings.round_s)
            try:
                await self.write_behind(over_s=self._settings.round_s / 2)
            except StorageFailed as failed:
                self._trouble = str(failed)

    async def write_behind(self, over_s: float = 0.0) -> None:
        """One round: everything appended so far is in the rows when it returns. ``StorageFailed`` by the disk.

        ``over_s``: how many seconds it may take its time, when nobody waits for it.
        """
        if self._loading or self._log.failure is not None:
            return
        await self._round(self._log.appended, self._generation, over_s)

    async def _round(self, upto: int, generation: int, over_s: float = 0.0) -> None:
        async with self._rounds:
            if generation != self._generation or (not self._dirty and not self._deeds and self._rows.synced() >= upto):
                return
            self._gone.clear()
            self._writing, self._dirty = self._dirty, {}
            try:
                await self._write_all(upto, generation, over_s)
                self._trouble = None
            except BaseException:
                if generation == self._generation:
                    for who, position in self._writing.items():
                        self._dirty.setdefault(who, position)
                raise
            finally:
                if generation == self._generation:
                    self._writing = {}
            await self._shrink_whole()

    async def _write_all(self, upto: int, generation: int, over_s: float) -> None:
        chunk: list[PackedProfile] = []
        begun = since = perf_counter()
        full, count = self._settings.chunk, len(self._writing)
        if over_s:
            full = min(full, max(SMALL_CHUNK, int(count * CHUNK_S / over_s)))
        for place, (who, position) in enumerate(list(self._writing.items())):
            packed = self._pack(who, self._dirty.get(who, position))
            if packed is not None:
                chunk.append(packed)
            if perf_counter() - since > self._settings.slice_s:
                await asyncio.sleep(0)
                since = perf_counter()
            if len(chunk) >= full:
                await self._store(chunk, None, generation)
                chunk = []
                await asyncio.sleep(begun + over_s * place / count - perf_counter())
                since = perf_counter()
        await self._store(chunk, upto, generation)

    def _pack(self, who: Who, position: int) -> PackedProfile | None:
        profile = self._hot.get(who)
        if profile is not None:
            body = self._bodies[who] = pack(profile)
            return PackedProfile(*who, profile.seq, body, position)
        body = self._packed.get(who)
        if body is None:
            return None  # merged or erased meanwhile; that is a deed
        return PackedProfile(*who, seq_of(body), body, position)

    async def _store(
        self, chunk: Sequence[PackedProfile], synced: int | None, generation: int, *, settling: int | None = None
    ) -> None:
        """One transaction. A caller that is cancelled leaves it to end by itself, its bookkeeping included."""
        await asyncio.shield(asyncio.ensure_future(self._store_whole(chunk, synced, generation, settling)))

    async def _store_whole(
        self, chunk: Sequence[PackedProfile], synced: int | None, generation: int, settling: int | None
    ) -> None:
        async with self._storing:
            deeds = self._deeds.copy()
            if settling is not None and not any(deed.position <= settling for deed in deeds):
                return  # another one's transaction had them
            newest = max((*(one.position for one in chunk), *(deed.position for deed in deeds), synced or 0))
            if generation != self._generation:
                raise StorageFailed("the profiles are being read again")
            await self._log.committed(newest)
            if generation != self._generation:
                raise StorageFailed("the profiles are being read again")
            gone = self._gone | _gone(deeds)
            current = [one for one in chunk if one.position >= gone.get((one.project, one.person), 0)]
            if self._reopen:
                self._rows.reopen()
                self._reopen = False
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._rows.write, current, deeds, synced)
            except StorageFailed:
                self._reopen = True
                raise
            if generation == self._generation:
                self._gone = gone
                self._written(deeds)

    def _written(self, deeds: Sequence[Deed]) -> None:
        del self._deeds[: len(deeds)]
        newest = max((deed.position for deed in deeds), default=0)
        for name, (person, position) in list(self._new_names.items()):
            if position <= newest:
                del self._new_names[name]
                self._remember(name, person)
        for who, position in list(self._deleted.items()):
            if position <= newest:
                del self._deleted[who]
        waiting = {(deed.project, deed.batch) for deed in self._deeds if isinstance(deed, RowsImported)}
        self._new_imports = {key: row for key, row in self._new_imports.items() if key in waiting}

    async def close(self) -> None:
        """Write what is left, if the disk allows; the log has it anyway."""
        try:
            await self.write_behind()
        except StorageFailed as failed:
            self._trouble = str(failed)
        self._loading = True
        self._writer.shutdown()

    # --- reading the log again ---

    async def reload(self) -> None:
        """Throw memory away and fold again what the rows lack of the log. ``StorageFailed`` while the disk refuses.

        At a start, and after any ``StorageFailed`` of the log, which is taken up again first. ``ready`` refuses meanwhile.
        """
        self._loading = True
        await self._log.recover()
        self._generation += 1
        generation = self._generation
        async with self._rounds, self._storing:
            if generation != self._generation:
                return
            self._forget()
            if self._reopen:
                self._rows.reopen()
                self._reopen = False
            position = self._rows.synced()
            erasures = self._rows.erasures()
        since = perf_counter()
        written = position
        while rows := self._source.read(position, 512):
            for position, body in rows:
                self._replay(position, decode(body), erasures)
                if perf_counter() - since > self._settings.slice_s:
                    await asyncio.sleep(0)
                    if generation != self._generation:
                        return  # somebody began again
                    since = perf_counter()
            if position - written > 50_000:
                await self._round(position, generation)
                written = position
            if generation != self._generation:
                return
        self._recoveries = self._log.recoveries
        self._loading = False

    def _replay(self, position: int, entry: LogEntry, erasures: dict[Who, int]) -> None:
        project = entry.project
        match entry:
            case Config():
                return
            case Erased(people=people):
                if any(erasures.get((project, person), 0) < position for person in people):
                    self.erased(project, people, position)
                return
            case _ if erasures.get((project, entry.person), 0) > position:
                return  # the rows know of an erasure that comes later
            case _ if self._person(project, "visitor", entry.person) is not None:
                return  # the rows have this one merged already
            case _:
                self._replay_of_person(position, entry)

    def _replay_of_person(self, position: int, entry: LogEntry) -> None:
        project = entry.project
        profile = self.get(project, entry.person)
        if isinstance(entry, Event) and entry.batch is not None and entry.row >= self.next_row(project, entry.batch):
            self.imported(project, entry.batch, entry.row + 1, position)
        if entry.seq <= profile.seq:
            return
        if isinstance(entry, Merged):
            absorbed = self.get(project, entry.absorbed)
            profile = self._merge(profile, absorbed, entry)
            self.merged(project, profile, entry.absorbed, position)
        else:
            profile = self._fold(profile, entry)
            self.touched(project, profile, position)
        if profile.user_id is not None:
            self.remember_user(project, profile.user_id, profile.person, position)

    # --- memory ---

    def _fetch(self, who: Who) -> Profile:
        body = self._packed.get(who)
        if body is not None:
            self._drop_packed(who)
            return unpack(body)
        if who not in self._deleted:
            body = self._rows.profile(*who)
            if body is not None:
                return unpack(body)
        return Profile(who[1])

    def _warm(self, who: Who, profile: Profile) -> None:
        hot = self._hot
        hot[who] = profile
        while len(hot) > self._settings.hot:
            cold, left = hot.popitem(last=False)
            body = self._bodies.pop(cold, None)
            if left.seq > 0 or cold in self._dirty:
                if body is None:
                    body = pack(left)
                self._packed[cold] = body
                self._packed_bytes += len(body)
        if self._packed_bytes > self._settings.packed_bytes:
            self._shrink()

    def _drop_packed(self, who: Who) -> None:
        body = self._packed.pop(who, None)
        if body is not None:
            self._packed_bytes -= len(body)

    def _shrink(self) -> None:
        """Let the oldest packed ones go, except those the rows lack; a few at a time."""
        for _ in range(64):
            if self._packed_bytes <= self._settings.packed_bytes:
                return
            who = next(iter(self._packed))
            if who in self._dirty or who in self._writing:
                self._packed.move_to_end(who)
            else:
                self._drop_packed(who)

    async def _shrink_whole(self) -> None:
        """Down to what may be packed, now that the rows have them."""
        before = self._packed_bytes + 1
        while self._settings.packed_bytes < self._packed_bytes < before:
            before = self._packed_bytes
            self._shrink()
            await asyncio.sleep(0)

    def _leave(self, who: Who, position: int) -> None:
        self._hot.pop(who, None)
        self._bodies.pop(who, None)
        self._drop_packed(who)
        self._dirty.pop(who, None)
        self._deleted[who] = position

    def _person(self, project: ProjectId, kind: str, key: str) -> PersonId | None:
        name = (project, kind, key)
        new = self._new_names.get(name)
        if new is not None:
            return new[0]
        if name in self._names:
            return self._names[name]
        if kind == "visitor":
            person = self._rows.person_of_visitor(project, VisitorId(key))
        else:
            person = self._rows.person_of_user(project, UserId(key))
        self._remember(name, person)
        return person

    def _remember(self, name: Name, person: PersonId | None) -> None:
        names = self._names
        if len(names) >= self._settings.names and name not in names:
            del names[next(iter(names))]
        names[name] = person

    def _names_of(self, who: Who) -> list[tuple[str, str]]:
        """Names that point to a person: as the rows have them, with what the rows lack."""
        project, person = who
        found = dict.fromkeys(self._rows.names_of(project, person))
        for (of, kind, key), (to, _) in self._new_names.items():
            if of == project:
                if to == person:
                    found[(kind, key)] = None
                else:
                    found.pop((kind, key), None)
        return list(found)


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)


def _gone(deeds: Sequence[Deed]) -> dict[Who, int]:
    """Whose rows the deeds remove, and where in the log."""
    gone: dict[Who, int] = {}
    for deed in deeds:
        if isinstance(deed, MergeWritten):
            gone[(deed.into.project, deed.absorbed)] = deed.position
        elif isinstance(deed, PeopleErased):
            gone.update(((deed.project, person), deed.position) for person in deed.people)
    return gone
