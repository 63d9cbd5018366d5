"""The judge of the benchmark: a minute closes for 500 symbols, again and again; its figures go out as JSON."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import django

SYMBOLS, LENGTH, TURNS, DIFFERENT = 500, 520, 5, 25
MARKET = "simulated"
OPENED = datetime(2026, 3, 4, tzinfo=UTC)
Clocked = tuple[float, int]


def main() -> None:
    """Fill, judge, score."""
    django.setup()
    from goldensignals.prepare import migrate
    from marketdata import store as market_store
    from marketdata.domain import Interval
    from signals import outcomes, store, turns, wiring

    migrate()
    names, source = [f"S{i:03}" for i in range(SYMBOLS)], columns()
    market_store.set_watchlist(names)
    fill(names, source, 0, LENGTH)
    at = OPENED + timedelta(minutes=LENGTH)
    first, _ = clocked(lambda: turns.run(Interval.MINUTE, MARKET, at + timedelta(seconds=2)))
    took, began = [], time.process_time()
    for turn in range(1, TURNS + 1):
        fill(names, source, LENGTH + turn - 1, LENGTH + turn)
        now = at + timedelta(minutes=turn, seconds=2)
        took.append(clocked(lambda now=now: turns.run(Interval.MINUTE, MARKET, now)))  # type: ignore[misc]
    cpu = (time.process_time() - began) / TURNS
    fill(names, source, LENGTH + TURNS, LENGTH + 40)
    (horizon,) = (one for one in wiring.horizons() if one.interval is Interval.MINUTE)
    due = at + timedelta(minutes=35)
    score, scored = clocked(lambda: len(outcomes.resolve(horizon, MARKET, due)))
    found = {
        "symbols": SYMBOLS, "bars": LENGTH, "agents": len(wiring.agents(Interval.MINUTE)), "first": first,
        "turns": [seconds for seconds, _ in took], "cpu": cpu, "stored": store.head()[0] - scored, "score": score,
        "scored": scored,
    }  # fmt: skip
    sys.stdout.write(json.dumps(found))


def clocked(work: Callable[[], int]) -> Clocked:
    """The seconds that it takes, and what it returns."""
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def columns() -> list:  # type: ignore[type-arg]
    """Minutes of a few simulated symbols: what the others hold does not change what they cost."""
    from marketdata.domain import Interval
    from marketdata.sources.simulated import Simulated

    end = OPENED + timedelta(minutes=LENGTH + 60)
    source = Simulated(seed=7, clock=lambda: end + timedelta(days=1))
    return [source.bars(f"M{i}", Interval.MINUTE, OPENED, end) for i in range(DIFFERENT)]


def fill(names: list[str], source: list, first: int, last: int) -> None:  # type: ignore[type-arg]
    """Store these minutes of every symbol, and a quote at their end."""
    from marketdata import store
    from marketdata.domain import Quote, Session

    wanted = ("start", "open", "high", "low", "close", "volume")
    quotes = []
    for i, name in enumerate(names):
        bars = source[i % DIFFERENT]
        cut = {column: getattr(bars, column)[first:last] for column in wanted}
        store.save_bars(replace(bars, symbol=name, last_is_partial=False, **cut), MARKET)
        as_of = OPENED + timedelta(minutes=last)
        quotes.append(
            Quote(
                symbol=name,
                vendor=MARKET,
                as_of=as_of,
                received_at=as_of,
                price=float(cut["close"][-1]),
                session=Session.ALWAYS,
                simulated=True,
                delayed_by=0,
            )
        )
    store.save(quotes, MARKET)


if __name__ == "__main__":
    main()
