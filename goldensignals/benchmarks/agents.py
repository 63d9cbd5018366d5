"""What agents cost: all opinions on a closed minute of 500 symbols, and ten years of scores of 40, in CPU time."""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from goldensignals.benchmarks.reads import promise
from marketdata.domain import Bars, Interval
from marketdata.sources.simulated import Simulated
from signals.agents.base import BarAgent
from signals.domain import MarketView
from signals.orchestrator import combine
from signals.roster import roster, seated

SYMBOLS, HISTORIES, WINDOW = 500, 40, 520
DIFFERENT = 10
"""Columns that really differ: what they hold does not change what they cost."""


def main() -> int:
    """Measure, print, and return 1 if a promise is broken."""
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    source, seats = Simulated(seed=7, clock=lambda: now), roster(settings.SIGNALS_AGENTS)
    minutes = [source.bars(f"M{i}", Interval.MINUTE, now - timedelta(minutes=WINDOW), now) for i in range(DIFFERENT)]
    days = [source.bars(f"D{i}", Interval.DAY, now - timedelta(days=3650), now) for i in range(DIFFERENT)]
    views = [MarketView(symbol=one.symbol, market="simulated", at=now, bars=one, simulated=True) for one in minutes]
    agents, weights = seated(seats, Interval.MINUTE)
    walkers = [one for one in seated(seats, Interval.DAY)[0] if isinstance(one, BarAgent)]
    for view in views[:1]:
        combine([agent.opinion(view) for agent in agents], weights)

    def judge() -> None:
        for i in range(SYMBOLS):
            combine([agent.opinion(views[i % DIFFERENT]) for agent in agents], weights)

    def walk() -> None:
        for i in range(HISTORIES):
            _score(walkers, days[i % DIFFERENT])

    kept = [
        promise(f"{len(agents)} agents on a minute of {SYMBOLS} symbols, {WINDOW} bars each", 2.0, judge),
        promise(f"{len(walkers)} agents over ten years of {HISTORIES} symbols", 1.0, walk),
    ]
    return 0 if all(kept) else 1


def _score(agents: list[BarAgent], bars: Bars) -> None:
    for agent in agents:
        agent.scores(bars)
