"""Splits and dividends: as the vendor told them, and the factors by which they change what came before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import prod

from marketdata.domain import Quote


class Kind(StrEnum):
    """What a company did with its shares."""

    SPLIT = "split"
    DIVIDEND = "dividend"


class Adjust(StrEnum):
    """How bars of the past are read: as they traded, in today's shares, or as if dividends had been reinvested too."""

    NONE = "none"
    SPLITS = "splits"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A split (`value`: new shares for each old one) or a dividend (`value`: cash per share as it was paid).

    Prices before `ex_date`, times `factor`, compare with those from it on; None where it cannot be told.
    """

    symbol: str
    kind: Kind
    ex_date: date
    value: float
    factor: float | None
    vendor: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A factor that changes on certain dates: `factors[i]` holds for dates with `i` of the `dates` at or before them.

    It is what prices of a date must be multiplied by to compare with the present; volumes divided by.
    """

    dates: tuple[date, ...]
    factors: tuple[float, ...]

    @classmethod
    def of(cls, actions: Iterable[Action], kind: Kind) -> "Steps":
        """The steps of the actions of one kind of one symbol; unknown factors change nothing."""
        known = sorted((one.ex_date, one.factor) for one in actions if one.kind is kind and one.factor)
        factors = [factor for _, factor in known]
        return cls(tuple(at for at, _ in known), tuple(prod(factors[i:], start=1.0) for i in range(len(factors) + 1)))


def split(symbol: str, ex_date: date, ratio: float, vendor: str) -> Action:
    """A split of so many new shares for each old one (a reverse split: less than 1)."""
    return Action(symbol=symbol, kind=Kind.SPLIT, ex_date=ex_date, value=ratio, factor=1 / ratio, vendor=vendor)


def ratio(splits: Iterable[Action], after: date, until: date) -> float:
    """How many shares one share of `after` has become by `until`."""
    return prod(one.value for one in splits if one.kind is Kind.SPLIT and after < one.ex_date <= until)


def restated(quote: Quote, shares: float) -> Quote:
    """A quote of before a split, in the shares of after it: what it must be compared as, not what it was."""
    if shares == 1:
        return quote
    prices = ("price", "bid", "ask", "open", "high", "low", "previous_close", "ext_price")
    sizes = ("volume", "bid_size", "ask_size")
    cheaper = {name: value / shares for name in prices if (value := getattr(quote, name)) is not None}
    more = {name: value * shares for name in sizes if (value := getattr(quote, name)) is not None}
    return replace(quote, **cheaper, **more)


def mended(quote: Quote, splits: Sequence[Action], today: date) -> Quote:
    """On the day of a split some vendors still give the close of the old shares: it is put into new ones and flagged.

    Otherwise the change of the day would be the split.
    """
    shares = ratio((one for one in splits if one.ex_date == today), date.min, today)
    price, before = quote.price, quote.previous_close
    if shares == 1 or price is None or not price > 0 or before is None or not before > 0:
        return quote
    if abs(before / shares / price - 1) >= abs(before / price - 1):
        return quote
    return replace(quote, previous_close=before / shares, flags=quote.flags | {"split"})
