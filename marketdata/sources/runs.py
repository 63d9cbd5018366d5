"""Connections that run side by side until the first of them ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
AGAIN_AFTER = 3.0
"""Seconds that a cancelled task has for its goodbye before it is cancelled again; a socket's takes one at most."""


async def until_one_ends(
    runs: Sequence[Coroutine[Any, Any, None]], changed: asyncio.Event, take: Callable[[], list[T]]
) -> AsyncGenerator[list[T], None]:  # fmt: skip
    """What there is to take whenever it changed, while all `runs` go on; raises what ended the first of them."""
    tasks = [asyncio.create_task(run) for run in runs]
    for task in tasks:
        task.add_done_callback(lambda _: changed.set())
    try:
        while not any(task.done() for task in tasks):
            await changed.wait()
            changed.clear()
            if taken := take():
                yield taken
        for task in tasks:
            if task.done():
                await task
    finally:
        await end(tasks)


def heed() -> None:
    """End this task if it was cancelled and went on all the same: to be called for whatever a library hands us.

    Where messages come thick and fast `wait_for` loses nearly every cancellation (see `end`).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(tasks: Collection["asyncio.Task[Any]"], again_after: float = AGAIN_AFTER) -> None:
    """Cancel tasks until all have ended, even while we are cancelled ourselves.

    Once is not enough: `wait_for` of Python 3.11, which vendors' libraries use, loses a cancellation that comes at
    the same moment as what it waits for (https://github.com/python/cpython/issues/86296), and its task goes on.
    """
    pending, cancelled = {task for task in tasks if not task.done()}, None
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=again_after)
        except asyncio.CancelledError as error:
            cancelled = error
        pending = {task for task in pending if not task.done()}
    if cancelled:
        raise cancelled
