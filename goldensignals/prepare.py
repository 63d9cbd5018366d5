"""What must be true before the processes start: tables, a market, a watchlist."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from goldensignals.celery import PERIODS, app
from marketdata import store, wiring
from signals import usable

STARTING = 60.0
"""Seconds that a worker may take to come up."""
WORLD = "world:"


def migrate() -> bool:
    """Bring the tables up to date; whether there was anything to do."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True


def seed(symbols: Sequence[str], market: str) -> list[str]:
    """The watchlist: exactly the symbols asked for, else what the database holds, else the first ones.

    A recording starts with its own symbols, unless somebody chose a list that has some of them.
    """
    untouched = not store.symbols() or store.watchlist() == list(settings.DEFAULT_SYMBOLS)
    recorded = offered() if market == wiring.RECORDED else []
    if symbols:
        store.set_watchlist(symbols)
    elif recorded and (untouched or not set(recorded) & set(store.watchlist())):
        store.set_watchlist(recorded)
    return store.watchlist()


def offered() -> list[str]:
    """All symbols of the sources that can name theirs: a recorded folder."""
    return sorted({symbol for source in wiring.all_sources() for symbol in getattr(source, "symbols", list)()})


def claim_world(market: str) -> None:
    """One database holds one simulated market: raises ImproperlyConfigured where it has another one's prices."""
    if market != wiring.SIMULATED:
        return
    options = settings.MARKETDATA_SOURCES[wiring.SIMULATED]["OPTIONS"]
    world = f"SIMULATED_SEED={options['seed']} SIMULATED_EDGE={options['edge']:g}"
    if others := [one for one in store.cursors(WORLD) if one != WORLD + world]:
        raise ImproperlyConfigured(
            f"The simulated market of this database was made with {others[0].removeprefix(WORLD)}; with {world} its"
            " history and record would be mixed with another's. Set them as they were, or start anew: remove"
            " .local, or name another DATABASE_URL."
        )
    store.save_cursor(WORLD + world, datetime.now(UTC))


def prepare(symbols: Sequence[str] = ()) -> tuple[wiring.Decision, list[str]]:
    """Everything, in order; safe to run twice."""
    usable.check()
    migrate()
    decision = wiring.decide_market()
    claim_world(decision.market)
    watched = seed(symbols or settings.MARKETDATA_SYMBOLS, decision.market)
    call_once()
    return decision, watched


def call_once() -> None:
    """Queue every periodic task now: beat would wait a whole period before it calls one for the first time.

    They outlive the minute that a slow machine may need to start its worker.
    """
    for name, period in PERIODS.items():
        app.send_task(name, expires=max(period, STARTING))
