"""`manage.py evaluate --daily DIR`, `--chains DIR`: what is promised, measured on a folder of real data."""

import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand

KINDS = ("daily", "chains")


class Command(BaseCommand):
    """Run `goldensignals.evaluation.KIND.main(folder)`; its exit code tells whether every promise was kept."""

    help = "Measure the promises about signals (daily bars) or options (chains) on a folder of CSV files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which kind of data, and where it is."""
        of = parser.add_mutually_exclusive_group(required=True)
        of.add_argument("--daily", metavar="DIR", help="CSV or CSV.gz files of daily bars")
        of.add_argument("--chains", metavar="DIR", help="files of option chains")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        kind = next(kind for kind in KINDS if options[kind])
        sys.exit(import_module(f"goldensignals.evaluation.{kind}").main(options[kind]))
