"""Between an analysed chain and its rows, one for each root and expiry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketdata.store import columns
from options.domain import Analysis, Chain, ChainSummary, Floats, NoIV, Slice

QUOTED = ("bid", "ask", "last", "mid", "volume", "open_interest")
VENDORS = ("multiplier", "vendor_iv", "vendor_delta", "vendor_gamma")
COMPUTED = ("delta", "gamma", "vega", "theta", "rho")
REASONS = list(NoIV)
_NUMBERS = {reason.value: number for number, reason in enumerate(REASONS)}
_NAMES = np.array([reason.value for reason in REASONS])
Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows [first, end) of a chain: all contracts of one root and expiry."""

    root: str
    expiry: date
    first: int
    end: int

    @property
    def key(self) -> Key:
        """What tells it from the other parts."""
        return self.root, self.expiry

    @property
    def rows(self) -> slice:
        """Where it is in the columns."""
        return slice(self.first, self.end)


def parts(chain: Chain) -> list[Part]:
    """The parts of a chain, in which the contracts of one root and expiry stand together."""
    if not len(chain):
        return []
    changed = (chain.expiry[1:] != chain.expiry[:-1]) | (chain.root[1:] != chain.root[:-1])
    edges = [0, *(np.flatnonzero(changed) + 1).tolist(), len(chain)]
    return [
        Part(str(chain.root[first]), chain.expiry[first].astype("datetime64[D]").item(), first, end)
        for first, end in pairwise(edges)
    ]


def snapshot(analysis: Analysis, part: Part) -> list[Any]:
    """The values of `SNAPSHOT` of one part."""
    chain, rows = analysis.chain, part.rows
    return [
        chain.underlying, chain.market, part.root, part.expiry, chain.taken_at, chain.vendor,
        columns.floats(chain.strike[rows]), columns.booleans(chain.is_call[rows]),
        *(columns.floats(quoted(chain, name)[rows]) for name in QUOTED), columns.floats(analysis.iv[rows]),
    ]  # fmt: skip


def session(analysis: Analysis, part: Part, one: Slice | None, own: Floats) -> list[Any]:
    """The values of `SESSION` of one part; `own`: the column of weighted volumes of the whole chain."""
    chain, rows = analysis.chain, part.rows
    none = columns.floats(np.empty(0))
    smile = [columns.floats(one.strikes), columns.floats(one.ivs)] if one else [none, none]
    computed = [one.forward, one.by_parity, one.years, one.rate, one.atm_iv] if one else [None, False, 0.0, 0.0, None]
    numbers = np.array([_NUMBERS[reason] for reason in analysis.no_iv[rows].tolist()], np.int64)
    return [
        *snapshot(analysis, part), chain.session, chain.delayed_by, chain.simulated, chain.spot, chain.spot_as_of,
        chain.open_interest_date, chain.taken_at, *computed, *smile,
        *(columns.floats(getattr(chain, name)[rows]) for name in VENDORS), columns.integers(numbers),
        *(columns.floats(getattr(analysis, name)[rows]) for name in COMPUTED), columns.floats(own[rows]),
    ]  # fmt: skip


SNAPSHOT = ("underlying", "market", "root", "expiry", "taken_at", "vendor", "strike", "is_call", *QUOTED, "iv")
SESSION = (
    *SNAPSHOT, "session", "delayed_by", "simulated", "spot", "spot_as_of", "open_interest_date", "still_since",
    "forward", "by_parity", "years", "rate", "atm_iv", "smile_strikes", "smile_ivs", *VENDORS, "no_iv", *COMPUTED,
    "own",
)  # fmt: skip


def quoted(chain: Chain, name: str) -> Floats:
    """A column of what is quoted; a chain whose vendor gives both sides has no middle of its own."""
    if name != "mid":
        found: Floats = getattr(chain, name)
        return found
    return np.full(len(chain), np.nan) if chain.given_mid is None else chain.given_mid


def chain(rows: Sequence[dict[str, Any]], at: date) -> Chain:
    """One chain of many rows (at least one): in it, what is of an earlier session than `at` has no volume."""
    newest = max(rows, key=lambda row: (row["session"], row["taken_at"]))
    joined = {name: _joined(rows, name) for name in ("strike", "is_call", *QUOTED, *VENDORS)}
    joined["volume"] = np.concatenate(
        [row["volume"] if row["session"] == at else np.full(len(row["volume"]), np.nan) for row in rows]
    )
    mid = joined.pop("mid")
    return Chain(
        underlying=newest["underlying"], vendor=newest["vendor"], market=newest["market"],
        taken_at=instant(newest["taken_at"]), session=newest["session"], spot=newest["spot"],
        spot_as_of=instant(newest["spot_as_of"]), symbol=np.concatenate([symbols(row) for row in rows]),
        root=np.concatenate([np.full(len(row["strike"]), row["root"]) for row in rows]),
        expiry=np.concatenate([np.full(len(row["strike"]), row["expiry"], "datetime64[D]") for row in rows]),
        open_interest_date=newest["open_interest_date"], delayed_by=newest["delayed_by"],
        simulated=newest["simulated"], given_mid=None if np.isnan(mid).all() else mid, **joined,
    )  # fmt: skip


def analysis(rows: Sequence[dict[str, Any]], at: date, summary: ChainSummary) -> Analysis:
    """As it was computed: each part when it was told."""
    return Analysis(
        chain=chain(rows, at), slices=tuple(_slices(rows)), iv=_joined(rows, "iv"),
        no_iv=_NAMES[_joined(rows, "no_iv").astype(np.int64)],
        **{name: _joined(rows, name) for name in COMPUTED}, summary=summary,
    )  # fmt: skip


def keys(strike: Floats, is_call: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A number for each contract of one root and expiry: its strike in tenths of a cent, and its side."""
    return np.rint(strike * 1000).astype(np.int64) * 2 + is_call


def aligned(known: NDArray[np.int64], values: Floats, wanted: NDArray[np.int64]) -> Floats:
    """The values of the wanted keys, NaN for those that are not known."""
    if not len(known):
        return np.full(len(wanted), np.nan)
    order = np.argsort(known, kind="stable")
    places = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return np.where(known[places] == wanted, values[places], np.nan)


def instant(value: datetime | None) -> Any:
    """In UTC, as all our times are."""
    return None if value is None else value.astimezone(UTC)


def _slices(rows: Iterable[dict[str, Any]]) -> Iterator[Slice]:
    for row in rows:
        if row["years"]:
            yield Slice(
                root=row["root"], expiry=row["expiry"], years=row["years"], rate=row["rate"], forward=row["forward"],
                by_parity=row["by_parity"], strikes=row["smile_strikes"], ivs=row["smile_ivs"],
                atm_iv=row["atm_iv"], taken_at=instant(row["taken_at"]),
            )  # fmt: skip


def symbols(row: dict[str, Any]) -> NDArray[np.str_]:
    """OCC symbols say no more than root, expiry, side and strike."""
    lead = f"{row['root']}{row['expiry']:%y%m%d}"
    sides = zip(row["is_call"].tolist(), np.rint(row["strike"] * 1000).astype(np.int64).tolist(), strict=True)
    return np.array([f"{lead}{'C' if call else 'P'}{strike:08d}" for call, strike in sides], np.str_)


def _joined(rows: Sequence[dict[str, Any]], name: str) -> Any:
    return np.concatenate([row[name] for row in rows])
