"""What a contract usually trades in a session: its own past, and the turnover of contracts like it.

Contracts are alike in days to expiry and moneyness. Both memories are exponentially weighted, 0.8 of what was known
and 0.2 of the last session, so that one wild day neither sets the measure nor is forgotten.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from options.domain import Analysis, Floats

KEEP = 0.8
LEAST, LEAST_INTEREST = 10.0, 20.0
"""Contracts a session that are always expected, and the open interest that is always reckoned with."""
DAYS = (2, 7, 30, 90)
"""Days to expiry up to which contracts are alike; so many and more make five rows of buckets."""
MONEYNESS = (-0.10, -0.03, 0.03, 0.10)
"""Out-of-the-money-ness, ln(K/F) for calls and its negative for puts, that parts the five columns."""
BUCKETS = (len(DAYS) + 1) * (len(MONEYNESS) + 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected:
    """What is known of the contracts of a chain from earlier sessions: columns of its length, NaN where nothing is.

    `own`: weighted volume of the contract; `average`, `deviation`: plain ones of its last (at most 90) sessions, and
    `sessions` their number; `turnover`: weighted volume / open interest by bucket, NaN before the first session.
    `open_interest` is the last count that was told before the session, of the close of `open_interest_date`.
    """

    own: Floats
    turnover: Floats
    average: Floats
    deviation: Floats
    sessions: Floats
    open_interest: Floats
    open_interest_date: date | None = None


def nothing(count: int) -> Expected:
    """What is known of `count` contracts on their first day."""
    column = np.full(count, np.nan)
    return Expected(
        own=column,
        turnover=np.full(BUCKETS, np.nan),
        average=column,
        deviation=column,
        sessions=np.zeros(count),
        open_interest=column,
    )


def before_trading(analysis: Analysis, expected: Expected) -> Analysis:
    """With the open interest that trading began with: a few vendors tell that of the session's own close.

    Held against its own result, new trading would look old: there the last count of before is taken instead.
    """
    chain = analysis.chain
    if chain.open_interest_date is None or chain.open_interest_date < chain.session:
        return analysis
    earlier = replace(
        chain, open_interest=expected.open_interest, open_interest_date=expected.open_interest_date
    )  # fmt: skip
    return replace(analysis, chain=earlier)


def carried(before: Floats, last: Floats) -> Floats:
    """0.8 of the memory and 0.2 of the last session; whichever is NaN leaves the other as it is."""
    both = KEEP * before + (1 - KEEP) * last
    return np.where(np.isnan(before), last, np.where(np.isnan(last), before, both))


def turnover(volume: Floats, open_interest: Floats, buckets: NDArray[np.int64]) -> Floats:
    """Volume / open interest of each bucket, all its contracts together; NaN where none is known."""
    traded, held = _sums(volume, open_interest, buckets)
    return _ratio(traded, held, held > 0)


def _others(volume: Floats, open_interest: Floats, buckets: NDArray[np.int64]) -> Floats:
    """Volume / open interest of all others in each contract's bucket; NaN where there is none."""
    traded, held = (sums[buckets] for sums in _sums(volume, open_interest, buckets))
    counted = ~np.isnan(volume) & ~np.isnan(open_interest)
    traded = traded - np.where(counted, volume, 0.0)
    held = held - np.where(counted, np.maximum(open_interest, LEAST_INTEREST), 0.0)
    return _ratio(traded, held, (buckets >= 0) & (held > 0))


def _ratio(above: Floats, below: Floats, known: NDArray[np.bool_]) -> Floats:
    return np.where(known, above / np.where(known, below, 1.0), np.nan)


def _sums(volume: Floats, open_interest: Floats, buckets: NDArray[np.int64]) -> tuple[Floats, Floats]:
    known = (buckets >= 0) & ~np.isnan(volume) & ~np.isnan(open_interest)
    chosen = buckets[known]
    held = np.bincount(chosen, np.maximum(open_interest[known], LEAST_INTEREST), BUCKETS)
    return np.bincount(chosen, volume[known], BUCKETS).astype(np.float64), held.astype(np.float64)


def bucket(days: Floats, moneyness: Floats) -> NDArray[np.int64]:
    """The bucket of each contract; -1 where its moneyness is not known."""
    row = np.searchsorted(DAYS, days, side="left")
    column = np.searchsorted(MONEYNESS, moneyness, side="left")
    return np.where(np.isnan(moneyness), -1, row * (len(MONEYNESS) + 1) + column).astype(np.int64)


def moneyness(strike: Floats, is_call: NDArray[np.bool_], level: Floats) -> Floats:
    """How far out of the money: ln(K/F) for calls, its negative for puts; NaN where the level is not known."""
    known = np.where(level > 0, level, np.nan)
    return np.where(is_call, 1.0, -1.0) * np.log(strike / known)


def days(expiry: NDArray[np.datetime64], session: date) -> Floats:
    """Calendar days from the session to each expiry."""
    return (expiry.astype("datetime64[D]") - np.datetime64(session, "D")).astype(np.float64)


def alike(strike: Floats, is_call: NDArray[np.bool_], level: Floats, left: Floats) -> NDArray[np.int64]:
    """The bucket of each contract, by its strike against a level and the days that are left of it."""
    return bucket(left, moneyness(strike, is_call, level))


def levels(analysis: Analysis) -> Floats:
    """What each contract's strike is held against: the forward of its expiry, else the spot, else NaN."""
    chain = analysis.chain
    found = np.full(len(chain), np.nan if chain.spot is None else chain.spot)
    for one in analysis.slices:
        if one.forward is not None:
            found[(chain.expiry == np.datetime64(one.expiry, "D")) & (chain.root == one.root)] = one.forward
    return found


def volumes(analysis: Analysis, expected: Expected) -> Floats:
    """Contracts that each contract is expected to trade in this session; never NaN.

    The largest of its own weighted volume, the turnover of its bucket times its open interest, and 10. Before there is
    a session to learn turnover from, that of the others in its bucket in this session is taken. What expires today is
    not held against open interest.
    """
    chain = analysis.chain
    left = days(chain.expiry, chain.session)
    buckets = alike(chain.strike, chain.is_call, levels(analysis), left)
    learned = np.where(buckets >= 0, expected.turnover[buckets], np.nan)
    share = np.where(np.isnan(learned), _others(chain.volume, chain.open_interest, buckets), learned)
    usual = share * np.maximum(chain.open_interest, LEAST_INTEREST)
    usual[left < 1] = np.nan
    most: Floats = np.fmax(np.fmax(expected.own, usual), LEAST)
    return most
