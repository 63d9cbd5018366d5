"""The clocks: one table of tasks and periods (seconds)."""

import os

from celery import Celery
from django.conf import settings

from goldensignals.processes import ANALYSIS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldensignals.settings")

app = Celery("goldensignals")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

PERIODS: dict[str, float] = {
    "marketdata.tasks.poll_quotes": settings.MARKETDATA_QUOTES_EVERY,
    "marketdata.tasks.poll_bars": settings.MARKETDATA_BARS_EVERY,
    "marketdata.tasks.learn_actions": 900,
    "marketdata.tasks.repair_gaps": 300,
    "marketdata.tasks.probe_sources": 5,
    "marketdata.tasks.compare_sources": 30,
    "marketdata.tasks.keep_scores": 60,
    "marketdata.tasks.make_partitions": 3600,
    "marketdata.tasks.retention": 3600,
    "signals.tasks.warm": 5,
    "signals.tasks.judge": 5,
    "signals.tasks.announce": 5,
    "signals.tasks.score": 30,
    "signals.tasks.prove": 1800,
    "signals.tasks.let_go": 900,
    "options.tasks.poll_chains": settings.OPTIONS_EVERY,
    "options.tasks.confirm_alerts": 300,
    "options.tasks.keep_chains": 3600,
}

app.conf.task_routes = {
    name: {"queue": ANALYSIS}
    for name in (
        "options.*",
        "signals.*",
        "marketdata.tasks.learn_actions",
        "marketdata.tasks.repair_gaps",
        "marketdata.tasks.retention",
    )
}

app.conf.beat_schedule = {
    # A task that waited almost a period in the queue is worth less than the one that comes now.
    name: {"task": name, "schedule": period, "options": {"expires": 0.9 * period}}
    for name, period in PERIODS.items()
}
