"""Ending what runs side by side: nothing goes on, however a cancellation meets it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from goldensignals.tests.waiting import until
from marketdata.sources import runs
from marketdata.sources.ib_thread import LoopThread


class Library:
    """A vendor's library at work: it waits for one frame after the other, each with a limit of its own."""

    def __init__(self, take: Callable[[], None] = lambda: None) -> None:
        self._take = take
        self.frame: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0

    async def listen(self) -> None:
        while True:
            await asyncio.wait_for(self.frame, 60)  # as the vendors' libraries do
            self.frame = asyncio.get_running_loop().create_future()
            self.frames += 1
            self._take()


async def test_a_cancellation_that_comes_with_a_frame_is_not_lost() -> None:
    library = Library()
    task = asyncio.create_task(library.listen())
    await asyncio.sleep(0)
    library.frame.set_result(None)
    async with asyncio.timeout(30):
        await runs.end([task], again_after=0.1)
    assert task.cancelled()
    assert library.frames <= 1


async def test_who_heeds_ends_with_the_very_frame_that_hid_its_cancellation() -> None:
    library = Library(runs.heed)
    task = asyncio.create_task(library.listen())
    await asyncio.sleep(0)
    library.frame.set_result(None)
    async with asyncio.timeout(30):
        await runs.end([task], again_after=600)
    assert task.cancelled()


async def test_who_ends_others_while_being_ended_leaves_none_behind() -> None:
    goodbye, ended = asyncio.Event(), []

    async def polite() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await goodbye.wait()
            ended.append(True)

    task = asyncio.create_task(polite())
    await asyncio.sleep(0)
    ending = asyncio.create_task(runs.end([task]))
    await asyncio.sleep(0)
    assert not ending.done()
    goodbye.set()
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert ended or task.cancelled()
    assert task.done()


async def test_what_has_ended_is_left_as_it_is() -> None:
    async def fails() -> None:
        raise ValueError("why")

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    await runs.end([task])
    assert isinstance(task.exception(), ValueError)
    await runs.end([])


def test_a_thread_of_ours_ends_though_a_task_lets_its_cancellation_pass() -> None:
    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    thread = LoopThread("deaf")
    thread.submit(deaf())
    thread.call(asyncio.sleep(0), 30)
    thread.stop(lambda: None)
    assert until(lambda: "deaf" not in {one.name for one in threading.enumerate()})
