"""Connections that run side by side until the first of them ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


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
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
