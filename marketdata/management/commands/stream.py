"""`manage.py stream`: play the sources that push; one process owns them, any other stands by."""

import asyncio
import gc
import signal
from typing import Any

from django.core.management.base import BaseCommand

from marketdata import stream


class Command(BaseCommand):
    help = "Play the sources that push. Safe to start twice: one process owns the streams, the other stands by."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(_main())
        # The interpreter would otherwise search every object of pandas for rubbish before it goes: a second or more.
        gc.freeze()


async def _main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stream.run(stop)
