"""`manage.py drill`: what an outage of a vendor would cost, tried out on stand-ins and servers of the drill's own."""

import argparse
import logging
import re
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

import msgspec
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from rich.console import Console
from rich.table import Table

from marketdata import drill, wiring
from marketdata.cache import client
from marketdata.drill_report import Plan, Report
from marketdata.standins.vendors import OPENERS, PAIRS, Vendor

UNITS = {"s": 1, "m": 60, "h": 3600}


class Command(BaseCommand):
    """Prints a report; the exit code is 1 where the feed did not keep what it promises."""

    help = (
        "Break a stand-in of a vendor for a while and report what that costs: seconds blind, cycles missed, alarms, "
        "what served instead. Runs on a database and on stand-ins of its own; nothing of yours is read or written."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who fails, how, and for how long."""
        parser.add_argument("--source", required=True, choices=list(OPENERS), help="who fails")
        parser.add_argument(
            "--fault", required=True, choices=drill.FAULTS,
            help="kill: refuses connections; timeout: never answers; 429: limits us; garbage: answers what is no JSON; "
            "mute: answers with nothing in it; stale: answers with the prices of an hour ago",
        )  # fmt: skip
        parser.add_argument("--for", dest="seconds", type=seconds, default=60.0, help="30, 90s, 2m (default 1m)")
        parser.add_argument("--backup", choices=list(OPENERS), help="the second live source (default: another one)")
        parser.add_argument(
            "--wait", type=seconds, default=180.0, help="how long to wait afterwards for its return (default 3m)"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """One drill, in a market of two vendors whose pairs trade at any hour."""
        plan = planned(options)
        console = Console(file=sys.stderr if options["json"] else self.stdout, highlight=False, soft_wrap=True)
        logging.getLogger("websockets").setLevel(logging.WARNING)
        own_servers()
        call_command("migrate", verbosity=0)
        with ExitStack() as stack:
            vendors = [stack.enter_context(Vendor(name)) for name in (plan.source, plan.backup)]
            # This process does nothing else: its settings are the drill's.
            for name, value in drill.market(plan, vendors).items():
                setattr(settings, name, value)
            for source in wiring.all_sources():
                stack.callback(source.close)
            report = drill.run(plan, vendors[0], console.print)
        if options["json"]:
            told = {**msgspec.to_builtins(report), "kept": report.kept}
            self.stdout.write(msgspec.json.encode(told).decode())
        else:
            show(console, report)
        if not report.kept:
            raise CommandError("The feed did not keep what it promises: see the lines that say BROKEN.")


def seconds(text: str) -> float:
    """A length of time, as 30, 90s or 2m."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if match is None or not 1 <= (found := float(match[1]) * UNITS[match[2] or "s"]) <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time from 1s to 1h, such as 30, 90s or 2m")
    return found


def planned(options: dict[str, Any]) -> Plan:
    """What to do; raises CommandError."""
    if find_spec("trustme") is None:
        raise CommandError("The stand-ins need trustme: install goldensignals/tests/requirements.txt.")
    source = options["source"]
    backup = options["backup"] or next(name for name in ("polygon", "alpaca") if name != source)
    if backup == source:
        raise CommandError(f"--backup {backup}: choose a source that does not fail.")
    return Plan(source, backup, options["fault"], options["seconds"], wait=options["wait"], symbols=tuple(PAIRS))


def own_servers() -> None:
    """Refuse servers that hold anything: made-up prices must never get among real ones."""
    if connection.introspection.table_names() or client().dbsize():
        raise CommandError(
            "This database or Redis is in use. Start the drill by `python3 manage.py drill`, which makes its own."
        )


def show(console: Console, report: Report) -> None:
    """The report for people."""
    plan, missed = report.plan, max(report.missed.values(), default=0)
    console.print(f"\n{plan.source}: {plan.fault} for {plan.seconds:g} s, {report.cycles} cycles of {plan.every:g} s\n")
    table = Table("symbol", "seconds blind", "cycles missed", box=None, pad_edge=False, header_style="bold")
    for symbol in plan.symbols:
        table.add_row(symbol, f"{report.blind[symbol]:.1f}", str(report.missed[symbol]))
    console.print(table)
    console.print()
    for name, said in facts_of(report).items():
        console.print(f"{name:<27} {said}", markup=False)
    for most, found, what in (
        (1, missed, "cycles missed of a symbol (promised: 1 at most)"),
        (0, report.duplicates, "values shown or stored twice (promised: none)"),
        (0, report.older, "older prices shown as newer (promised: none)"),
    ):
        console.print(f"{'ok    ' if found <= most else 'BROKEN'} {found:4} {what}")


def facts_of(report: Report) -> dict[str, str]:
    """The other lines, by name."""
    served = ", ".join(f"{name} {count}" for name, count in report.served.items()) or "nobody"
    alarms = "; ".join(f"{name} (after {told['after']:.1f} s)" for name, told in report.alarms.items()) or "none"
    failures = "; ".join(f"{name}: {text}" for name, text in report.failures.items()) or "none"
    return {
        "symbols affected": f"{len(report.affected)} of {len(report.plan.symbols)}",
        "quotes served meanwhile by": served,
        "time to fail over": _time(report.failover),
        "time to fail back": _time(report.failback),
        "alarms": alarms,
        "failures": f"{report.errors}; the last of each source: {failures}",
    }


def _time(value: float | None) -> str:
    return "not within the drill" if value is None else f"{value:.1f} s"
