"""The roof as a Django app: it brings the commands and keeps Celery from replacing our logging."""

from typing import Any

from celery.signals import setup_logging
from django.apps import AppConfig


class GoldenSignals(AppConfig):
    name = "goldensignals"
    verbose_name = "GoldenSignals"

    def ready(self) -> None:
        # A receiver is enough: Celery then leaves logging alone, and LOGGING stands.
        setup_logging.connect(leave_logging, dispatch_uid="goldensignals")
        from goldensignals import celery  # noqa: F401 - every process that calls a task needs the app


def leave_logging(**_: Any) -> None:
    """Celery's logging set-up, which is ours already."""
