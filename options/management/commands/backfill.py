"""`manage.py backfill`: the bars of the past, as on the floor below, or with `--options` chains out of files."""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from rich.console import Console
from rich.table import Table

from marketdata import calendar, wiring
from marketdata.management.commands.backfill import Command as Bars
from marketdata.sources.base import SourceError
from marketdata.sources.recorded_chain import ChainFile
from options import chain_files, store
from options.domain import Confirmation, Verdict

WIDE = 110
"""Columns of a table that goes into a file."""
COLUMNS = ("session", "contracts", "left out", "alerts", *(one.value for one in Verdict))


class Command(Bars):
    """Prints, for each underlying, what each session brought and how its alerts were judged."""

    help = f"{Bars.help} With --options PATH …: chains out of files, in the formats that the README names."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The floor below's, none of which chains need."""
        super().add_arguments(parser)
        for action in parser._actions:
            action.required = False
        parser.add_argument(
            "--options", dest="chains", nargs="+", type=Path, metavar="PATH",
            help="take in the option chains of these files or folders (lean_, yahoo_, cboe_ and barchart_ files)",
        )  # fmt: skip
        parser.add_argument("--market", default=wiring.RECORDED, help="the market they are told of; default: recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Chains where there are any named, else bars."""
        if not options["chains"]:
            if not options["first"]:
                raise CommandError("Name the first session by --from 2026-01-31, or chains by --options PATH.")
            super().handle(*args, **options)
            return
        if options["market"] not in calendar.MARKETS:
            raise CommandError(f"--market {options['market']!r}: choose one of {', '.join(calendar.MARKETS)}.")
        self._hashes = options["hash"]
        self._take_in(options["chains"], options["market"])

    def _take_in(self, paths: Sequence[Path], market: str) -> None:
        failures: list[SourceError] = []
        try:
            found = chain_files.files(paths)
        except SourceError as error:
            raise CommandError(f"{error}.") from None
        if not found:
            raise CommandError("None of these is called like lean_AAPL_universe.csv or yahoo_NVDA_2025-11-25.csv.gz.")
        if not store.is_current():  # a clone that was never started, or not since it was updated
            call_command("migrate", verbosity=0, interactive=False)
        self._console = Console(file=self.stdout, highlight=False, soft_wrap=True)
        if not self._console.is_terminal:
            self._console.width = WIDE
        for underlying, those in found.items():
            try:
                self._of(underlying, those, market, failures)
            except KeyboardInterrupt:
                raise CommandError("Stopped. Give the same order again, and it goes on from here.") from None
        if failures:
            raise CommandError("Not everything was read:\n" + "\n".join(f"  {one}. {one.remedy}" for one in failures))

    def _of(
        self, underlying: str, those: Sequence[ChainFile], market: str, failures: list[SourceError]
    ) -> None:  # fmt: skip
        taken = chain_files.take_in(underlying, those, market, failures)
        sessions = [session for session in taken if self._said(underlying, session)]
        table = Table(*COLUMNS, title=f"{underlying} ({market})", title_justify="left")
        for day in chain_files.days(underlying, market, sessions):
            verdicts = [str(day.verdicts[one]) for one in Verdict]
            table.add_row(f"{day.session}", f"{day.contracts:,}", str(day.left_out), str(day.alerts), *verdicts)
        self._console.print(table)
        for one in chain_files.confirmations(underlying, market):
            self._console.print(_words(one))
        if self._hashes:
            self._console.print(f"sha256 {store.fingerprint(underlying, market)} over all that is stored of it")

    def _said(self, underlying: str, session: date) -> bool:
        """Progress, where somebody looks on."""
        if self._console.is_terminal:
            self._console.print(f"{underlying} {session}", end="\r")
        return True


def _words(one: Confirmation) -> str:
    known = one.opened + one.closed + one.unclear
    if one.share is None or one.low is None or one.high is None:
        return f"{one.rule}@{one.version}: {one.alerts} alerts, none of which the next open interest has judged yet"
    return (
        f"{one.rule}@{one.version}: opened {one.opened} of {known} judged, {one.share:.0%} "
        f"(95 % interval {one.low:.0%} to {one.high:.0%}); closed {one.closed}, unclear {one.unclear}, "
        f"pending {one.pending}"
    )
