"""Two vendors, two prices: when that is a contest, and when it is only the market moving. Pure.

Two prices of a symbol disagree when they differ by more than the largest of SPREADS times the wider spread, SIGMAS
times the robust deviation of the last changes of the price (1.4826 times their median absolute deviation, Hampel 1974)
and LEAST of the price. Only prices of nearly the same moment, of live feeds and of the same phase of the day are
compared. A contest is one that lasts: it must be seen again, after SECONDS or more, by newer quotes of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from statistics import median

from marketdata.domain import Quote, Session

SPREADS, SIGMAS, LEAST = 3.0, 6.0, 0.001
APART = 5.0
"""Seconds by which the times of two prices may differ."""
SECONDS = 10.0
FORGOTTEN = 600.0
"""Seconds after which a contest that cannot be judged any more is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Two vendors that disagree about a price by a fraction of it; `since` and `seen` in epoch seconds."""

    vendors: tuple[str, str]
    prices: tuple[float, float]
    difference: float
    since: float
    seen: float
    times: tuple[float, float]
    is_told: bool = False


def judge(quotes: Sequence[Quote], before: Contest | None, changes: Sequence[float], now: datetime) -> Contest | None:
    """The contest about one symbol, if there is one; `changes`: its last relative changes, `before`: what was found."""
    second = now.timestamp()
    pairs = [(one, other) for one, other in combinations(quotes, 2) if _comparable(one, other, now)]
    found = [pair for pair in pairs if _difference(*pair) > tolerance(*pair, changes)]
    if not found:
        # Nothing to compare is no agreement: what is contested stays so for a while.
        return before if before and not pairs and second - before.seen < FORGOTTEN else None
    one, other = max(found, key=lambda pair: _difference(*pair))
    times = (one.as_of.timestamp(), other.as_of.timestamp())
    since, is_told = second, False
    if before and before.vendors == (one.vendor, other.vendor):
        is_newer = times[0] > before.times[0] and times[1] > before.times[1]
        since, is_told = before.since, before.is_told or (is_newer and second - before.since >= SECONDS)
    return Contest(
        vendors=(one.vendor, other.vendor), prices=(one.price or 0.0, other.price or 0.0),
        difference=_difference(one, other), since=since, seen=second, times=times, is_told=is_told,
    )  # fmt: skip


def tolerance(one: Quote, other: Quote, changes: Sequence[float]) -> float:
    """By which fraction two prices may differ."""
    spread = max((found for quote in (one, other) if (found := _spread(quote)) is not None), default=0.0)
    return max(LEAST, SPREADS * spread, SIGMAS * deviation(changes))


def deviation(changes: Sequence[float]) -> float:
    """The robust standard deviation of some relative changes; 0 for fewer than five."""
    if len(changes) < 5:
        return 0.0
    middle = median(changes)
    return 1.4826 * median(abs(change - middle) for change in changes)


def _comparable(one: Quote, other: Quote, now: datetime) -> bool:
    live = all(
        quote.price and not quote.delayed_by and quote.session in (Session.REGULAR, Session.ALWAYS)
        and "stale" not in quote.flags and (now - quote.as_of).total_seconds() < 60
        for quote in (one, other)
    )  # fmt: skip
    apart = abs((one.as_of - other.as_of).total_seconds())
    return live and one.session is other.session and one.currency == other.currency and apart <= APART


def _difference(one: Quote, other: Quote) -> float:
    return abs((one.price or 0.0) / (other.price or 1.0) - 1)


def _spread(quote: Quote) -> float | None:
    if quote.bid is None or quote.ask is None or quote.bid + quote.ask <= 0:
        return None
    return 2 * (quote.ask - quote.bid) / (quote.ask + quote.bid)
