"""A vendor's option quotes -> the columns of a chain."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter

import numpy as np

from marketdata import calendar
from marketdata.chains import OptionChain, OptionQuote, Right
from options.domain import Chain, Floats
from options.expiring import MORNING, expires_at
from options.rows import numbers, sound

OF_THE_SESSION = frozenset({"alpaca", "barchart", "cboe", "ib", "lean", "polygon", "recorded", "simulated"})
"""Vendors whose volume is that of the session even where they do not say when a contract last traded."""
LOOK_BACK = timedelta(days=10)
"""No two sessions are farther apart."""
Hours = tuple[datetime, datetime]


def columns(
    chain: OptionChain | Sequence[OptionQuote],
    *,
    market: str,
    session: date,
    taken_at: datetime,
    spot: float | None,
    spot_as_of: datetime | None,
    hours: Hours | None = None,
) -> Chain:
    """The chain of one session as columns, contracts by root, expiry, strike and side.

    Volume of an older day than the session is 0, one whose day nobody knows NaN. Contracts that ended by `taken_at` are
    not in it (`hours`: the session's own, where they are not the calendar's). Rows that cannot be are in `left_out`:
    without a sound strike, with a price, volume or open interest that is negative or endless, or said again.
    """
    if not isinstance(chain, OptionChain):
        chain = OptionChain(
            underlying=chain[0].contract.underlying if chain else "", vendor=chain[0].vendor if chain else "",
            received_at=taken_at, quotes=tuple(chain),
        )  # fmt: skip
    kept, left_out = sound(chain.quotes, chain.left_out)
    quotes = sorted(_alive(kept, market, session, taken_at, hours), key=_place)
    mids = numbers(quotes, attrgetter("mid"))
    return Chain(
        underlying=chain.underlying, vendor=chain.vendor, market=market, taken_at=taken_at, session=session,
        spot=spot if spot is not None and np.isfinite(spot) and spot > 0 else None, spot_as_of=spot_as_of,
        symbol=np.array([one.contract.symbol for one in quotes], np.str_),
        root=np.array([one.contract.root for one in quotes], np.str_),
        expiry=np.array([one.contract.expiry for one in quotes], "datetime64[D]"),
        strike=numbers(quotes, attrgetter("contract.strike")),
        is_call=np.array([one.contract.right is Right.CALL for one in quotes], np.bool_),
        multiplier=numbers(quotes, attrgetter("contract.multiplier")),
        bid=numbers(quotes, attrgetter("bid")), ask=numbers(quotes, attrgetter("ask")),
        last=numbers(quotes, attrgetter("last")), volume=_volume(quotes, market, session),
        open_interest=numbers(quotes, attrgetter("open_interest")), vendor_iv=numbers(quotes, attrgetter("iv")),
        vendor_delta=numbers(quotes, attrgetter("delta")), vendor_gamma=numbers(quotes, attrgetter("gamma")),
        open_interest_date=_interest_date(quotes, market, session, taken_at),
        delayed_by=max((one.delayed_by for one in quotes if one.delayed_by is not None), default=None),
        simulated=any(one.simulated for one in quotes), left_out=left_out,
        given_mid=None if np.isnan(mids).all() else mids,
    )  # fmt: skip


def _place(quote: OptionQuote) -> tuple[str, date, float, str]:
    return quote.contract.root, quote.contract.expiry, quote.contract.strike, quote.contract.right


def _alive(
    quotes: list[OptionQuote], market: str, session: date, taken_at: datetime, hours: Hours | None
) -> list[OptionQuote]:
    parts = {(one.contract.expiry, one.contract.root) for one in quotes}
    ends = {(expiry, root): expires_at(expiry, market, root) for expiry, root in parts}
    if hours:
        ends |= {(expiry, root): hours[1] for expiry, root in parts if expiry == session and root not in MORNING}
    return [one for one in quotes if ends[one.contract.expiry, one.contract.root] > taken_at]


def _volume(quotes: list[OptionQuote], market: str, session: date) -> Floats:
    """Of this session only: 0 where the last trade is older, NaN where its day is later or not known."""
    zone = UTC if market == calendar.ALWAYS_OPEN else calendar.NEW_YORK
    midnight = datetime.combine(session, time(), zone)
    begin, end = midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
    traded = numbers(quotes, lambda one: one.last_as_of.timestamp() if one.last_as_of else None)
    trusted = np.array([one.vendor in OF_THE_SESSION for one in quotes], np.bool_)
    volume = np.where((np.isnan(traded) & ~trusted) | (traded >= end), np.nan, numbers(quotes, attrgetter("volume")))
    return np.where(traded < begin, 0.0, volume)


def _interest_date(quotes: list[OptionQuote], market: str, session: date, taken_at: datetime) -> date | None:
    """The close that the open interest is of: the one before the date that the vendor gives it.

    Who gives none shows in the session what the clearing house counted after the one before; earlier in the day it may
    still be the count before that: None, and so where several dates are said.
    """
    said = {one.open_interest_date for one in quotes if one.open_interest is not None}
    if len(said) != 1:
        return None
    dated = said.pop()
    try:
        if dated is None:
            hours = calendar.hours(session, market)
            dated = session if hours and hours[0] <= taken_at < hours[1] + timedelta(hours=4) else None
        return calendar.sessions(dated - LOOK_BACK, dated - timedelta(days=1), market)[-1] if dated else None
    except calendar.OutOfCalendar:
        return None
