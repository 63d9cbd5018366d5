"""`manage.py doctor`: examines a house that does not do what it should, and names the next step."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table
from rich.text import Text

from goldensignals.doctor import examine
from marketdata.checkup import Finding, Level

COLOURS = {Level.FINE: "green", Level.NOTE: "yellow", Level.BAD: "red"}


class Command(BaseCommand):
    """Ends with status 1 where something is bad."""

    help = "Examine servers, sockets, sources, budgets, quotas and latency; say what is wrong and what to do next."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """For people, or for programs."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Asks no vendor: what the processes have noted and what the servers answer is enough."""
        found = examine()
        if options["json"]:
            self.stdout.write(json.dumps({case: [asdict(one) for one in found[case]] for case in found}, indent=2))
        else:
            self._show(found)
        if any(one.level is Level.BAD for findings in found.values() for one in findings):
            sys.exit(1)

    def _show(self, found: dict[str, list[Finding]]) -> None:
        console = Console(file=self.stdout, highlight=False, soft_wrap=True, markup=False)
        for case, findings in found.items():
            console.print(case, style="bold")
            table = Table(box=None, show_header=False, pad_edge=True)
            for one in findings:
                table.add_row(Text(one.level, COLOURS[one.level]), one.what, one.evidence)
                if one.next_step:
                    table.add_row("", "", f"-> {one.next_step}")
            console.print(table)
