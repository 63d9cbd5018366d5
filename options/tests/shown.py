"""A small chain with its analysis, and an alert, as the doors show them. The figures are made up, not computed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from options.domain import Alert, Analysis, Chain, ChainSummary, Condition, Part, Slice

AT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
SESSION = date(2026, 11, 20)
NEAR, FAR = date(2026, 11, 27), date(2026, 12, 18)
STRIKES = (180.0, 185.0, 190.0)
NAN = float("nan")


def occ(expiry: date, strike: float, is_call: bool, root: str = "AAPL") -> str:
    """The OCC symbol of a contract."""
    return f"{root}{expiry:%y%m%d}{'C' if is_call else 'P'}{round(strike * 1000):08d}"


def analysis(underlying: str = "AAPL", **summary: Any) -> Analysis:
    """Two expiries of three strikes, calls and puts; the first contract has no bid, no volume and no iv."""
    found = chain(underlying)
    n = len(found)
    iv = np.linspace(0.20, 0.31, n)
    no_iv = np.full(n, "", dtype="<U24")
    iv[0], no_iv[0] = NAN, "no bid"
    said: dict[str, Any] = {
        "spot": 185.5, "contracts": n, "expiries": 2, "iv30": 0.1 + 0.2, "gex": -1.5e9, "max_pain": 185.0,
        "max_pain_expiry": NEAR, "open_interest_date": date(2026, 11, 19),
        "reasons": {"iv_rank": "have 37 of 60 sessions"}, "iv_sessions": 37,
    }  # fmt: skip
    return Analysis(
        chain=found,
        slices=tuple(_slice(underlying, expiry) for expiry in (NEAR, FAR)),
        iv=iv, no_iv=no_iv, delta=np.linspace(-0.5, 0.5, n), gamma=np.full(n, 0.01), vega=np.full(n, 0.1),
        theta=np.full(n, -0.05), rho=np.full(n, 0.02),
        summary=ChainSummary(
            underlying=underlying, vendor="simulated", market="simulated", taken_at=AT, session=SESSION,
            simulated=True, **(said | summary),
        ),
    )  # fmt: skip


def chain(underlying: str = "AAPL") -> Chain:
    """The chain of `analysis`, in the order of expiry, strike, call before put."""
    rows = [(expiry, strike, is_call) for expiry in (NEAR, FAR) for strike in STRIKES for is_call in (True, False)]
    n = len(rows)
    bid, volume = np.linspace(1.0, 2.1, n), np.arange(n, dtype=float) * 10
    bid[0], volume[0] = 0.0, NAN
    return Chain(
        underlying=underlying, vendor="simulated", market="simulated", taken_at=AT, session=SESSION, spot=185.5,
        spot_as_of=AT, symbol=np.array([occ(*row, underlying) for row in rows]), root=np.full(n, underlying),
        expiry=np.array([row[0] for row in rows], dtype="datetime64[D]"), strike=np.array([row[1] for row in rows]),
        is_call=np.array([row[2] for row in rows]), multiplier=np.full(n, 100.0), bid=bid, ask=bid + 0.1,
        last=np.full(n, 1.5), volume=volume, open_interest=np.full(n, 500.0), vendor_iv=np.full(n, NAN),
        vendor_delta=np.full(n, NAN), vendor_gamma=np.full(n, NAN), open_interest_date=date(2026, 11, 19),
        simulated=True,
    )  # fmt: skip


def alert(number: int = 1, **fields: Any) -> Alert:
    """An alert about a put of AAPL that still waits for the next day's open interest."""
    found = Condition(name="volume", value=4200.0, comparison=">=", threshold=100.0, held=True, unit="contracts")
    first = Alert(
        id=f"{number:032x}", market="simulated", vendor="simulated", underlying="AAPL", symbol=occ(NEAR, 180.0, False),
        expiry=NEAR, strike=180.0, is_call=False, session=SESSION, raised_at=AT, rule="score", version=1, score=71.5,
        volume=4200.0, open_interest=300.0, open_interest_date=date(2026, 11, 19), expected_volume=55.5, price=1.1,
        premium=462000.0, spot=185.5, iv=0.27, delta=-0.31, days=7, simulated=True,
        conditions=(found,), parts=(Part(name="surprise", value=0.1 + 0.2, share=1.0, weight=40.0),),
    )  # fmt: skip
    return replace(first, **fields)


def _slice(root: str, expiry: date) -> Slice:
    return Slice(
        root=root, expiry=expiry, years=(expiry - SESSION).days / 365, rate=0.04, forward=185.6, by_parity=True,
        strikes=np.array(STRIKES), ivs=np.array([0.3, 0.27, 0.25]), atm_iv=0.268,
    )  # fmt: skip
