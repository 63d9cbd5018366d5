"""Yahoo's v7 options answer -> expiries and option quotes. Pure: JSON in, values and named errors out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketdata import symbols
from marketdata.chains import OptionChain, OptionContract, OptionQuote, contract
from marketdata.sources.base import BadPayload, NoData
from marketdata.sources.fields import Row, part
from marketdata.sources.yahoo_values import amount, number, price, time

PLACEHOLDER, HIGHEST = 1.1e-5, 5.0
"""Yahoo writes 1.0000000000000003e-05 for a volatility that it does not have, and wild ones where nobody quotes."""
MULTIPLIERS = {"REGULAR": 100, "MINI": 10}
SAME_STRIKE = 0.0005


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the second that stands for each expiry, the contracts of one of them, a reason for each left out."""

    expiries: Mapping[date, int]
    quotes: tuple[OptionQuote, ...]
    left_out: tuple[str, ...]


def read(payload: object, underlying: str, now: datetime) -> Page:
    """The page about an underlying, empty where Yahoo lists no option; raises BadPayload."""
    result = part(payload, "optionChain").get("result")
    if not isinstance(result, list) or not all(isinstance(one, Mapping) for one in result):
        raise BadPayload("Yahoo's answer holds no option chain")
    if not result:
        return Page({}, (), ())
    listed, options = result[0].get("expirationDates"), result[0].get("options")
    if not isinstance(listed, list) or not isinstance(options, list):
        raise BadPayload("Yahoo's option chain lists neither expiries nor contracts")
    below = price(part(result[0], "quote").get("regularMarketPrice"))
    quotes: list[OptionQuote] = []
    left_out: list[str] = []
    for row in _rows(options):
        named = _contract(row, underlying)
        if isinstance(named, str):
            left_out.append(named)
        else:
            quotes.append(_quote(named, row, below, now))
    # The date of an expiry is that of its midnight UTC.
    days = {at.date(): int(number(one) or 0) for one in listed if (at := time(one)) is not None}
    return Page(dict(sorted(days.items())), tuple(quotes), tuple(left_out))


def _rows(options: list[Any]) -> Iterator[Row]:
    for one in options:
        for side in ("calls", "puts"):
            rows = one.get(side) if isinstance(one, Mapping) else None
            yield from (row if isinstance(row, Mapping) else {} for row in rows or ()) if isinstance(rows, list) else ()


def _contract(row: Row, underlying: str) -> OptionContract | str:
    symbol = row.get("contractSymbol")
    if not isinstance(symbol, str) or not symbols.OPTION.fullmatch(symbol):
        return f"{str(symbol)[:32]!r} is not the symbol of an option"
    size = row.get("contractSize")
    try:
        named = contract(symbol, underlying, MULTIPLIERS.get(size, 100) if isinstance(size, str) else 100)
    except ValueError:
        return f"{symbol} expires on a day that does not exist"
    strike = number(row.get("strike"))
    if strike is not None and abs(strike - named.strike) > SAME_STRIKE:
        return f"{symbol} comes with a strike of {strike:g}"
    return named


def _quote(named: OptionContract, row: Row, below: float | None, now: datetime) -> OptionQuote:
    bid, ask = price(row.get("bid")), price(row.get("ask"))
    last, traded = price(row.get("lastPrice")), time(row.get("lastTradeDate"))
    usual = not named.adjusted and row.get("contractSize") in (None, "REGULAR")
    return OptionQuote(
        contract=named, vendor="yahoo", received_at=now, bid=bid, ask=ask, last=last if traded else None,
        last_as_of=traded, volume=amount(row.get("volume")),
        open_interest=amount(row.get("openInterest")), iv=_volatility(row, two_sided=bool(bid and ask)),
        underlying_price=below, flags=frozenset() if usual else frozenset({"adjusted"}),
    )  # fmt: skip


def _volatility(row: Row, *, two_sided: bool) -> float | None:
    found = price(row.get("impliedVolatility"))
    if found is None or found <= PLACEHOLDER or (found > HIGHEST and not two_sided):
        return None
    return found


def join(pages: Iterable[Page], underlying: str, now: datetime) -> OptionChain:
    """The chain of several pages; raises NoData where none of them holds a contract."""
    pages = list(pages)
    quotes = tuple(quote for page in pages for quote in page.quotes)
    if not quotes:
        raise NoData(f"Yahoo has no option of {underlying} for these expiries")
    left_out = tuple(reason for page in pages for reason in page.left_out)
    return OptionChain(underlying=underlying, vendor="yahoo", received_at=now, quotes=quotes, left_out=left_out)
