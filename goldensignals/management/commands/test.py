"""`manage.py test`: every check, with a table of what passed, failed and was skipped."""

import sys
from argparse import REMAINDER
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from goldensignals.checks import browser, checks
from goldensignals.tally import Tally


class Command(BaseCommand):
    help = "Run every check: ruff, mypy, import-linter, node --test, pytest. With arguments: pytest alone, with these."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("extra", nargs=REMAINDER, help="arguments for pytest, after --")

    def handle(self, *args: Any, **options: Any) -> None:
        console, tally = Console(highlight=False, soft_wrap=True), Tally()
        table = Table("check", "result", "seconds", box=None, pad_edge=False, header_style="bold")
        for check in checks([word for word in options["extra"] if word != "--"]):
            console.print(f"== {check.name}", style="bold")
            table.add_row(check.name, *tally.run(check))
        console.print(table)
        for reason in tally.skips:
            console.print(f"skipped: {reason}", markup=False)
        for test in tally.unsteady:
            console.print(f"unsteady: {test} failed once and passed when run again: mend it", markup=False)
        if not browser():
            console.print("skipped: the page in a browser, for there is no Chromium (apt-get install chromium)")
        print(tally.summary(), flush=True)
        sys.exit(1 if tally.failed else 0)
