"""A thread with an asyncio loop of its own, in which everything of Interactive Brokers' library happens."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from marketdata.sources.base import Unavailable, VendorTimeout
from marketdata.sources.runs import end

T = TypeVar("T")
GRACE = 0.5
"""Seconds beyond its own deadline that a call may take before it is left behind."""


class LoopThread:
    """Started when it is made; `broken` hears of every error that nobody awaited."""

    def __init__(self, name: str) -> None:
        self.broken: Callable[[BaseException | None], None] = lambda error: None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._started.wait()

    def call(self, coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
        """What the coroutine answers; called from any thread but its own."""
        future = self.submit(coroutine)
        try:
            return future.result(seconds + GRACE)
        except TimeoutError:
            future.cancel()
            raise VendorTimeout("TWS did not answer in time") from None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine there."""
        if self._loop.is_closed():
            coroutine.close()
            raise Unavailable("the connection to TWS was closed by us")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def stop(self, last: Callable[[], None]) -> None:
        """End the thread, after `last` has run in it."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._finish, last)
        self._thread.join(5)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        # ib_insync looks for the thread's loop as soon as it is imported.
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _, context: self.broken(context.get("exception")))
        self._started.set()
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _finish(self, last: Callable[[], None]) -> None:
        last()
        # The library waits by `wait_for`, which may lose a cancellation.
        ending = self._loop.create_task(end(asyncio.all_tasks(self._loop)))
        ending.add_done_callback(lambda _: self._loop.call_later(0.01, self._loop.stop))
