"""The folder of a recording: which files there are, and their lines. A bad line is skipped and named, never guessed."""

import csv
import gzip
import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from marketdata import calendar
from marketdata.sources.base import BadPayload, Unavailable
from marketdata.symbols import InvalidSymbol, canonical

QUOTE_COLUMNS = ("time_et", "bid", "bid_size", "ask", "ask_size")
TRADE_COLUMNS = ("time_et", "open", "high", "low", "close", "volume")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""The folders of a capture: one for each session date."""
_NAME = re.compile(r"(?P<symbol>.+)_1min_(?P<kind>quotes|trades)\.csv(\.gz)?")


class NoRecording(Unavailable):
    """There is no recording to play."""

    remedy = "Set RECORDED_DIR to a folder with files like SPY_1min_quotes.csv, SPY_1min_trades.csv.gz, lean_SPY_x.csv."


class BadRecording(BadPayload):
    """A file of the recording cannot be read; the files of other symbols can."""

    of_one_symbol = True
    remedy = f"Its first line must name the columns {','.join(QUOTE_COLUMNS)} or {','.join(TRADE_COLUMNS)}."


class QuoteLine(NamedTuple):
    """One line of quotes: the best bid and ask at the end of a minute, sizes in shares; an empty field is None."""

    at: datetime
    bid: float | None
    bid_size: float | None
    ask: float | None
    ask_size: float | None


class TradeLine(NamedTuple):
    """One line of trades: what traded in the minute that starts at `at`, volume in shares."""

    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


Line = TypeVar("Line", QuoteLine, TradeLine)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one symbol, of quotes and of trades: none, one, or one for each day of a capture."""

    quotes: tuple[Path, ...] = ()
    trades: tuple[Path, ...] = ()


def folders(folder: str) -> list[Path]:
    """The folder itself and those in it that are called by a date; none where there is no such folder."""
    path = Path(folder).expanduser()
    if not folder or not path.is_dir():
        return []
    return [path, *sorted(day for day in path.iterdir() if _DAY.fullmatch(day.name) and day.is_dir())]


def find(folder: str, *, alone: bool = True) -> dict[str, Files]:
    """The files of minutes of each symbol, by symbol; raises NoRecording, which says what is wrong with the folder.

    `alone`: they are all there is, so that there must be one.
    """
    if not folder:
        raise NoRecording("RECORDED_DIR is empty, so there is no recording to play")
    if not folders(folder):
        raise NoRecording(f"RECORDED_DIR names {folder}, and there is no such folder")
    found: dict[str, dict[str, tuple[Path, ...]]] = {}
    for one in folders(folder):
        for (symbol, kind), file in _files(one).items():
            kinds = found.setdefault(symbol, {})
            kinds[kind] = (*kinds.get(kind, ()), file)
    if not found and alone:
        raise NoRecording(f"no file in {folder} is called like SPY_1min_quotes.csv or SPY_1min_trades.csv.gz")
    return {symbol: Files(**found[symbol]) for symbol in sorted(found)}


def fingerprint(files: Mapping[str, Sequence[Path]]) -> str:
    """A short name for the files (names and sizes) of these symbols: another recording has another one."""
    paths = [path for symbol in sorted(files) for path in files[symbol]]
    listing = "|".join(f"{path.name}:{path.stat().st_size}" for path in paths)
    return hashlib.sha256(listing.encode()).hexdigest()[:16]


def quote_lines(paths: Sequence[Path]) -> tuple[list[QuoteLine], list[str]]:
    """The lines of files of quotes by time, and what is wrong with those left out; raises BadRecording."""
    return _lines(paths, QUOTE_COLUMNS, _quote)


def trade_lines(paths: Sequence[Path]) -> tuple[list[TradeLine], list[str]]:
    """The lines of files of trades by time, and what is wrong with those left out; raises BadRecording."""
    return _lines(paths, TRADE_COLUMNS, _trade)


def _files(folder: Path) -> dict[tuple[str, str], Path]:
    """The file of each symbol and kind; of X.csv and X.csv.gz the plain one."""
    matches = ((file, _NAME.fullmatch(file.name)) for file in sorted(folder.iterdir(), reverse=True))
    return {(symbol, match["kind"]): file for file, match in matches if match and (symbol := _symbol(match["symbol"]))}


def _lines(
    paths: Sequence[Path], columns: Sequence[str], make: Callable[[list[str]], Line]
) -> tuple[list[Line], list[str]]:
    lines: dict[datetime, Line] = {}
    problems: list[str] = []
    for path in paths:
        _read(path, columns, make, lines, problems)
    return sorted(lines.values(), key=lambda line: line.at), problems


def _read(
    path: Path,
    columns: Sequence[str],
    make: Callable[[list[str]], Line],
    lines: dict[datetime, Line],
    problems: list[str],
) -> None:
    with opened(path) as text:
        reader = csv.reader(text)
        places = _places(path, next(reader, []), columns)
        for fields in reader:
            try:
                line = make([fields[place] for place in places]) if fields else None
                if line and line.at in lines:
                    raise ValueError(f"a second line for {fields[places[0]]}")
            except (ValueError, IndexError) as error:
                why = "fields are missing" if isinstance(error, IndexError) else error
                problems.append(f"{path.name} line {reader.line_num}: {why}")
                continue
            if line:
                lines[line.at] = line


@contextmanager
def opened(path: Path, errors: str = "strict") -> Iterator[IO[str]]:
    """The text of a file, packed or not; `errors`: what becomes of bytes that are not UTF-8. Raises BadRecording."""
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", errors=errors, newline="") as text:
            yield text
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise BadRecording(f"{path.name} cannot be read: {error}") from error


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    names = [name.strip().lower() for name in header]
    if missing := [column for column in columns if column not in names]:
        raise BadRecording(f"{path.name} has no column {', '.join(missing)}")
    return [names.index(column) for column in columns]


def _quote(fields: list[str]) -> QuoteLine:
    at, (bid, bid_size, ask, ask_size) = _time(fields[0]), [_number(text) for text in fields[1:]]
    if bid is None and ask is None:
        raise ValueError("there is neither bid nor ask")
    return QuoteLine(at, bid, bid_size, ask, ask_size)


def _trade(fields: list[str]) -> TradeLine:
    at, values = _time(fields[0]), [_number(text) for text in fields[1:]]
    opened, high, low, close, volume = values
    if opened is None or high is None or low is None or close is None or volume is None:
        raise ValueError("a field is empty")
    return TradeLine(at, opened, high, low, close, volume)


def _time(text: str) -> datetime:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time like 2013-10-04 09:30:00") from None
    at = (local if local.tzinfo else local.replace(tzinfo=calendar.NEW_YORK)).astimezone(UTC)
    calendar.session_date(at, "recorded")  # a year without a calendar is a bad line
    return at


def _number(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{text!r} is not a price or a size")
    return value


def _symbol(text: str) -> str:
    try:
        return canonical(text)
    except InvalidSymbol:
        return ""
