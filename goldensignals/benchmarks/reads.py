"""What pages and polls read all day: simulated quotes and history, and the calendar's sessions, in CPU time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from marketdata import calendar
from marketdata.domain import Interval
from marketdata.sources.simulated import Simulated

HISTORIES, INSTANTS = 40, 2000


def main() -> int:
    """Measure, print, and return 1 if a promise is broken."""
    now = datetime.now(UTC)
    source = Simulated(seed=99)
    names = [f"W{i}" for i in range(9)]
    instants = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(INSTANTS)]
    source.quotes(names)
    calendar.session(instants[0], "live")
    kept = [
        promise("nine warm simulated quotes", 0.005, lambda: source.quotes(names)),
        promise(f"ten years of {HISTORIES} simulated symbols", 0.5, lambda: histories(source, now)),
        promise(f"{INSTANTS} sessions", INSTANTS * 50e-6, lambda: [calendar.session(at, "live") for at in instants]),
    ]
    return 0 if all(kept) else 1


def histories(source: Simulated, now: datetime) -> None:
    """Ten years of daily bars of symbols that were not asked for before."""
    for i in range(HISTORIES):
        source.bars(f"H{i}", Interval.DAY, now - timedelta(days=3650), now)


def promise(what: str, most: float, work: Callable[[], object]) -> bool:
    """Print the CPU seconds of some work beside what is promised."""
    began = time.process_time()
    work()
    took = time.process_time() - began
    print(f"{'ok' if took < most else 'BROKEN':<8}{1000 * took:8.2f} ms CPU, {what} (promised: {1000 * most:g})")
    return took < most
