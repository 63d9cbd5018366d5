"""What every source promises, as checks that any value of any source must pass."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from marketdata.chains import OptionChain, contract
from marketdata.domain import Bars, Quote
from marketdata.headlines import Book, Headline
from marketdata.plugins import PLUGIN
from marketdata.sources.base import Capability, SourceError
from marketdata.symbols import canonical

PRICES = ("price", "bid", "ask", "open", "high", "low", "previous_close", "ext_price")
SIZES = ("bid_size", "ask_size")
CLOCKS = ("as_of", "received_at", "quote_as_of", "ext_as_of")
AHEAD = timedelta(seconds=2)


def check_answer(answer: object, symbol: str, source: str, *, simulated: bool = False) -> None:
    """A quote that passes, or an error of the tree."""
    if isinstance(answer, Quote):
        check_quote(answer, symbol, source, simulated=simulated)
    else:
        assert isinstance(answer, SourceError), f"{source} answered {answer!r} for {symbol}"
        assert str(answer)
        assert answer.remedy


def check_quote(quote: Quote, symbol: str, source: str, *, simulated: bool = False) -> None:
    """The right symbol and vendor, aware UTC clocks, absent as None, prices above 0, the flag of what is made up."""
    assert (quote.symbol, quote.vendor, quote.simulated) == (symbol, source, simulated)
    for name in CLOCKS:
        clock = getattr(quote, name)
        assert clock is None or clock.utcoffset() == timedelta(0), f"{name} is not aware UTC: {clock!r}"
    assert quote.as_of <= quote.received_at + AHEAD
    for name in (*PRICES, *SIZES, "volume"):
        _check_number(name, getattr(quote, name), zero=name == "volume")
    assert quote.price is not None or quote.bid is not None or quote.ask is not None
    assert quote.currency is None or (quote.currency.isupper() and quote.currency.isalpha())
    assert quote.delayed_by is None or quote.delayed_by >= 0


def check_bars(bars: Bars, start: datetime, end: datetime, *, simulated: bool = False) -> None:
    """What `check_whole` asks, and high and low around open and close, and no bar that has not begun."""
    check_whole(bars, start, end, simulated=simulated)
    assert (bars.high >= np.maximum(bars.open, bars.close) - 1e-9).all()
    assert (bars.low <= np.minimum(bars.open, bars.close) + 1e-9).all()
    assert (bars.start <= datetime.now(UTC).timestamp()).all()


def check_whole(bars: Bars, start: datetime, end: datetime, *, simulated: bool = False) -> None:
    """Rising, unique, inside [start, end), whole prices above 0."""
    assert bars.simulated == simulated
    assert bars.start.dtype == np.int64
    assert (np.diff(bars.start) > 0).all()
    assert ((bars.start >= start.timestamp()) & (bars.start < end.timestamp())).all()
    columns = np.array([bars.open, bars.high, bars.low, bars.close])
    assert np.isfinite(columns).all()
    assert (columns > 0).all()
    assert not (bars.volume < 0).any()


def check_chain(chain: OptionChain, underlying: str, source: str, *, simulated: bool = False) -> None:
    """Contracts of this underlying, each once, whose symbols say what they are; numbers are sound or absent."""
    assert (chain.underlying, chain.vendor) == (underlying, source)
    names = [one.contract.symbol for one in chain.quotes]
    assert len(set(names)) == len(names)
    for one in chain.quotes:
        told = contract(one.contract.symbol, underlying, one.contract.multiplier)
        assert (told.expiry, told.strike, told.right) == (
            one.contract.expiry, one.contract.strike, one.contract.right,
        )  # fmt: skip
        assert (one.contract.underlying, one.vendor, one.simulated) == (underlying, source, simulated)
        for name in ("bid", "ask", "last", "bid_size", "ask_size", "iv", "underlying_price"):
            _check_number(name, getattr(one, name), zero=False)
        for name in ("volume", "open_interest"):
            _check_number(name, getattr(one, name), zero=True)
        greeks = (one.delta, one.gamma, one.theta, one.vega, one.rho)
        assert all(greek is None or math.isfinite(greek) for greek in greeks)
        for clock in (one.received_at, one.quote_as_of, one.last_as_of):
            assert clock is None or clock.utcoffset() == timedelta(0)


def check_headlines(headlines: Sequence[Headline], source: str, limit: int, *, simulated: bool = False) -> None:
    """At most so many, newest first, each with a title, an id of its own, an aware time and canonical symbols."""
    assert len(headlines) <= limit
    times = [one.published_at for one in headlines]
    assert times == sorted(times, reverse=True)
    assert len({one.id for one in headlines}) == len(headlines)
    for one in headlines:
        assert (one.vendor, one.simulated) == (source, simulated)
        assert one.title.strip()
        assert one.published_at.utcoffset() == timedelta(0)
        assert all(canonical(symbol) == symbol for symbol in one.symbols)
        assert one.tone is None or -1 <= one.tone <= 1


def check_book(book: Book, symbol: str, source: str, depth: int, *, simulated: bool = False) -> None:
    """Bids falling, asks rising, not crossed, nothing of size 0, no more than was asked for."""
    assert (book.symbol, book.vendor, book.simulated) == (symbol, source, simulated)
    assert book.as_of.utcoffset() == timedelta(0)
    bids, asks = [level.price for level in book.bids], [level.price for level in book.asks]
    assert (bids, asks) == (sorted(set(bids), reverse=True), sorted(set(asks)))
    assert 0 < max(len(bids), len(asks)) <= depth
    assert not bids or not asks or bids[0] <= asks[0]
    assert all(level.price > 0 and level.size > 0 for level in (*book.bids, *book.asks))


def matrix() -> str:
    """The feature matrix of our own sources, as the README has it."""
    header = ["source", "market", *(capability.value for capability in Capability), "simulated"]
    rows = [_row(name, entry) for name, entry in settings.MARKETDATA_SOURCES.items() if PLUGIN not in entry]
    return "\n".join([_line(header), _line("---" for _ in header), *map(_line, rows)]) + "\n"


def _row(name: str, entry: Mapping[str, str]) -> list[str]:
    source = import_string(entry["BACKEND"])
    offered = ["yes" if capability in source.capabilities else "–" for capability in Capability]
    return [f"`{name}`", entry["MARKET"], *offered, "yes" if source.simulated else "–"]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _check_number(name: str, value: float | None, *, zero: bool) -> None:
    if value is None:
        return
    assert isinstance(value, float | int)
    assert math.isfinite(value), f"{name} is {value}"
    assert value > 0 or (zero and value == 0), f"{name} is {value}"
