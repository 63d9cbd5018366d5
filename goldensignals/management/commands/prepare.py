"""`manage.py prepare`: what `up` does before it starts the processes, for those who start them otherwise (Docker)."""

from typing import Any

from django.core.management.base import BaseCommand

from goldensignals.prepare import prepare


class Command(BaseCommand):
    help = "Bring the tables up to date, decide which market is shown, fill an empty watchlist. Safe to run again."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's spelling

    def handle(self, *args: Any, **options: Any) -> None:
        decision, watched = prepare()
        self.stdout.write(f"Market: {decision.market} ({decision.reason}); watching {', '.join(watched)}")
