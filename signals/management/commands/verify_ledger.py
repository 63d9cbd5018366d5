"""`manage.py verify_ledger`: whether any signal or outcome was changed after it was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals import store, verifying


class Command(BaseCommand):
    """Walks the chain of hashes and makes each one again from its row; prints the head, to be kept elsewhere."""

    help = "Walk the ledger, recompute every entry from its row, and print the head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A head that was kept."""
        parser.add_argument("--seq", type=int, help="the number of an entry whose head was kept")
        parser.add_argument("--head", default="", help="the head that it had then")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is wrong; exit code 1 where anything is."""
        found = verifying.verify()
        for seq, words in found.faults:
            self.stdout.write(f"entry {seq}: {words}" if seq else words)
        self.stdout.write(f"{found.entries} entries, head {found.head}")
        if found.let_go:
            self.stdout.write(
                f"{found.let_go} of them vouch for decisions on minutes from before {found.let_go_before}, which nobody"
                " was told of and which were let go (SIGNALS_MINUTE_DAYS): what they said can no longer be compared"
            )
        if options["seq"] is not None:
            kept = next((one.head for one in store.entries(options["seq"])), "")
            if kept != options["head"]:
                raise CommandError(
                    f"Entry {options['seq']} had the head {options['head']}; now it has {kept or 'none'}."
                )
        if found.faults:
            raise CommandError(f"{len(found.faults)} faults: restore the rows from a backup that has this head.")
