"""Chains out of files: taken in session by session, as if each had come at its close, and judged by the next one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge
from pathlib import Path

from marketdata import store as market_store
from marketdata.sources import recorded_chain
from marketdata.sources.base import SourceError
from marketdata.sources.recorded_chain import ChainFile, RecordedChain
from options import ingest, store, verdicts
from options.domain import Confirmation, Verdict


@dataclass(frozen=True, slots=True)
class Day:
    """What a session of one underlying brought: contracts, lines left out, alerts that stand for it, and verdicts."""

    underlying: str
    session: date
    contracts: int
    left_out: int
    alerts: int
    verdicts: Counter[Verdict]


def files(paths: Iterable[Path]) -> dict[str, list[ChainFile]]:
    """The files below these paths, by underlying; raises NoRecording where a path does not exist."""
    found: defaultdict[str, dict[Path, ChainFile]] = defaultdict(dict)
    for one in (file for path in paths for file in recorded_chain.files(path)):
        found[one.underlying][one.path.resolve()] = one
    return {underlying: list(those.values()) for underlying, those in sorted(found.items())}


def take_in(
    underlying: str, those: Iterable[ChainFile], market: str, failures: list[SourceError]
) -> Iterator[date]:  # fmt: skip
    """Read the files of one underlying in the order of their sessions; yields each session that is stored.

    What is stored is stored whole: cut off, the same order goes on, and done twice it changes nothing. A file that
    cannot be read costs none of the others; why, is added to `failures`.
    """
    market_store.note_symbol(underlying)
    for one in in_order(those, failures):
        ingest.chain(
            one.chain, session=one.session, taken_at=one.taken_at, spot=one.spot, spot_as_of=one.spot_as_of,
            market=market, whole=True,
        )  # fmt: skip
        verdicts.confirm(market, one.session, underlying, settled=True)
        yield one.session
    ingest.show_latest(underlying, market)


def days(underlying: str, market: str, sessions: Iterable[date]) -> list[Day]:
    """What is stored of these sessions."""
    return [_day(underlying, market, one) for one in sorted(set(sessions))]


def confirmations(underlying: str, market: str) -> list[Confirmation]:
    """How the alerts of an underlying were judged, by rule."""
    return store.confirmations(market, symbol=underlying)


def in_order(those: Iterable[ChainFile], failures: list[SourceError]) -> Iterator[RecordedChain]:
    """All chains of the files by session: those of one day's files follow each other, and all others are merged in."""
    dated = sorted((one for one in those if one.dated), key=lambda one: (one.dated or date.min, one.path.name))
    runs = [_read(one, failures) for one in those if not one.dated]
    return merge(*runs, (chain for one in dated for chain in _read(one, failures)), key=_when)


def _read(file: ChainFile, failures: list[SourceError]) -> Iterator[RecordedChain]:
    try:
        yield from recorded_chain.read(file)
    except SourceError as error:
        failures.append(error)


def _when(one: RecordedChain) -> tuple[date, datetime]:
    return one.session, one.taken_at


def _day(underlying: str, market: str, session: date) -> Day:
    rows = store.of_session(underlying, market, session, ["strike"])
    alerts = store.alerts(market, symbol=underlying, session=session, limit=1000)
    return Day(
        underlying, session, sum(len(row["strike"]) for row in rows),
        len(store.rejects(underlying, market, session)), len(alerts), Counter(one.verdict for one in alerts),
    )  # fmt: skip
