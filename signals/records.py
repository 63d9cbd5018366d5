"""The record out of the outcome table. It changes only when an outcome comes, so it is kept until one does."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from signals import store, wiring
from signals.domain import Horizon, TrackRecord
from signals.orchestrator import LEANS_FROM
from signals.track_record import GROUPS, Rates, base_rates, track_records

MOST = 20_000
"""The last so many outcomes make a record."""
_TURN = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The record of one horizon and agent set: `counted` outcomes of signals that were issued, of the `total`.

    `rates`: its base rates, None without an outcome.
    """

    agent_set: str
    counted: int
    total: int
    rows: tuple[TrackRecord, ...]
    rates: Rates | None

    def of(self, group: str) -> tuple[TrackRecord, ...]:
        """The rows of a group that have any outcome."""
        return tuple(one for one in self.rows if one.group == group and one.record.n)


def records(market: str, horizon: Horizon, agent_set: str | None = None, symbol: str | None = None) -> Records:
    """The record of an agent set (None: of the one whose signals were graded last), of one symbol or of all.

    That of a symbol stands beside the base rate of all.
    """
    upto = store.last_outcome(market, horizon.name)
    # One reads them, and the others wait for what he found.
    with _TURN:
        total = _totals(market, horizon.name, upto)
        name = agent_set or next(iter(total), wiring.agent_set(horizon.interval))
        graded = wiring.graded(horizon, name)
        whole = _records(market, graded, name, upto, total.get(name, 0))
        return _of_symbol(market, graded, name, upto, symbol, whole.rates) if symbol else whole


def warm(market: str, horizon: Horizon, agent_set: str) -> str | None:
    """Where the confidences began with a walk through history, a sentence about it."""
    known = store.calibration(market, horizon.name, agent_set)
    if known is None or not known.is_warm:
        return None
    walked = known.state.get("walked")
    of = f" of {walked} symbols" if walked else ""
    return f"Confidence began with a walk through the stored history{of}; none of those cases is counted here"


def none_yet(horizon: Horizon, symbol: str | None = None, counted: int = 0) -> str:
    """Why there is no record (of a symbol), in a sentence; `counted`: so many outcomes make none."""
    if counted:
        of = f" of {symbol}" if symbol else ""
        return f"None of the {counted} signals{of} that were graded leaned up or down"
    unit = "sessions" if wiring.UNITS["d"] is horizon.interval else "minutes"
    whose = f"No signal of {symbol}" if symbol else "No signal"
    judged = "; the symbols of the watchlist are judged, and for days those of SIGNALS_UNIVERSE" if symbol else ""
    return (
        f"{whose} has reached its horizon yet: each is graded once, {horizon.bars} {unit} after its entry at the next"
        f" bar's open{judged}"
    )


@lru_cache(maxsize=16)
def _totals(market: str, horizon: str, upto: int) -> dict[str, int]:
    return store.agent_sets(market, horizon)


@lru_cache(maxsize=16)
def _records(market: str, horizon: Horizon, agent_set: str, upto: int, total: int) -> Records:
    found = store.outcomes(market, horizon.name, agent_set=agent_set, upto=upto, last=MOST) if total else []
    rows = track_records(found, horizon, LEANS_FROM, GROUPS) if found else []
    rates = base_rates(found, horizon)
    return Records(agent_set=agent_set, counted=len(found), total=total, rows=tuple(rows), rates=rates)


@lru_cache(maxsize=64)
def _of_symbol(market: str, horizon: Horizon, agent_set: str, upto: int, symbol: str, rates: Rates | None) -> Records:
    found = store.outcomes(
        market, horizon.name, agent_set=agent_set, symbols=[symbol], upto=upto, last=MOST
    )  # fmt: skip
    total = store.agent_sets(market, horizon.name, symbol).get(agent_set, 0)
    rows = track_records(found, horizon, LEANS_FROM, GROUPS, rates) if found else []
    return Records(agent_set=agent_set, counted=len(found), total=total, rows=tuple(rows), rates=rates)
