"""`manage.py bench NAME`: the figures of the README, measured here and now."""

import sys
from argparse import ArgumentParser
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goldensignals import benchmarks


class Command(BaseCommand):
    """Run `goldensignals.benchmarks.NAME.main()`; it prints its figures and returns 1 if a promise is broken."""

    help = "Measure what the README claims, beside its peers."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which benchmark."""
        parser.add_argument("name", choices=names())

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; the exit code tells whether every promise was kept."""
        if not sys.platform.startswith("linux"):
            raise CommandError("The benchmarks read /proc and pin cores: they need Linux.")
        sys.exit(import_module(f"{benchmarks.__name__}.{options['name']}").main())


def names() -> list[str]:
    """The modules that are benchmarks themselves, not a peer or a part of one."""
    found = (module.name for module in iter_modules(benchmarks.__path__))
    return sorted(name for name in found if "_" not in name and name != "crowd")
