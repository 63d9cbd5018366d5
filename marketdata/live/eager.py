"""Start a coroutine at once and make a task only of what does not finish at once (3.12's eager tasks, on 3.11 too)."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Run until the first wait; None if the work is done by then, else the task that does the rest."""
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return asyncio.ensure_future(_rest(work, awaited))


@coroutine
def _rest(work: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    while True:
        thrown: BaseException | None = None
        try:
            given = yield awaited
        except BaseException as error:
            thrown = error
        try:
            awaited = work.send(given) if thrown is None else work.throw(thrown)
        except StopIteration:
            return
