"""`manage.py up`: everything at one address, until Ctrl-C."""

import os
import sys
import webbrowser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goldensignals import front, local
from goldensignals.house import House, Trouble


class Command(BaseCommand):
    help = "Run everything: page, REST, sockets, worker, clock, stream, and Postgres and Redis unless URLs name others."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def add_arguments(self, parser: CommandParser) -> None:
        front.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        symbols = [part.strip() for part in options["symbols"].split(",") if part.strip()]
        if local.current is None or local.current.front is None:
            raise CommandError("`up` runs as `python3 manage.py up`, which starts its servers.")
        opened: Callable[[str], Any] = webbrowser.open if has_screen() and not options["no_browser"] else str
        try:
            House(local.current, local.current.front).run(symbols, opened)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from None


def has_screen() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
