"""What live vendors answered, kept in the files that a recorded market is played from.

A folder for each date in New York holds SYMBOL_1min_quotes.csv and SYMBOL_1min_trades.csv (times: New York, to the
microsecond). A change of price or volume becomes a line of trades, whose volume is what has been added since the quote
before; without one, 0. Yesterday's files are packed, old folders are thrown away.
"""

import fcntl
import gzip
import logging
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from marketdata import calendar
from marketdata.domain import Quote
from marketdata.lock import first
from marketdata.sources.recorded_folder import QUOTE_COLUMNS, TRADE_COLUMNS

log = logging.getLogger(__name__)
SAY_AGAIN = 600
"""Seconds between two complaints about a disk that is full."""


def capture(folder: str, quotes: Iterable[Quote], before: Mapping[str, Quote], now: datetime) -> int:
    """Append quotes to the files of their symbols; returns how many lines that were.

    `before` has the last quote of each symbol before these. Quotes of other dates than today's are left out: their
    files may be packed. A disk that is full costs the lines, never the quotes.
    """
    lines: dict[Path, list[str]] = defaultdict(list)
    today = _date(now)
    last = dict(before)
    for quote in sorted(quotes, key=lambda one: one.as_of):
        if _date(quote.as_of) == today:
            for kind, line in _lines(quote, last.get(quote.symbol)):
                lines[Path(folder).expanduser() / f"{today}" / f"{quote.symbol}_1min_{kind}.csv"].append(line)
            last[quote.symbol] = quote
    try:
        for path, rows in lines.items():
            _append(path, rows)
    except OSError as error:
        if first("capture:failed", SAY_AGAIN):
            log.warning("CAPTURE_DIR: %s. Quotes go on, but are not captured.", error)
        return 0
    return sum(map(len, lines.values()))


def tidy(folder: str, today: date, keep: int) -> None:
    """Pack the files of past sessions, and throw away folders of more than `keep` days ago."""
    root = Path(folder).expanduser()
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        day = _day(path)
        if day is not None and day < today - timedelta(days=keep):
            shutil.rmtree(path, ignore_errors=True)
        elif day is not None and day < today - timedelta(days=1):
            for file in path.glob("*.csv"):
                _pack(file)


def _lines(quote: Quote, last: Quote | None) -> Iterator[tuple[str, str]]:
    at = quote.as_of.astimezone(calendar.NEW_YORK).replace(tzinfo=None).isoformat(sep=" ")
    if quote.bid is not None or quote.ask is not None:
        yield "quotes", _csv(at, quote.bid, quote.bid_size, quote.ask, quote.ask_size)
    same = last is not None and _date(last.as_of) == _date(quote.as_of)
    added = _added(quote, last) if last is not None and same else 0.0
    if quote.price is not None and (last is None or not same or added or quote.price != last.price):
        yield "trades", _csv(at, *[quote.price] * 4, added)


def _added(quote: Quote, last: Quote) -> float:
    """Two vendors, or two feeds of one, count different trades: their volumes cannot be subtracted."""
    if quote.volume is None or last.volume is None or (quote.vendor, quote.feed) != (last.vendor, last.feed):
        return 0.0
    return max(0.0, quote.volume - last.volume)


def _csv(at: str, *values: float | None) -> str:
    return ",".join([at, *("" if value is None else repr(value).removesuffix(".0") for value in values)]) + "\n"


def _append(path: Path, rows: list[str]) -> None:
    """One write, one writer at a time: a process that is killed leaves no half line before another's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_size == 0:
            rows = [",".join(QUOTE_COLUMNS if path.name.endswith("_quotes.csv") else TRADE_COLUMNS) + "\n", *rows]
        file.write("".join(rows).encode())


def _pack(path: Path) -> None:
    packed, unfinished = path.with_suffix(".csv.gz"), path.with_suffix(".csv.part")
    with path.open("rb") as plain, gzip.open(unfinished, "wb") as out:
        shutil.copyfileobj(plain, out)
    unfinished.replace(packed)
    path.unlink()


def _date(at: datetime) -> date:
    return at.astimezone(calendar.NEW_YORK).date()


def _day(path: Path) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(path.name) if path.is_dir() else None
    return None
