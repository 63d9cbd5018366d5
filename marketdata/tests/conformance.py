"""What every source promises, as checks that any value of any source must pass."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from marketdata.domain import Bars, Quote
from marketdata.plugins import PLUGIN
from marketdata.sources.base import Capability, SourceError

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
