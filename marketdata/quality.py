"""The checks a quote or a bar passes before anyone sees it (a vendor may lie, stall, or mix up its units)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from marketdata.domain import Bars, Quote, Session

FUTURE = 2.0
"""Seconds by which a vendor's clock may be ahead of ours."""
OLD = 20.0
"""Seconds (beyond the feed's own delay) after which a quote of an open session is stale."""
JUMP = 0.20
"""Change against the last price that needs a second tick, as a fraction."""
JUMP_OVERNIGHT = 0.50
"""Change against the previous close that needs a second tick where there is no last price, as a fraction."""
WIDE = 0.05
"""Spread over mid beyond which the mid says nothing, as a fraction."""
TICK = 0.01
_RATIOS = {2: "split?", 3: "split?", 4: "split?", 5: "split?", 7: "split?", 10: "split?", 20: "split?", 100: "unit?"}
_POSITIVE = ("price", "bid", "ask", "open", "high", "low", "previous_close", "ext_price")
_NOT_NEGATIVE = ("volume", "bid_size", "ask_size")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one quote.

    `passed`: store and show, in order. `kept`: store, do not show (late, or held). `released`: stored before, to be
    shown now, ahead of `passed`. `held`: what waits for a second tick from now on. `rejected`: neither stored nor
    shown, with the reason; it goes to the quarantine. All empty: the quote says nothing new.
    """

    passed: tuple[Quote, ...] = ()
    kept: tuple[Quote, ...] = ()
    released: tuple[Quote, ...] = ()
    held: Quote | None = None
    rejected: tuple[tuple[Quote, str], ...] = ()


def check(quote: Quote, last: Quote | None, held: Quote | None, now: datetime, faithful: bool = False) -> Verdict:
    """Judge a quote against the last one shown, the one held back, and the market's clock.

    `faithful`: a recording is shown as it was recorded; what is odd about a quote is flagged, never mended or held.
    """
    quote = _absent(quote) if faithful else _sound(quote, now)
    if reason := _unusable(quote, now):
        return Verdict(held=held, rejected=((quote, reason),))
    quote = _flagged(quote, last, now)
    if last is not None and quote.as_of <= last.as_of:
        return _behind(quote, last, held)
    if not _jumps(quote, last):
        return Verdict(passed=(quote,))
    if faithful:
        return Verdict(passed=(replace(quote, flags=quote.flags | {"jump"} | _ratio(quote, last)),))
    if held is not None and quote.as_of > held.as_of and _near(quote, held):
        return Verdict(passed=(quote,), released=(held,))
    waiting = replace(quote, flags=quote.flags | {"jump"} | _ratio(quote, last))
    return Verdict(kept=(waiting,), held=waiting)


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a vendor's time lies further in our future than clocks differ."""
    return (at - now).total_seconds() > FUTURE


def check_bars(bars: Bars, now: datetime) -> tuple[Bars, tuple[str, ...]]:
    """The sound bars, rising and unique in start, and a reason for each kind of bar that was left out."""
    prices = np.stack([bars.open, bars.high, bars.low, bars.close])
    whole = np.isfinite(prices).all(axis=0) & (prices > 0).all(axis=0)
    with np.errstate(invalid="ignore"):
        ranged = (bars.low <= prices.min(axis=0) + TICK) & (bars.high >= prices.max(axis=0) - TICK)
        ranged &= ~(bars.volume < 0)
    past = bars.start <= now.timestamp() + FUTURE
    verdicts = {"a price is absent or not positive": whole, "high and low do not span the bar": ranged | ~whole,
                "the bar starts in the future": past}
    keep = whole & ranged & past
    reasons = tuple(f"{(~ok).sum()} × {reason}" for reason, ok in verdicts.items() if not ok.all())
    # The last of equal starts wins: vendors append the corrected bar.
    starts, index = np.unique(bars.start[keep][::-1], return_index=True)
    chosen = np.flatnonzero(keep)[::-1][index]
    partial = bars.last_is_partial and len(chosen) > 0 and int(chosen[-1]) == int(np.argmax(bars.start))
    columns = {name: getattr(bars, name)[chosen] for name in ("open", "high", "low", "close", "volume")}
    return replace(bars, start=starts, **columns, last_is_partial=partial), reasons


def _sound(quote: Quote, now: datetime) -> Quote:
    """Absent is None, a crossed market or one of the future is no market, and the day's range holds the price."""
    quote = _timely(_absent(quote), now)
    if "crossed" in quote.flags:
        quote = replace(quote, bid=None, ask=None, bid_size=None, ask_size=None)
    return _ranged(quote)


def _absent(quote: Quote) -> Quote:
    """Absent is None: never 0, -1, NaN or infinity; a crossed market says so."""
    gone: dict[str, Any] = {name: None for name in _POSITIVE if not _is_sound(getattr(quote, name), zero=False)}
    gone |= {name: None for name in _NOT_NEGATIVE if not _is_sound(getattr(quote, name), zero=True)}
    if gone:
        quote = replace(quote, **gone)
    crossed = quote.bid is not None and quote.ask is not None and quote.bid > quote.ask
    return replace(quote, flags=quote.flags | {"crossed"}) if crossed else quote


