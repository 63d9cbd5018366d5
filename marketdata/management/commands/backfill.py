"""`manage.py backfill`: fetch the bars that are missing of the past; cut off, it goes on where it stopped."""

import argparse
import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from marketdata import backfill, store
from marketdata.backfill_order import Order, Refused, read

COLUMNS = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class Command(BaseCommand):
    """Prints its progress, and at the end what each symbol got."""

    help = "Fetch the bars that are missing of the past. Safe to repeat and to kill: it goes on where it stopped."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which bars, by whom."""
        parser.add_argument("--symbols", default="", help="comma-separated; without: the watchlist")
        parser.add_argument("--from", dest="first", required=True, help="the first session's date, as 2026-01-31")
        parser.add_argument("--to", dest="last", default="", help="the last session's date; without: today")
        parser.add_argument("--interval", default="1d", help="1d (default) or 1m, from which the others are folded")
        parser.add_argument("--source", default="", help="ask this source only; without: all, in order of failover")
        parser.add_argument("--hash", action="store_true", help="print a SHA-256 over the complete bars of the order")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetches what is missing; an order that is done already asks nobody."""
        try:
            order = read(*(options[name] for name in ("symbols", "first", "last", "interval", "source")))
        except Refused as error:
            raise CommandError(str(error)) from None
        self._console = Console(file=self.stdout, highlight=False, soft_wrap=True)
        failures = self._fill(order)
        have = backfill.tally(order)
        self._console.print(
            f"{have['complete']:,} of {have['expected']:,} expected bars are complete; looked for in vain: "
            f"{have['missing']:,}."
        )
        if options["hash"]:
            digest, rows = store.fingerprint(order.symbols, order.interval, order.start, order.end, order.market)
            self._console.print(f"sha256 {digest} over {rows:,} complete bars")
        if failures:
            raise CommandError("Not everything was fetched:\n" + "\n".join(f"  {one}" for one in failures))

    def _fill(self, order: Order) -> list[str]:
        parts = backfill.plan(order)
        if not parts:
            return []
        written: Counter[str] = Counter()
        failures: dict[str, None] = {}
        with Progress(*COLUMNS, console=self._console) as progress:
            task = progress.add_task("backfill", total=len(parts))

            def wait(seconds: float) -> None:
                progress.console.print(f"the source is busy or away: waiting {seconds:.0f} s")
                time.sleep(seconds)

            try:
                for step in backfill.run(order, parts, wait):
                    written[step.part.symbol] += step.written
                    progress.update(task, advance=1, description=f"{step.part.symbol} {step.part.start:%Y-%m-%d}")
                    if step.failure:
                        failures[f"{step.part.symbol}: {step.failure}"] = None
            except backfill.Interrupted as error:
                raise CommandError(str(error)) from None
            except KeyboardInterrupt:
                raise CommandError("Stopped. Give the same order again, and it goes on from here.") from None
        said = ", ".join(f"{symbol} {count:,}" for symbol, count in written.items() if count)
        self._console.print(f"Rows written: {said or 'none'}.")
        return list(failures)
