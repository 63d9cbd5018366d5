"""What earlier sessions say of the contracts of a chain: read before a session's alerts, written with its chain.

The turnover has one row for each session of an underlying: it also tells which sessions there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketdata.store import columns
from options import expecting
from options.domain import Chain, Floats
from options.expecting import Expected
from options.store import packing

REACH = timedelta(days=30)
"""How long ago a contract may have been seen last for its volume of then to be remembered."""
SESSIONS = 90
_NAMES = ("root", "expiry", "session", "strike", "is_call", "volume", "open_interest", "open_interest_date",
          "own", "forward", "spot")  # fmt: skip


def expected(chain: Chain, plain: bool = False) -> Expected:
    """What is known of the contracts of a chain from the sessions before it; averages only where they are `plain`ly
    asked for, because they take the rows of 90 sessions."""
    rows = _before(chain)
    dates = [row["open_interest_date"] for row in rows if row["open_interest_date"]]
    found = replace(
        expecting.nothing(len(chain)), turnover=_turnover(chain, rows),
        own=_of_rows(chain, rows, lambda row: expecting.carried(row["own"], row["volume"])),
        open_interest=_of_rows(chain, rows, lambda row: row["open_interest"]),
        open_interest_date=max(dates, default=None),
    )  # fmt: skip
    return _averaged(chain, found) if plain else found


def save_turnover(chain: Chain, turnover: Floats) -> None:
    """Remember the turnover that was expected before this session."""
    with columns.cursor() as cursor:
        cursor.execute(_SAVE, [chain.underlying, chain.market, chain.session, columns.floats(turnover)])


def newest(underlying: str, market: str) -> date | None:
    """The last session of which there is a chain."""
    with columns.cursor() as cursor:
        cursor.execute(
            "SELECT max(session) FROM option_turnover WHERE underlying = %s AND market = %s", [underlying, market]
        )
        return (cursor.fetchone() or (None,))[0]


def underlyings(market: str) -> list[str]:
    """The underlyings of which there is a chain."""
    with columns.cursor() as cursor:
        cursor.execute("SELECT DISTINCT underlying FROM option_turnover WHERE market = %s ORDER BY 1", [market])
        return [name for (name,) in cursor]


def sessions(underlying: str, market: str) -> list[date]:
    """The sessions of which there is a chain, oldest first."""
    with columns.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT session FROM option_turnover WHERE underlying = %s AND market = %s ORDER BY 1",
            [underlying, market],
        )
        return [one for (one,) in cursor]


def _of_rows(chain: Chain, rows: Sequence[dict[str, Any]], tell: Callable[[dict[str, Any]], Floats]) -> Floats:
    """What the last session in which it was seen tells of each contract, NaN of those that were never seen."""
    held = {(row["root"], row["expiry"]): row for row in rows}
    found = np.full(len(chain), np.nan)
    for part in packing.parts(chain):
        if row := held.get(part.key):
            known = packing.keys(row["strike"], row["is_call"])
            wanted = packing.keys(chain.strike[part.rows], chain.is_call[part.rows])
            found[part.rows] = packing.aligned(known, tell(row), wanted)
    return found


def _turnover(chain: Chain, rows: Sequence[dict[str, Any]]) -> Floats:
    """The weighted turnover of each bucket after the last session."""
    if not rows:
        return np.full(expecting.BUCKETS, np.nan)
    last = max(row["session"] for row in rows)
    chosen = [row for row in rows if row["session"] == last]
    volume, interest = (np.concatenate([row[name] for row in chosen]) for name in ("volume", "open_interest"))
    today = expecting.turnover(volume, interest, np.concatenate([_buckets(row) for row in chosen]))
    return expecting.carried(_remembered(chain, last), today)


def _buckets(row: dict[str, Any]) -> NDArray[np.int64]:
    level, left = row["forward"] or row["spot"] or np.nan, float((row["expiry"] - row["session"]).days)
    count = len(row["strike"])
    return expecting.alike(row["strike"], row["is_call"], np.full(count, level), np.full(count, left))


def _before(chain: Chain) -> list[dict[str, Any]]:
    """The newest row of each part from the sessions before the chain's; what ended since then still tells turnover."""
    with columns.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (root, expiry) {', '.join(_NAMES)} FROM option_session WHERE underlying = %s"
            " AND market = %s AND session < %s AND session >= %s ORDER BY root, expiry, session DESC",
            [chain.underlying, chain.market, chain.session, chain.session - REACH],
        )
        return [dict(zip(_NAMES, row, strict=True)) for row in cursor]


def _remembered(chain: Chain, session: date) -> Floats:
    with columns.cursor() as cursor:
        cursor.execute(
            "SELECT turnover FROM option_turnover WHERE underlying = %s AND market = %s AND session = %s",
            [chain.underlying, chain.market, session],
        )
        row = cursor.fetchone()
    return row[0] if row and len(row[0]) == expecting.BUCKETS else np.full(expecting.BUCKETS, np.nan)


def _averaged(chain: Chain, found: Expected) -> Expected:
    """With mean, sample deviation and number of the volumes that the last 90 sessions gave."""
    held = {part.key: part for part in packing.parts(chain)}
    number, total, squares = (np.zeros(len(chain)) for _ in range(3))
    for root, expiry, strike, is_call, volume in _volumes(chain):
        if part := held.get((root, expiry)):
            wanted = packing.keys(chain.strike[part.rows], chain.is_call[part.rows])
            one = packing.aligned(packing.keys(strike, is_call), volume, wanted)
            number[part.rows] += ~np.isnan(one)
            total[part.rows] += np.nan_to_num(one)
            squares[part.rows] += np.nan_to_num(one) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        average = np.where(number > 0, total / number, np.nan)
        variance = np.where(number > 1, (squares - number * average**2) / (number - 1), np.nan)
    return replace(found, average=average, deviation=np.sqrt(np.maximum(variance, 0)), sessions=number)


def _volumes(chain: Chain) -> list[tuple[Any, ...]]:
    with columns.cursor() as cursor:
        cursor.execute(_VOLUMES, [chain.underlying, chain.market, chain.session, SESSIONS, chain.session])
        return list(cursor)


_SAVE = """
INSERT INTO option_turnover (underlying, market, session, turnover) VALUES (%s, %s, %s, %s)
ON CONFLICT (underlying, market, session) DO UPDATE SET turnover = excluded.turnover
"""
_VOLUMES = """
WITH days AS (
    SELECT DISTINCT underlying, market, session FROM option_session
    WHERE underlying = %s AND market = %s AND session < %s ORDER BY session DESC LIMIT %s
)
SELECT root, expiry, strike, is_call, volume FROM option_session JOIN days USING (underlying, market, session)
WHERE expiry >= %s
"""
