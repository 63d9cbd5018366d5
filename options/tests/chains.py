"""Chains that tests are made of."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from options.domain import Analysis, Chain, ChainSummary

SESSION = date(2024, 1, 16)
NOON = datetime(2024, 1, 16, 17, 0, tzinfo=UTC)
"""A Tuesday, noon in New York."""
SPOT = 100.0
FIELDS = ("bid", "ask", "last", "volume", "open_interest", "vendor_iv", "vendor_delta", "vendor_gamma")


def chain(rows: Sequence[dict[str, Any]], **fields: Any) -> Chain:
    """A chain of these rows; each may name root, expiry, strike, is_call, multiplier and any column (None: absent)."""
    filled = [
        {"root": "TEST", "expiry": date(2024, 2, 16), "strike": 100.0, "is_call": True, "multiplier": 100.0} | row
        for row in rows
    ]
    columns: dict[str, Any] = {name: np.array([_cell(row.get(name)) for row in filled]) for name in FIELDS}
    columns |= {
        "symbol": np.array([_symbol(row) for row in filled], dtype=np.str_),
        "root": np.array([row["root"] for row in filled], dtype=np.str_),
        "expiry": np.array([row["expiry"] for row in filled], dtype="datetime64[D]"),
        "strike": np.array([row["strike"] for row in filled], np.float64),
        "is_call": np.array([row["is_call"] for row in filled], np.bool_),
        "multiplier": np.array([row["multiplier"] for row in filled], np.float64),
    }
    plain: dict[str, Any] = {
        "underlying": "TEST", "vendor": "yahoo", "market": "live", "taken_at": NOON, "session": SESSION, "spot": SPOT,
        "spot_as_of": NOON, "open_interest_date": date(2024, 1, 12),
    }  # fmt: skip
    return Chain(**(plain | columns | fields))


def analysed(value: Chain) -> Analysis:
    """An analysis that has computed nothing: the chain is all that is looked at."""
    column = np.full(len(value), np.nan)
    summary = ChainSummary(
        underlying=value.underlying, vendor=value.vendor, market=value.market, taken_at=value.taken_at,
        session=value.session, spot=value.spot, contracts=len(value),
    )  # fmt: skip
    return Analysis(
        chain=value, slices=(), iv=column, no_iv=np.full(len(value), "no quote"), delta=column, gamma=column,
        vega=column, theta=column, rho=column, summary=summary,
    )  # fmt: skip


def _cell(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _symbol(row: dict[str, Any]) -> str:
    side = "C" if row["is_call"] else "P"
    return f"{row['root']}{row['expiry']:%y%m%d}{side}{round(row['strike'] * 1000):08d}"
