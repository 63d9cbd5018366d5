"""How long 5,000 quotes take to be stored and published, against Django's bulk_create of the same rows alone.

Ours: checked, stored (history and latest in one statement), retained and announced. The peers only write the history,
to the same table with the same indexes: `bulk_create` as it is, and once more without the `flags` array, where Django
itself uses unnest. Everything runs in its own market and day, in one run, and is removed afterwards.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db import connection, models

from goldensignals.prepare import migrate
from marketdata import cache, counters, ingest, store, wire
from marketdata.domain import Quote, Session
from marketdata.live import topics
from marketdata.live.publish import publish
from marketdata.models import Quote as Row

SYMBOLS, ROUNDS = 5_000, 7
DAY = date(2001, 1, 1)
MARKET = "benchmark"
GOAL = 2.0


def quotes(second: int) -> list[Quote]:
    """One quote of each symbol, full of values as a good vendor's are."""
    at = datetime(2001, 1, 1, 15, tzinfo=UTC) + timedelta(seconds=second)
    one = Quote(
        symbol="", vendor=MARKET, as_of=at, received_at=at + timedelta(milliseconds=80), price=185.5, bid=185.49,
        ask=185.51, bid_size=300.0, ask_size=200.0, quote_as_of=at, open=184.0, high=186.02, low=183.5,
        previous_close=184.25, volume=1_000_000.0 + second, currency="USD", session=Session.CLOSED, feed="sip",
        delayed_by=0, flags=frozenset({"wide"}),
    )  # fmt: skip
    return [replace(one, symbol=f"~{i:05}", price=183.5 + i / 2048) for i in range(SYMBOLS)]


def ours(values: Sequence[Quote]) -> None:
    """The whole way in: check, store history and latest, publish."""
    ingest.quotes(values, market=MARKET)


def unchecked(values: Sequence[Quote]) -> None:
    """Store history and latest, and publish."""
    publish([wire.market_data(quote) for quote in store.save(values, MARKET).newest])


def store_only(values: Sequence[Quote]) -> None:
    """Store history and latest."""
    store.save(values, MARKET)


def bulk_create(values: Sequence[Quote]) -> None:
    """The history alone, by Django."""
    Row.objects.bulk_create([Row(**_fields(quote), flags=list(quote.flags)) for quote in values])


def bulk_create_flat(values: Sequence[Quote]) -> None:
    """The history alone, by Django, without the array that keeps it from using unnest."""
    FlatRow.objects.bulk_create([FlatRow(**_fields(quote)) for quote in values])


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of each way, its rounds alternating with those of the others."""
    ways: list[Callable[[Sequence[Quote]], None]] = [ours, unchecked, store_only, bulk_create, bulk_create_flat]
    took: dict[str, list[float]] = {way.__name__: [] for way in ways}
    _prepare()
    try:
        for i in range((rounds + 1) * len(ways)):
            way, values = ways[i % len(ways)], quotes(i)
            began = time.perf_counter()
            way(values)
            took[way.__name__].append(time.perf_counter() - began)
    finally:
        _clean()
        seen = (rounds + 1) * SYMBOLS
        counters.add(quotes_fetched=-seen, quotes_stored=-seen)
    # The first round of each warms caches and plans.
    return {name: statistics.median(times[1:]) for name, times in took.items()}


def main() -> int:
    """Print the table; 0 if the goal is met."""
    migrate()
    found = measure()
    ratio = found["bulk_create"] / found["ours"]
    rows = {
        "checked, stored (history + latest), published": "ours",
        "stored (history + latest) and published": "unchecked",
        "stored (history + latest)": "store_only",
        "bulk_create, history alone": "bulk_create",
        "bulk_create, history alone, without flags": "bulk_create_flat",
    }
    lines = [f"{SYMBOLS:,} quotes, median of {ROUNDS} rounds"]
    lines += [f"  {title:<48}{1000 * found[name]:>8.1f} ms" for title, name in rows.items()]
    lines += [f"  bulk_create alone / checked, stored and published = {ratio:.2f} (goal: at least {GOAL:g})"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if ratio >= GOAL else 1


def _fields(quote: Quote) -> dict[str, object]:
    names = [name for name in Quote.__dataclass_fields__ if name != "flags"]
    return {name: getattr(quote, name) for name in names} | {"market": MARKET}


def _flat() -> type[models.Model]:
    columns = {field.name: field.clone() for field in Row._meta.fields if field.name != "flags"}
    meta = type("Meta", (), {"db_table": "quote", "managed": False, "app_label": "benchmarks"})
    key = models.CompositePrimaryKey("symbol", "as_of", "vendor")
    return type("FlatRow", (models.Model,), {**columns, "pk": key, "Meta": meta, "__module__": __name__})


def _prepare() -> None:
    _clean()
    store.ensure_partitions(DAY, DAY)


def _clean() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS quote_20010101")
        cursor.execute("DELETE FROM latest WHERE market = %s", [MARKET])
    names = [quote.symbol for quote in quotes(0)]
    cache.client().hdel(topics.LATEST, *names)
    cache.client().hdel(topics.SEQUENCE, *(topics.market(name) for name in names))


FlatRow = _flat()
