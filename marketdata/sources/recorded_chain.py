"""Files of option chains -> the chain of each session.

Their names say who made them and of what: lean_AAPL_universe.csv, yahoo_NVDA_2025-11-25.csv.gz,
cboe_SPX_2024-01-05.csv.gz, barchart_AMD_2025-10-22_exp2025-12-19.csv.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from marketdata.sources import recorded_chain_barchart as barchart
from marketdata.sources import recorded_chain_cboe as cboe
from marketdata.sources import recorded_chain_lean as lean
from marketdata.sources import recorded_chain_yahoo as yahoo
from marketdata.sources.recorded_chain_table import BadChainFile
from marketdata.sources.recorded_chain_values import RecordedChain
from marketdata.sources.recorded_folder import BadRecording, NoRecording
from marketdata.symbols import InvalidSymbol, canonical

__all__ = ["BadChainFile", "ChainFile", "RecordedChain", "files", "sessions"]
_NAME = re.compile(r"(?P<kind>lean|yahoo|cboe|barchart)_(?P<symbol>[A-Za-z^.-]+)(?P<rest>_.*)?\.csv(\.gz)?")
_DATE = re.compile(r"_(\d{4}-?\d\d-?\d\d)")


class ChainFile(NamedTuple):
    """A file of chains: where it is, who made it, the underlying, and the date in its name."""

    path: Path
    kind: str
    underlying: str
    dated: date | None


def files(path: Path) -> list[ChainFile]:
    """The chain files of a folder (or the one of a path), those without a date first, then by date.

    Raises NoRecording where the path is neither.
    """
    if not path.exists():
        raise NoRecording(f"there is no file or folder {path}")
    found = [one for file in (path.iterdir() if path.is_dir() else [path]) if (one := _file(file))]
    return sorted(found, key=lambda one: (one.dated or date.min, one.path.name))


def sessions(path: Path) -> Iterator[RecordedChain]:
    """The chains of a file, by session, or of all files of a folder, by the dates in their names.

    A bad line is in the `left_out` of its chain; raises BadRecording where a file cannot be read at all, NoRecording
    where there is none.
    """
    found = files(path)
    if not found:
        raise NoRecording(f"{path} is or holds no file called like lean_AAPL_universe.csv or yahoo_NVDA_2025-11-25.csv")
    for one in found:
        yield from read(one)


def read(file: ChainFile) -> Iterator[RecordedChain]:
    """The chains of one file, by session; raises BadRecording."""
    try:
        if file.kind == "lean":
            yield from lean.sessions(file.path, file.underlying)
        else:
            module = {"yahoo": yahoo, "cboe": cboe, "barchart": barchart}[file.kind]
            yield from module.sessions(file.path, file.underlying, file.dated)
    except BadChainFile:
        raise
    except BadRecording as error:
        raise BadChainFile(str(error)) from error
    except ValueError as error:
        raise BadChainFile(f"{file.path.name}: {error}") from error


def _file(path: Path) -> ChainFile | None:
    """A file whose name says what it is."""
    match = _NAME.fullmatch(path.name)
    if not match or not path.is_file():
        return None
    try:
        underlying = canonical(match["symbol"])
    except InvalidSymbol:
        return None
    return ChainFile(path, match["kind"], underlying, _dated(match["rest"] or ""))


def _dated(rest: str) -> date | None:
    found = _DATE.match(rest)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