def _timely(quote: Quote, now: datetime) -> Quote:
    """What was told with a time in the future, or with one that has no zone, is left out, and flagged."""
    gone: dict[str, Any] = {}
    if quote.quote_as_of and _is_strange(quote.quote_as_of, now):
        gone |= dict.fromkeys(("bid", "ask", "bid_size", "ask_size", "quote_as_of"))
    if quote.ext_as_of and _is_strange(quote.ext_as_of, now):
        gone |= dict.fromkeys(("ext_price", "ext_as_of"))
    return replace(quote, **gone, flags=quote.flags | {"future"}) if gone else quote


def _is_strange(at: datetime, now: datetime) -> bool:
    return at.tzinfo is None or is_ahead(at, now)


def _is_sound(value: object, zero: bool) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and math.isfinite(value) and (value > 0 or (zero and value == 0))


def _ranged(quote: Quote) -> Quote:
    """A day's high below the price (or low above it) belongs to another day."""
    if quote.session not in (Session.REGULAR, Session.ALWAYS) or quote.price is None:
        return quote
    wrong = (quote.high is not None and quote.price > quote.high + TICK) or (
        quote.low is not None and quote.price < quote.low - TICK)
    return replace(quote, open=None, high=None, low=None, flags=quote.flags | {"range"}) if wrong else quote


def _unusable(quote: Quote, now: datetime) -> str:
    if quote.as_of.tzinfo is None:
        return "its time has no zone"
    if is_ahead(quote.as_of, now):
        return f"its time is {(quote.as_of - now).total_seconds():.0f} s in the future"
    nothing = quote.price is None and quote.bid is None and quote.ask is None
    return "it has neither price nor bid nor ask" if nothing else ""


def _flagged(quote: Quote, last: Quote | None, now: datetime) -> Quote:
    found = set(_flags(quote, last, now))
    return replace(quote, flags=quote.flags | found) if found else quote


def _flags(quote: Quote, last: Quote | None, now: datetime) -> Iterator[str]:
    spread = _spread(quote)
    if spread is not None and spread > WIDE and quote.session in (Session.REGULAR, Session.ALWAYS):
        yield "wide"
    running = quote.session in (Session.REGULAR, Session.ALWAYS)
    if running and (now - quote.as_of).total_seconds() > OLD + (quote.delayed_by or 0):
        yield "stale"
    if last is None:
        return
    if _volume_fell(quote, last):
        yield "volume"
    if quote.vendor != last.vendor and _disagree(quote, last, spread or 0.0):
        yield "disagree"


def _spread(quote: Quote) -> float | None:
    if quote.bid is None or quote.ask is None:
        return None
    return 2 * (quote.ask - quote.bid) / (quote.ask + quote.bid)


def _volume_fell(quote: Quote, last: Quote) -> bool:
    """Within a session (the same previous close) a vendor's volume can only rise."""
    if quote.volume is None or last.volume is None or quote.vendor != last.vendor or quote.feed != last.feed:
        return False
    if "rolling_24h" in quote.flags:
        return False
    same_session = quote.previous_close == last.previous_close and quote.as_of.date() == last.as_of.date()
    return same_session and quote.volume < last.volume


def _disagree(quote: Quote, last: Quote, spread: float) -> bool:
    if quote.price is None or last.price is None or abs((quote.as_of - last.as_of).total_seconds()) > 5:
        return False
    return abs(quote.price / last.price - 1) > max(0.005, 2 * spread)


def _behind(quote: Quote, last: Quote, held: Quote | None) -> Verdict:
    """Equal time and price says nothing new; an older quote is kept for history but never shown over a newer one."""
    if quote.as_of == last.as_of and quote.vendor == last.vendor:
        return Verdict(held=held)
    return Verdict(kept=(replace(quote, flags=quote.flags | {"late"}),), held=held)


def _jumps(quote: Quote, last: Quote | None) -> bool:
    if quote.price is None:
        return False
    if last is not None and last.price is not None:
        return abs(quote.price / last.price - 1) > JUMP
    return quote.previous_close is not None and abs(quote.price / quote.previous_close - 1) > JUMP_OVERNIGHT


def _near(quote: Quote, held: Quote) -> bool:
    return quote.price is not None and held.price is not None and abs(quote.price / held.price - 1) <= JUMP


def _ratio(quote: Quote, last: Quote | None) -> frozenset[str]:
    """A jump by a whole factor smells of a split or of pence for pounds."""
    before = last.price if last is not None else quote.previous_close
    if before is None or quote.price is None:
        return frozenset()
    factor = max(before / quote.price, quote.price / before)
    return frozenset(name for ratio, name in _RATIOS.items() if abs(factor / ratio - 1) < 0.03)
