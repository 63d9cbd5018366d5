"""What the judge may know: the closed bars, the quote and the chains of now, and what they are worth.

Every bar is kept as it was seen, so the same view can be had again after a vendor has corrected it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketdata import calendar, reading, witnesses
from marketdata import store as market_store
from marketdata.domain import Bars, Interval, Quote
from options import store as option_store
from options.domain import ChainSummary
from signals import store
from signals.domain import Condition, Decision, MarketView

WINDOW = 520
"""Bars of a view: two years of sessions, or a session and a third of minutes."""
SESSIONS = 60
"""Sessions of chain summaries of a view."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the judge: its number, its time, and what it sees of each symbol."""

    run: int
    now: datetime
    views: Mapping[str, MarketView]


def look(symbols: Sequence[str], interval: Interval, market: str, now: datetime) -> Turn:
    """See these symbols now; call it in the transaction that stores what is judged from it."""
    run = store.next_run(market, interval)
    bars = _see(symbols, interval, market, now, run)
    # No agent reads chains by the minute, and each minute has a new one.
    summaries = _see_summaries(symbols, market, now, run) if interval is Interval.DAY else {}
    quotes = {symbol: one.quote for symbol, one in reading.quotes(list(bars)).items()}
    contested = {symbol for symbol, one in witnesses.contested().items() if one.is_told}
    views = {}
    for symbol, window in bars.items():
        quote, told = quotes.get(symbol), symbol in contested
        views[symbol] = _view(
            window, quote, summaries.get(symbol, ()), _condition(window, quote, told, now, market), market
        )
    return Turn(run, now, views)


def rebuild(one: Decision, interval: Interval) -> MarketView | None:
    """The view that a decision was made from; None where its bars are gone."""
    symbol, market, known = one.signal.symbol, one.signal.market, one.knowledge
    window = store.seen([symbol], interval, market, one.signal.at, WINDOW, known.run).get(symbol)
    if window is None:
        return None
    days = interval is Interval.DAY
    summaries = store.seen_summaries([symbol], market, one.judged_at, SESSIONS, known.run) if days else {}
    return _view(window, known.quote, summaries.get(symbol, ()), known.condition, market)


def end(bars: Bars, market: str) -> datetime:
    """The instant at which the last bar was complete: for a day, the close of its session."""
    start = datetime.fromtimestamp(int(bars.start[-1]), UTC)
    return ended(start, bars.interval, market)


def ended(start: datetime, interval: Interval, market: str) -> datetime:
    """The instant at which a bar is complete."""
    hours = calendar.hours(start.date(), market) if interval is Interval.DAY else None
    return hours[1] if hours else start + interval.length


def merged(seen: Bars | None, given: Bars) -> tuple[Bars, Bars]:
    """The window after what was seen before is put right by what is given, and the bars that are new or differ."""
    if seen is None:
        return replace(given, vendor=""), given
    at = np.searchsorted(seen.start, given.start).clip(0, len(seen) - 1)
    same = seen.start[at] == given.start
    for name in store.COLUMNS:
        was, now = getattr(seen, name)[at], getattr(given, name)
        same &= (was == now) | (np.isnan(was) & np.isnan(now))
    kept = ~np.isin(seen.start, given.start)
    return _joined(_cut(seen, kept), given) if kept.any() else replace(given, vendor=""), _cut(given, ~same)


def _see(symbols: Sequence[str], interval: Interval, market: str, now: datetime, run: int) -> dict[str, Bars]:
    given = market_store.windows(symbols, interval, market, now, WINDOW)
    seen = store.seen(list(given), interval, market, now, WINDOW)
    both = {symbol: merged(seen.get(symbol), one) for symbol, one in given.items()}
    store.see({symbol: changed for symbol, (_, changed) in both.items()}, interval, market, run, now)
    return {symbol: window for symbol, (window, _) in both.items()}


def _see_summaries(symbols: Sequence[str], market: str, now: datetime, run: int) -> dict[str, tuple[ChainSummary, ...]]:
    listed = set(option_store.underlyings(market))
    told = [one for symbol in symbols if symbol in listed for one in option_store.summaries(symbol, market, SESSIONS)]
    if told:
        store.see_summaries(told, run, now)
    return store.seen_summaries(symbols, market, now, SESSIONS, run)


def _view(
    bars: Bars, quote: Quote | None, summaries: tuple[ChainSummary, ...], condition: Condition, market: str
) -> MarketView:
    for name in ("start", *store.COLUMNS):
        # No agent may change what the next one sees.
        getattr(bars, name).flags.writeable = False
    return MarketView(
        symbol=bars.symbol, market=market, at=end(bars, market), bars=bars, quote=quote, summaries=summaries,
        condition=condition, simulated=bars.simulated,
    )  # fmt: skip


def _condition(bars: Bars, quote: Quote | None, contested: bool, now: datetime, market: str) -> Condition:
    first, last = int(bars.start[0]), int(bars.start[-1])
    return Condition(
        quote_age=None if quote is None else (now - quote.as_of).total_seconds(),
        is_open=calendar.is_open(now, market),
        delayed_by=None if quote is None else quote.delayed_by,
        contested=contested,
        missing=max(0, _expected(bars.interval, first, last, market) - len(bars)),
    )


@lru_cache(maxsize=4096)
def _expected(interval: Interval, first: int, last: int, market: str) -> int:
    start, after = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC) + timedelta(seconds=1)
    return len(calendar.expected_bars(interval, start, after, market))


def _cut(bars: Bars, wanted: NDArray[np.bool_]) -> Bars:
    return replace(bars, **{name: getattr(bars, name)[wanted] for name in ("start", *store.COLUMNS)})


def _joined(one: Bars, other: Bars) -> Bars:
    """Both, the last WINDOW of them; no start stands in both."""
    starts = np.concatenate([one.start, other.start])
    order = np.argsort(starts)[-WINDOW:]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(one, name), getattr(other, name)])[order] for name in store.COLUMNS
    }
    return replace(other, vendor="", start=starts[order], **columns)
