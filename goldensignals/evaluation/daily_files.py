"""A folder of daily bars as CSV or CSV.gz files: one or many symbols in each, raw or adjusted.

Needed columns: timestamp or date (YYYY-MM-DD), open, high, low, close; known besides: symbol (else the file's name up
to the first _ or . is one), volume, adjusted_close, split_coefficient. Other columns are passed over.
"""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldensignals.evaluation.splits import adjusting
from marketdata.domain import Bars, Interval

LEAST = 300
"""Rows below which a symbol has no history to walk through."""
PRICES = ("open", "high", "low", "close")
TOLERANCE = 1e-3
"""High and low may miss open and close by so much of the price: rounding of an adjusted file."""


@dataclass(slots=True)
class Read:
    """What a folder held: bars by symbol, and in words what was left out or taken for something."""

    bars: dict[str, Bars] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, read. `factor` makes its prices comparable; None where the file does not say."""

    start: int
    prices: tuple[float, float, float, float]
    volume: float
    factor: float | None
    split: float | None


def read(folder: Path) -> Read:
    """All symbols of a folder; FileNotFoundError where it has no CSV file."""
    files = sorted(path for path in folder.glob("*") if path.name.lower().endswith((".csv", ".csv.gz")))
    if not files:
        raise FileNotFoundError(f"no .csv or .csv.gz file in {folder}: name the folder that has them")
    found = Read()
    for path in files:
        try:
            symbols = _file(path, found)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            found.left_out.append(f"{path.name}: it cannot be read: {error}")
            continue
        for symbol, rows in symbols.items():
            _keep(symbol, rows, path.name, found)
    return found


def _file(path: Path, found: Read) -> dict[str, dict[int, Row]]:
    symbols: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    with gzip.open(path, "rt") if path.suffix.lower() == ".gz" else path.open() as lines:
        table = csv.DictReader(lines)
        names = {name.strip().lower() for name in table.fieldnames or ()}
        if missing := sorted({*PRICES} - names) or ([] if names & {"timestamp", "date"} else ["date"]):
            found.left_out.append(f"{path.name}: it has no column {missing[0]}")
            return {}
        for number, line in enumerate(table, start=2):
            values = {str(name).strip().lower(): value for name, value in line.items()}
            symbol = (values.get("symbol") or path.name.split(".")[0].split("_")[0]).strip().upper()
            try:
                row = _row(values)
                if row.start in symbols[symbol]:
                    raise ValueError("the same day again")
                symbols[symbol][row.start] = row
            except (TypeError, ValueError) as error:
                found.left_out.append(f"{path.name}:{number} {symbol}: {error}")
    return symbols


def _row(values: Mapping[str, str | None]) -> Row:
    day = datetime.fromisoformat((values.get("timestamp") or values.get("date") or "no date").strip()[:10])
    prices = tuple(_number(values, name) for name in PRICES)
    first, high, low, last = prices
    if low <= 0 or not all(map(isfinite, prices)):
        raise ValueError(f"a price is absent or not positive: {prices}")
    if high < max(first, last) * (1 - TOLERANCE) or low > min(first, last) * (1 + TOLERANCE) or high < low:
        raise ValueError(f"high and low do not span the bar: {prices}")
    adjusted = _number(values, "adjusted_close") if (values.get("adjusted_close") or "").strip() else None
    if adjusted is not None and not (isfinite(adjusted) and adjusted > 0):
        raise ValueError(f"adjusted_close is not positive: {adjusted}")
    split = (values.get("split_coefficient") or "").strip()
    return Row(
        start=int(day.replace(tzinfo=UTC).timestamp()), prices=(first, max(prices), min(prices), last),
        volume=_number(values, "volume") if (values.get("volume") or "").strip() else float("nan"),
        factor=None if adjusted is None else adjusted / last, split=float(split) if split else None,
    )  # fmt: skip


def _number(values: Mapping[str, str | None], name: str) -> float:
    try:
        return float(values.get(name) or "")
    except ValueError:
        raise ValueError(f"{name} is no number: {values.get(name)!r}") from None


def _keep(symbol: str, rows: Mapping[int, Row], file: str, found: Read) -> None:
    if symbol in found.bars:
        found.left_out.append(f"{file}: {symbol} stands in another file already ({len(rows)} rows)")
    elif len(rows) < LEAST:
        found.left_out.append(f"{file}: {symbol} has {len(rows)} rows, {LEAST} are needed")
    else:
        found.bars[symbol], notes = _bars(symbol, [rows[start] for start in sorted(rows)])
        found.notes += [f"{file}: {symbol} {note}" for note in notes]
        found.rows += len(rows)


def _bars(symbol: str, rows: list[Row]) -> tuple[Bars, list[str]]:
    start = np.array([row.start for row in rows], np.int64)
    first, high, low, last = np.array([row.prices for row in rows], np.float64).T
    factors, notes = _factors(rows, start, first, last)
    return Bars(
        symbol=symbol, interval=Interval.DAY, vendor="file", start=start, open=first * factors, high=high * factors,
        low=low * factors, close=last * factors, volume=np.array([row.volume for row in rows]) / factors, adjusted=True,
    ), notes  # fmt: skip


def _factors(
    rows: list[Row], start: NDArray[np.int64], first: NDArray[np.float64], last: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[str]]:
    """By the file's own adjusted close, else by its splits, else by what looks like one."""
    if all(row.factor is not None for row in rows):
        return np.array([row.factor for row in rows], np.float64), []
    known = [row.split for row in rows] if all(row.split is not None for row in rows) else None
    return adjusting(start, first, last, known)
