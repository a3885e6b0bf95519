"""Loops go on whatever happens to one of them, and say how they fare."""

import asyncio
import time
from itertools import count

import pytest

from omotenashi.model.ids import Instant
from omotenashi.worker import loop as loops_of_work
from omotenashi.worker.loop import Loop, Loops, in_thread


def clock() -> Instant:
    return Instant(1_780_000_000_000)


async def test_a_loop_with_more_to_do_does_not_rest() -> None:
    steps = count(1)

    async def step() -> bool:
        await asyncio.sleep(0)
        return next(steps) < 50

    loops = Loops([Loop("busy", step, rest_ms=60_000)], clock)
    loops.start()
    async with asyncio.timeout(5):
        while loops.health()[0].state != "idle" or next(steps) < 50:
            await asyncio.sleep(0.001)
    await loops.stop()
    assert loops.health()[0].state == "stopped"


async def test_a_loop_that_fails_says_why_goes_on_and_harms_no_other() -> None:
    tries = count(1)
    calm_steps = count()

    async def troubled() -> bool:
        if next(tries) < 3:
            raise RuntimeError("the disk is full")
        return False

    async def calm() -> bool:
        next(calm_steps)
        return False

    first, second = Loop("troubled", troubled, rest_ms=1), Loop("calm", calm, rest_ms=1)
    loops = Loops([first, second], clock)
    loops.start()
    seen: set[tuple[str, int, str]] = set()
    async with asyncio.timeout(5):
        while first.succeeded_at is None or second.succeeded_at is None:
            health = first.health()
            seen.add((health.state, health.failures, health.message))
            await asyncio.sleep(0)
    await loops.stop()
    assert ("failing", 1, "RuntimeError: the disk is full") in seen
    assert ("failing", 2, "RuntimeError: the disk is full") in seen
    assert (first.failures, first.message, first.succeeded_at) == (0, "", clock())
    assert next(calm_steps) > 0


async def test_waking_a_loop_ends_its_rest() -> None:
    steps = count()

    async def step() -> bool:
        next(steps)
        return False

    loop = Loop("asleep", step, rest_ms=60_000)
    loops = Loops([loop], clock)
    loops.start()
    async with asyncio.timeout(5):
        while loop.state != "idle" or loop.succeeded_at is None:
            await asyncio.sleep(0)
        loop.wake()
        while next(steps) < 3:
            await asyncio.sleep(0)
    await loops.stop()


async def test_a_loop_that_gathers_rests_for_as_long_as_its_step_took(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    minutes = count(0, 60)
    monkeypatch.setattr(loops_of_work, "perf_counter", lambda: float(next(minutes)))

    async def step() -> bool:
        steps.append(1)
        return False

    loop = Loop("slow", step, rest_ms=1, gathers=True)
    loops = Loops([loop], clock)
    loops.start()
    async with asyncio.timeout(5):
        while not steps:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert len(steps) == 1
        loop.wake()
        while len(steps) == 1:
            await asyncio.sleep(0)
    await loops.stop()


async def test_stopping_waits_for_work_that_already_runs_in_a_thread() -> None:
    done: list[str] = []

    def work() -> bool:
        time.sleep(0.1)
        done.append("written")
        return False

    loops = Loops([Loop("writer", lambda: in_thread(work))], clock)
    loops.start()
    await asyncio.sleep(0.02)
    await loops.stop()
    assert done == ["written"]
