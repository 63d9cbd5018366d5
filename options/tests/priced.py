"""Chains made by hand, whose answers are known: every price is Black's own."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np

from options.domain import Chain
from options.pricing import price

SESSION = date(2025, 6, 2)
TAKEN_AT = datetime(2025, 6, 2, 20, 0, tzinfo=UTC)
RATE, SPOT = 0.04, 100.0
STRIKES = tuple(float(k) for k in range(60, 145, 5))
Smile = Callable[[float, float], float]


def flat(strike: float, years: float) -> float:
    """A fifth, everywhere."""
    return 0.2


def expiry(days: int) -> date:
    """A Monday some weeks after the session, so that the last trading day is the expiry itself."""
    return SESSION + timedelta(days=days)


def made(
    days: Iterable[int] = (28,), strikes: Iterable[float] = STRIKES, *, smile: Smile = flat, carry: float = RATE,
    spot: float | None = SPOT, root: str = "ABC", spread: float = 0.01, held: float = 100.0, **columns: object,
) -> Chain:  # fmt: skip
    """Calls and puts at all strikes and expiries, bid and ask around Black's price; `columns` replace whole columns."""
    rows = [(day, strike, call) for day in days for strike in strikes for call in (True, False)]
    years = np.array([day / 365 for day, _, _ in rows])
    strike, is_call = np.array([k for _, k, _ in rows]), np.array([call for _, _, call in rows], np.bool_)
    sigma = np.array([smile(k, day / 365) for day, k, _ in rows])
    middle = price((SPOT) * np.exp(carry * years), strike, years, RATE, sigma, is_call)
    dates = [expiry(day) for day, _, _ in rows]
    given: dict[str, object] = {
        "underlying": "ABC", "vendor": "cboe", "market": "recorded", "taken_at": TAKEN_AT, "session": SESSION,
        "spot": spot, "spot_as_of": TAKEN_AT, "root": np.array([root] * len(rows), np.str_),
        "symbol": np.array([
            f"{root}{day:%y%m%d}{'C' if call else 'P'}{round(k * 1000):08d}"
            for day, k, call in zip(dates, strike, is_call, strict=True)
        ], np.str_),
        "expiry": np.array(dates, "datetime64[D]"), "strike": strike, "is_call": is_call,
        "multiplier": np.full(len(rows), 100.0), "bid": middle * (1 - spread / 2), "ask": middle * (1 + spread / 2),
        "last": middle, "volume": np.full(len(rows), 10.0), "open_interest": np.full(len(rows), held),
        "vendor_iv": sigma, "vendor_delta": np.full(len(rows), np.nan), "vendor_gamma": np.full(len(rows), np.nan),
    }  # fmt: skip
    return Chain(**{**given, **columns})  # type: ignore[arg-type]


def joined(*chains: Chain) -> Chain:
    """The contracts of several chains of one underlying."""
    from dataclasses import fields, replace

    first = chains[0]
    arrays = [one.name for one in fields(Chain) if isinstance(getattr(first, one.name), np.ndarray)]
    return replace(first, **{name: np.concatenate([getattr(one, name) for one in chains]) for name in arrays})


def changed(chain: Chain, where: Callable[[Chain], object], **values: float) -> Chain:
    """The chain with other values in some rows."""
    from dataclasses import replace

    columns = {name: getattr(chain, name).copy() for name in values}
    for name, value in values.items():
        columns[name][where(chain)] = value
    return replace(chain, **columns)
