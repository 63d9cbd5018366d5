"""Option chains and order books of Interactive Brokers -> ours. Pure: the library's objects in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marketdata import symbols
from marketdata.chains import OptionContract, OptionQuote, Right, contract
from marketdata.headlines import Book, Level
from marketdata.sources.base import BadPayload, NoData
from marketdata.sources.ib_quotes import Quote, feed, size, traded_at
from marketdata.sources.ib_values import VENDOR, amount, greek, instant, price

STANDARD = 100
SETTLED_IN_THE_MORNING = frozenset({"SPX", "NDX", "RUT", "VIX", "VIXW", "DJX"})
"""Classes whose last trading day is the day before they expire: by that day Interactive Brokers dates them."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The contracts of one trading class that stop trading on one day."""

    trading_class: str
    last_day: str
    expiry: date


def listings(chains: Iterable[Any]) -> list[Listing]:
    """What is listed, rising in expiry: SMART's rows, or those of any exchange where SMART has none."""
    found = list(chains)
    smart = [one for one in found if one.exchange == "SMART"] or found
    named = {(str(one.tradingClass), str(day)) for one in smart for day in one.expirations}
    known = [Listing(name, day, expiry) for name, day in named if (expiry := _expiry(name, day)) is not None]
    if not known:
        raise NoData("Interactive Brokers lists no option of this underlying")
    return sorted(known, key=lambda one: (one.expiry, one.trading_class))


def named(detail: Any, underlying: str) -> OptionContract | str:
    """The contract of its local symbol, or why it is none. The other fields date some contracts a day early."""
    found = getattr(detail, "contract", None)
    local = str(getattr(found, "localSymbol", ""))
    symbol = local.replace(" ", "")
    if not symbols.OPTION.fullmatch(symbol):
        return f"{local[:32]!r} is not the symbol of an option"
    shares = str(getattr(found, "multiplier", ""))
    try:
        return contract(symbol, underlying, int(shares) if shares.isdecimal() and int(shares) else STANDARD)
    except ValueError:
        return f"{symbol} expires on a day that does not exist"


def window(contracts: Sequence[OptionContract], spot: float, strikes: int) -> set[str]:
    """The symbols of the contracts of so many strikes around the price of the underlying."""
    near = sorted({one.strike for one in contracts}, key=lambda strike: abs(strike - spot))[:strikes]
    return {one.symbol for one in contracts if one.strike in near}


def complete(ticker: Any) -> bool:
    """Whether the slowest parts, the model's Greeks and the open interest, have arrived."""
    interest = (amount(getattr(ticker, f"{side}OpenInterest", None)) for side in ("call", "put"))
    return getattr(ticker, "modelGreeks", None) is not None and any(one is not None for one in interest)


def quote(one: OptionContract, ticker: Any, now: datetime, warned: bool) -> OptionQuote | str:
    """What the ticker of a contract says, or that it says nothing."""
    model = getattr(ticker, "modelGreeks", None)
    source, last = feed(ticker, warned), price(getattr(ticker, "last", None))
    interest = "callOpenInterest" if one.right is Right.CALL else "putOpenInterest"
    if instant(getattr(ticker, "time", None)) is None:
        return f"{one.symbol} said nothing in time"
    return OptionQuote(
        contract=one, vendor=VENDOR, received_at=now,
        bid=price(getattr(ticker, "bid", None)), ask=price(getattr(ticker, "ask", None)),
        bid_size=size(ticker, "bid"), ask_size=size(ticker, "ask"), last=last,
        last_as_of=traded_at(ticker) if last is not None else None, volume=amount(getattr(ticker, "volume", None)),
        open_interest=amount(getattr(ticker, interest, None)), iv=price(getattr(model, "impliedVol", None)),
        delta=greek(getattr(model, "delta", None)), gamma=greek(getattr(model, "gamma", None)),
        theta=greek(getattr(model, "theta", None)), vega=greek(getattr(model, "vega", None)),
        underlying_price=price(getattr(model, "undPrice", None)), feed=source.name, delayed_by=source.delayed_by,
        flags=frozenset({"adjusted"} if one.adjusted or one.multiplier != STANDARD else ()),
    )  # fmt: skip


def spot(found: object) -> float:
    """A price of the underlying to choose strikes by; raises NoData where there is none."""
    if isinstance(found, Quote):
        sides = (found.bid + found.ask) / 2 if found.bid is not None and found.ask is not None else None
        if near := found.price or sides or found.previous_close:
            return near
    raise NoData("no price of the underlying to choose strikes by")


def book(symbol: str, bids: Iterable[Any], asks: Iterable[Any], at: object, depth: int, now: datetime) -> Book:
    """The best `depth` prices on each side; the rows of all exchanges at a price are one level."""
    told = instant(at)
    sides = [_levels(bids, falling=True)[:depth], _levels(asks, falling=False)[:depth]]
    if not any(sides):
        raise NoData(f"the order book of {symbol} is empty now")
    if told is None:
        raise BadPayload("TWS gave an order book without any time")
    return Book(symbol=symbol, vendor=VENDOR, as_of=told, received_at=now, bids=sides[0], asks=sides[1])


def _levels(rows: Iterable[Any], falling: bool) -> tuple[Level, ...]:
    sizes: dict[float, float] = {}
    for row in rows:
        at, count = price(getattr(row, "price", None)), price(getattr(row, "size", None))
        if at is not None and count is not None:
            sizes[at] = sizes.get(at, 0.0) + count
    return tuple(Level(at, sizes[at]) for at in sorted(sizes, reverse=falling))


def _expiry(name: str, day: str) -> date | None:
    try:
        found = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return found + timedelta(days=name in SETTLED_IN_THE_MORNING)
