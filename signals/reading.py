"""What the doors read: signals with what became of them, and all that explains one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata import wiring as market_wiring
from marketdata.domain import Bars, Interval
from marketdata.reading import unknown
from marketdata.sources.base import NoData, Unsupported
from signals import issue, kept, store, viewing, wiring
from signals.chaining import Entry
from signals.domain import Decision, Outcome
from signals.kept import NoLongerKept

LATEST = datetime.max.replace(tzinfo=UTC)
"""No moment is behind it."""
Judged = tuple[Decision, Outcome | None]
"""A decision, and what became of it as far as it is known."""


class UnknownSignal(Unsupported):
    """Nothing was ever issued under this id."""

    remedy = "Take a signal_id from /api/v1/signals; those of another market or database are not here."


class NotJudged(NoData):
    """The symbol is known, but nothing had been decided about it by then."""

    remedy = (
        "Watched symbols are judged when a bar closes, days once history has been walked: /api/v1/agents says whether"
        " the judge runs. Ask for a later moment, or another horizon."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision with what it was made from: its bars as they were seen then (None: gone), and the ledger's entry.

    `let_go_before`: the instant before which bars were let go, where this decision's were.
    """

    decision: Decision
    outcome: Outcome | None
    interval: Interval
    bars: Bars | None
    entry: Entry | None
    let_go_before: datetime | None = None


def signals(*, limit: int, **asked: Any) -> list[Judged]:
    """The newest signals of this market that `store.decisions` finds, with their outcomes."""
    return _judged(store.decisions(market_wiring.market(), limit=limit, **asked))


def signal(id_: str) -> Judged:
    """The signal of this id, whichever its market; raises UnknownSignal, NoLongerKept."""
    found = store.decision(id_)
    if found is not None:
        return found, store.outcome(id_)
    if (entry := store.entry_of(issue.SIGNAL, id_)) and (record := kept.let_go_with(entry)):
        raise NoLongerKept(
            f"The decision {id_} was let go on {record.at:%Y-%m-%d}, when it was older than {record.days} days; entry"
            f" {entry.seq} of the ledger vouches that it was made"
        )
    raise UnknownSignal(f"There is no signal {id_}")


def decision(symbol: str, at: datetime | None, horizon: str | None) -> Judged:
    """The last decision about a bar that ended by `at` (None: now), fired or not; raises UnknownSymbol, NotJudged,
    NoLongerKept."""
    end = None if at is None or at >= LATEST else at + timedelta(microseconds=1)
    name = horizon or wiring.horizons()[0].name
    found = store.decisions(market_wiring.market(), symbol=symbol, horizon=name, end=end, limit=1)
    _refuse_if_let_go(found, symbol, at, name)
    if found:
        return _judged(found)[0]
    if not market_wiring.knows(symbol):
        raise unknown(symbol)
    moment = f" up to {at.isoformat()}" if at else ""
    raise NotJudged(f"Nothing was decided about {symbol} over {name}{moment}")


def explained(one: Judged) -> Explained:
    """All that explains it."""
    value, outcome = one
    signal, interval = value.signal, wiring.UNITS[value.signal.horizon[-1]]
    before = store.let_go_before(signal.market) if kept.is_of_minutes(signal.horizon) else None
    is_gone = before is not None and signal.at < before
    seen = store.seen([signal.symbol], interval, signal.market, signal.at, viewing.WINDOW, value.knowledge.run)
    return Explained(
        decision=value, outcome=outcome, interval=interval, bars=None if is_gone else seen.get(signal.symbol),
        entry=store.entry_of(issue.SIGNAL, signal.id), let_go_before=before if is_gone else None,
    )  # fmt: skip


def _refuse_if_let_go(found: Sequence[Decision], symbol: str, at: datetime | None, horizon: str) -> None:
    """NoLongerKept where a later decision than the one found may have been in force then, and was let go."""
    before = store.let_go_before(market_wiring.market()) if at and kept.is_of_minutes(horizon) else None
    if at is None or before is None or (found and (found[0].signal.at >= before or _is_last(found[0], at))):
        return
    if found or at < before:
        raise NoLongerKept(
            f"The decision about {symbol} over {horizon} that was in force at {at.isoformat()} was let go, as were all"
            f" from before {before.isoformat()} that nobody was told of"
        )


def _is_last(one: Decision, at: datetime) -> bool:
    """Whether no later decision can have been made by then: no bar had ended, or there is none to this day."""
    signal = one.signal
    last = store.last_judged(signal.market, signal.horizon, [signal.symbol])
    return at - signal.at < wiring.UNITS[signal.horizon[-1]].length or last[signal.symbol] == signal.at


def _judged(found: Sequence[Decision]) -> list[Judged]:
    outcomes = store.outcomes_of([one.signal.id for one in found])
    return [(one, outcomes.get(one.signal.id)) for one in found]
