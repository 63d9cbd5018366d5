"""Interactive Brokers' library, whichever of its two is installed, and futures as it needs them handled."""

import asyncio
import logging
from importlib import import_module
from typing import Any

from marketdata.sources.base import SourceError

for _name in ("client", "wrapper", "ib"):
    for _library in ("ib_async", "ib_insync"):
        # It logs accounts, and errors that are raised here by their names.
        logging.getLogger(f"{_library}.{_name}").setLevel(logging.CRITICAL)


def library() -> Any:
    """ib_async, or the ib_insync that it came from; imported in the thread that uses it."""
    try:
        return import_module("ib_async")
    except ImportError:
        return import_module("ib_insync")


def tell(future: "asyncio.Future[SourceError]", error: SourceError) -> None:
    """Whoever waits for an error hears of the first one."""
    if not future.done():
        future.set_result(error)


def drop(*awaited: "asyncio.Future[Any]") -> None:
    """End what nobody waits for any more, and look at its error, lest the loop complain of it."""
    for one in awaited:
        one.cancel()
        one.add_done_callback(lambda done: done.cancelled() or done.exception())
