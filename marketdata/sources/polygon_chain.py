"""Polygon's chain snapshot -> our option quotes. Pure: rows in, values and a reason for each row left out."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from marketdata import symbols
from marketdata.chains import OptionChain, OptionContract, OptionQuote, contract
from marketdata.sources.base import NoData
from marketdata.sources.fields import Row, amount, number, part, price, text
from marketdata.sources.polygon_quotes import VENDOR
from marketdata.sources.polygon_values import NANO, delay, feed, instant

STANDARD = 100
GREEKS = ("delta", "gamma", "theta", "vega", "rho")


def read(rows: Iterable[object], underlying: str, now: datetime, usual: int | None) -> OptionChain:
    """The chain of all rows that name a contract; `usual`: seconds of delay where a row does not tell."""
    quotes: dict[str, OptionQuote] = {}
    left_out: list[str] = []
    for row in rows:
        named = _contract(part(row, "details"), underlying)
        if isinstance(named, str):
            left_out.append(named)
        else:
            quotes[named.symbol] = _quote(named, row if isinstance(row, dict) else {}, now, usual)
    return OptionChain(
        underlying=underlying, vendor=VENDOR, received_at=now, quotes=tuple(quotes.values()), left_out=tuple(left_out)
    )


def expiries(rows: Iterable[object]) -> tuple[date, ...]:
    """The dates on which the contracts of the reference list expire, rising; raises NoData where there is none."""
    found = {day for row in rows if isinstance(row, dict) and (day := _date(row.get("expiration_date")))}
    if not found:
        raise NoData("Polygon lists no option of this underlying")
    return tuple(sorted(found))


def _contract(details: Row, underlying: str) -> OptionContract | str:
    ticker = text(details.get("ticker")) or ""
    symbol = ticker.removeprefix("O:")
    if not symbols.OPTION.fullmatch(symbol):
        return f"{ticker[:32]!r} is not the symbol of an option"
    shares = number(details.get("shares_per_contract"))
    try:
        found = contract(symbol, underlying, int(shares) if shares and shares >= 1 else STANDARD)
    except ValueError:
        return f"{symbol} expires on a day that does not exist"
    strike, day = number(details.get("strike_price")), _date(details.get("expiration_date"))
    if (strike is not None and abs(strike - found.strike) > 0.0005) or (day is not None and day != found.expiry):
        return f"{symbol} has another strike or expiry than its symbol says"
    return found


def _quote(named: OptionContract, row: Row, now: datetime, usual: int | None) -> OptionQuote:
    book, trade, day = (part(row, name) for name in ("last_quote", "last_trade", "day"))
    below, greeks = part(row, "underlying_asset"), part(row, "greeks")
    # Plans without trades have the day's close instead.
    traded = (price(trade.get("price")), instant(trade.get("sip_timestamp"), NANO))
    last, last_as_of = traded if all(traded) else (price(day.get("close")), instant(day.get("last_updated"), NANO))
    sensitivities: dict[str, Any] = {name: number(greeks.get(name)) for name in GREEKS}
    delayed_by = delay(book.get("timeframe") or trade.get("timeframe"), usual)
    return OptionQuote(
        contract=named, vendor=VENDOR, received_at=now,
        bid=price(book.get("bid")), ask=price(book.get("ask")), bid_size=price(book.get("bid_size")),
        ask_size=price(book.get("ask_size")), quote_as_of=instant(book.get("last_updated"), NANO),
        last=last, last_as_of=last_as_of, volume=amount(day.get("volume")),
        open_interest=amount(row.get("open_interest")), iv=price(row.get("implied_volatility")),
        **sensitivities,
        underlying_price=price(below.get("price")) or price(below.get("value")),
        feed=feed(delayed_by), delayed_by=delayed_by,
        flags=frozenset({"adjusted"} if named.adjusted or named.multiplier != STANDARD else ()),
    )  # fmt: skip


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
