"""`manage.py up`: everything at one address, until Ctrl-C."""

import os
import sys
import webbrowser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from goldensignals import local
from goldensignals.house import House, Trouble


class Command(BaseCommand):
    help = "Run everything: page, REST, sockets, worker, clock, stream, and Postgres and Redis unless URLs name others."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.WS_PORT, help="port of page, REST and sockets")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: all)")
        parser.add_argument("--market", choices=settings.MARKETS, help="instead of MARKET")
        parser.add_argument("--symbols", help="the watchlist, with commas: AAPL,MSFT")
        parser.add_argument("--no-browser", action="store_true", help="do not open the page")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["market"]:
            settings.MARKET = os.environ["MARKET"] = options["market"]
        symbols = [part.strip() for part in (options["symbols"] or "").split(",") if part.strip()]
        if local.current is None:
            raise CommandError("`up` runs as `python3 manage.py up`, which starts its servers.")
        opened: Callable[[str], Any] = webbrowser.open if has_screen() and not options["no_browser"] else str
        try:
            House(local.current, options["host"], options["port"]).run(symbols, opened)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from None


def has_screen() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
