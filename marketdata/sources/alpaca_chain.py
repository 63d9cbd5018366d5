"""Alpaca's chain snapshots and list of contracts -> our option quotes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from marketdata import symbols
from marketdata.chains import OptionChain, OptionContract, OptionQuote, contract
from marketdata.sources.alpaca_quotes import sides
from marketdata.sources.alpaca_values import DELAYS, VENDOR, day, flags, instant
from marketdata.sources.base import BadPayload, NoData
from marketdata.sources.fields import Row, amount, number, part, price

STANDARD = 100
GREEKS = ("delta", "gamma", "theta", "vega", "rho")


def read(document: object, listed: Iterable[object], underlying: str, now: datetime, feed: str) -> OptionChain:
    """The chain of all rows that name a contract; open interest and size from the rows `listed` by the trading side."""
    if not isinstance(document, Mapping):
        raise BadPayload("Alpaca's chain is not an object")
    rows = [one for one in listed if isinstance(one, Mapping)]
    known = {one["symbol"]: one for one in rows if isinstance(one.get("symbol"), str)}
    quotes: list[OptionQuote] = []
    left_out: list[str] = []
    for symbol, row in document.items():
        more = known.get(symbol, {})
        named = _contract(symbol, underlying, more)
        if isinstance(named, str):
            left_out.append(named)
        elif not isinstance(row, Mapping):
            left_out.append(f"{symbol} has no data")
        else:
            quotes.append(_quote(named, row, more, now, feed))
    return OptionChain(
        underlying=underlying, vendor=VENDOR, received_at=now, quotes=tuple(quotes), left_out=tuple(left_out)
    )


def expiries(listed: Iterable[object]) -> tuple[date, ...]:
    """The dates on which the listed contracts expire, rising; raises NoData where there is none."""
    found = {at for row in listed if isinstance(row, Mapping) and (at := _date(row.get("expiration_date")))}
    if not found:
        raise NoData("Alpaca lists no option of this underlying")
    return tuple(sorted(found))


def _contract(symbol: object, underlying: str, more: Row) -> OptionContract | str:
    if not isinstance(symbol, str) or not symbols.OPTION.fullmatch(symbol):
        return f"{str(symbol)[:32]!r} is not the symbol of an option"
    size = _told(more.get("multiplier")) or _told(more.get("size"))
    try:
        return contract(symbol, underlying, int(size) if size and size >= 1 else STANDARD)
    except ValueError:
        return f"{symbol} expires on a day that does not exist"


def _quote(named: OptionContract, row: Row, more: Row, now: datetime, feed: str) -> OptionQuote:
    trade, bar, greeks = (part(row, name) for name in ("latestTrade", "dailyBar", "greeks"))
    last, traded = price(trade.get("p")), instant(trade.get("t"))
    began = instant(bar.get("t"))
    same_day = began is not None and traded is not None and day(named.symbol, began) == day(named.symbol, traded)
    sensitivities: dict[str, Any] = {name: number(greeks.get(name)) for name in GREEKS}
    interest = _told(more.get("open_interest"))
    adjusted = frozenset({"adjusted"} if named.adjusted or named.multiplier != STANDARD else ())
    return OptionQuote(
        contract=named, vendor=VENDOR, received_at=now, **sides(named.symbol, part(row, "latestQuote")),
        last=last if traded else None, last_as_of=traded if last else None,
        volume=amount(bar.get("v")) if same_day else None, open_interest=interest,
        open_interest_date=_date(more.get("open_interest_date")) if interest is not None else None,
        iv=price(row.get("impliedVolatility")), **sensitivities, feed=feed, delayed_by=DELAYS.get(feed),
        flags=flags(feed) | adjusted,
    )  # fmt: skip


def _told(value: object) -> float | None:
    """A number that is not negative and may be written as a text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return amount(value)


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
