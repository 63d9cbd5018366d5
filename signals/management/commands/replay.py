"""`manage.py replay`: were the decisions of these days the same if they were made again from what is stored?"""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketdata import wiring
from signals import proving, replaying
from signals.kept import NoLongerKept


class Command(BaseCommand):
    """Prints 100 %, or the first input that differs; exit code 1 for any difference."""

    help = "Make stored decisions again from their stored inputs, by the same code, and compare the hashes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which decisions."""
        parser.add_argument("--from", dest="first", required=True, help="the first date, as 2026-01-31 (UTC)")
        parser.add_argument("--to", dest="last", default="", help="the last date; without: the first one alone")
        parser.add_argument("--symbol", default="", help="one symbol only")
        parser.add_argument("--horizon", default="", help="one horizon only, as 5d")
        parser.add_argument("--market", default="", help="live, simulated or recorded; without: the one that runs")
        parser.add_argument("--look-ahead", action="store_true", help="ask every agent again with the future cut off")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay them."""
        first = _midnight(options["first"])
        last = _midnight(options["last"] or options["first"]) + timedelta(days=1)
        market = options["market"] or wiring.market()
        try:
            found = replaying.replay(market, first, last, symbol=options["symbol"], horizon=options["horizon"])
        except NoLongerKept as error:
            raise CommandError(f"{error}. {error.remedy}") from None
        self.stdout.write(proving.words(found))
        leaking = proving.leaks(market, last) if options["look_ahead"] else []
        for one in leaking:
            self.stdout.write(f"{one.agent} looks ahead: {one.symbol} {one.at.isoformat()}: {one.seen}, cut {one.cut}")
        if options["look_ahead"] and not leaking:
            self.stdout.write("no agent looks ahead")
        if found.differences or leaking:
            raise CommandError(f"{len(found.differences)} decisions differ, {len(leaking)} scores look ahead.")


def _midnight(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise CommandError(f"{text!r} is not a date. Write it like 2026-01-31.") from None
