"""The lines of a file of option chains: columns found by their names, fields read as what they must be."""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO

from marketdata import symbols
from marketdata.calendar import NEW_YORK, OutOfCalendar
from marketdata.chains import OptionContract, contract
from marketdata.sources.recorded_chain_moment import close
from marketdata.sources.recorded_folder import BadRecording

ABSENT = frozenset({"", "nan", "none", "null", "n/a", "na", "unch", "-", "--", "nat"})
HIGHEST_PRICE, HIGHEST_AMOUNT, HIGHEST_GREEK = 1e6, 1e9, 1e4
SAME_STRIKE = 0.0005
_SECONDS = re.compile(r"[12]\d{9}(\.\d+)?")
SHOWN = 40
"""Characters of a bad field that a reason repeats."""


class BadChainFile(BadRecording):
    """A file of option chains cannot be read."""

    remedy = "Export it again; the first lines and the columns must be those of Lean, Yahoo, Cboe or Barchart."


class BadRow(ValueError):
    """A line that is left out; says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file and its fields by the plain names of their columns."""

    number: int
    fields: Mapping[str, str]

    def text(self, *names: str) -> str:
        """The field of the first of these columns that the file has, stripped; empty where there is none."""
        return next((self.fields[name].strip() for name in names if name in self.fields), "")

    def said(self, *names: str) -> str:
        """As `text`, but empty where a word for nothing stands (NaN, N/A, -)."""
        text = self.text(*names)
        return "" if text.lower() in ABSENT else text

    def price(self, *names: str) -> float | None:
        """Dollars per share; 0 is what vendors write for no quote."""
        return self._number(names, HIGHEST_PRICE) or None

    def amount(self, *names: str) -> float | None:
        """Contracts: 0 is 0, an empty field None."""
        return self._number(names, HIGHEST_AMOUNT)

    def fraction(self, *names: str) -> float | None:
        """A volatility as a fraction (a field with % is divided by 100); what is not above 0 is absent."""
        found = self._number(names, HIGHEST_GREEK)
        return (found / 100 if self.text(*names).endswith("%") else found) if found else None

    def greek(self, *names: str) -> float | None:
        """A number of either sign."""
        return self._number(names, HIGHEST_GREEK, signed=True)

    def _number(self, names: Sequence[str], highest: float, *, signed: bool = False) -> float | None:
        text = self.said(*names)
        if not text:
            return None
        try:
            found = float(text.replace(",", "").rstrip("%").lstrip("$"))
        except ValueError:
            raise BadRow(f"{text[:SHOWN]!r} is not a number ({names[0]})") from None
        if not math.isfinite(found) or abs(found) > highest or (found < 0 and not signed):
            raise BadRow(f"{text[:SHOWN]} cannot be right ({names[0]})")
        return found


@dataclass(slots=True)
class Rejects:
    """Why lines of a file were left out, by the day they belong to ("" where that is not known)."""

    file: str
    reasons: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: Line, why: object, day: str = "") -> None:
        """Note one line."""
        self.reasons.setdefault(day, []).append(f"{self.file} line {line.number}: {why}")

    def of(self, day: str) -> tuple[str, ...]:
        """The reasons of a day; those whose day is unknown come with the first day that asks."""
        return (*self.reasons.pop("", ()), *self.reasons.pop(day, ()))


def plain(name: str) -> str:
    """A column's name without case, spaces and signs: `Open Int` and `open_int` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def lines(text: IO[str], path: Path, needed: Iterable[Sequence[str]]) -> Iterator[Line]:
    """The lines below a header that has at least one name of each of `needed`; raises BadChainFile."""
    names = [plain(name) for name in fields(next(iter(text), ""))]
    if missing := [one[0] for one in needed if not set(one) & set(names)]:
        raise BadChainFile(f"{path.name} has no column {', '.join(missing)}")
    yield from numbered(text, names, 1)


def numbered(text: Iterable[str], names: Sequence[str], before: int = 0) -> Iterator[Line]:
    """The lines that are not empty, with their numbers; short ones lack their last fields."""
    for number, line in enumerate(text, before + 1):
        if line.strip(", \r\n\t"):
            yield Line(number, dict(zip(names, fields(line), strict=False)))


def fields(line: str) -> list[str]:
    """The fields of one line, none where it is no CSV: a quote that is never closed takes no other line with it."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def named(symbol: str, underlying: str, strike: float | None, multiplier: int = 100) -> OptionContract:
    """The contract of an OCC symbol that belongs to this underlying and has this strike; raises BadRow."""
    if not symbols.OPTION.fullmatch(symbol):
        raise BadRow(f"{symbol[:SHOWN]!r} is not the symbol of an option")
    try:
        found = contract(symbol, underlying, multiplier)
    except ValueError:
        raise BadRow(f"{symbol} expires on a day that does not exist") from None
    if not found.root.startswith(plain_root(underlying)):
        raise BadRow(f"{symbol} is not an option of {underlying}")
    if found.strike <= 0:
        raise BadRow(f"{symbol} has no strike")
    if strike is not None and abs(strike - found.strike) > SAME_STRIKE:
        raise BadRow(f"{symbol} comes with a strike of {strike:g}")
    return found


def plain_root(underlying: str) -> str:
    """The root that an underlying's usual options have: ^SPX is SPX, BRK.B is BRKB."""
    return re.sub(r"[^A-Z]", "", underlying)


def moment(text: str) -> datetime | None:
    """An aware UTC instant out of ISO text or epoch seconds.

    Without a zone it is taken as UTC, a bare date as its 16:00 New York.
    """
    if text.lower() in ABSENT:
        return None
    try:
        at = _epoch(text) or datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadRow(f"{text[:SHOWN]!r} is not a time") from None
    if len(text) <= len("2025-10-06") and not _SECONDS.fullmatch(text):
        return at.replace(hour=16, tzinfo=NEW_YORK).astimezone(UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def session_day(text: str) -> date:
    """A date for which trading hours are known; raises BadRow."""
    found = day(text)
    try:
        close(found, "")
    except OutOfCalendar as error:
        raise BadRow(error) from None
    return found


def some(days: list[date], path: Path) -> list[date]:
    """The days of a file; raises BadChainFile where there is none."""
    if not days:
        raise BadChainFile(f"{path.name} has no line that can be read")
    return days


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(float(text), UTC) if _SECONDS.fullmatch(text) else None


@lru_cache(maxsize=1024)
def day(text: str) -> date:
    """A date out of 2025-10-06…, 20251006, 20251006.0, 10/06/2025 or epoch seconds; raises BadRow."""
    if at := _epoch(text):
        return at.date()
    for found, form in ((text[:10], "%Y-%m-%d"), (text[:8], "%Y%m%d"), (text, "%m/%d/%Y"), (text, "%m/%d/%y")):
        try:
            return datetime.strptime(found, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise BadRow(f"{text[:SHOWN]!r} is not a date")
