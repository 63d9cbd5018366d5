"""How unusual the trading of each contract is: a score of 0 to 100 out of four parts, and what it was made of.

40 for the surprise against what was expected, 30 for the money, 20 for volume against open interest, 10 for the share
of the whole chain. The weights were set once and never tuned. Volume against open interest says nothing of a contract
that expires today: there the other three count alone. Who bought and who sold, no chain tells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from options.domain import Analysis, Chain, Floats, Part
from options.expecting import Expected, days, volumes

SURPRISE, MONEY, INTEREST, SHARE = 40.0, 30.0, 20.0, 10.0
TWENTYFOLD, TEN = 20.0, 10.0
PREMIUM, MOST_PREMIUM = 25_000.0, 400.0
"""Dollars from which the money counts, and how many times as much counts in full."""
LEAST_INTEREST = 50.0
FULL_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Columns of a chain's length. `score` is NaN where no volume or no price is known.

    `price`: the middle of the quote, else the last trade (dollars per share); `premium`: volume × multiplier × price in
    dollars; `days` to expiry; `expected` volume; the shares (0 to 1) of the four parts and the values behind them.
    """

    score: Floats
    price: Floats
    premium: Floats
    days: Floats
    expected: Floats
    shares: dict[str, Floats]
    values: dict[str, Floats]


def scored(analysis: Analysis, expected: Expected) -> Scored:
    """Score every contract of a chain; which of them are worth an alert, the rules say."""
    chain = analysis.chain
    volume, price = chain.volume, price_of(chain)
    usual, left = volumes(analysis, expected), days(chain.expiry, chain.session)
    premium = volume * chain.multiplier * price
    total = float(np.nansum(volume))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {
            "surprise": (volume + TEN) / (usual + TEN),
            "premium": premium,
            "volume/open interest": volume / np.maximum(chain.open_interest, LEAST_INTEREST),
            "share of the chain": volume / total if total else np.full(len(chain), np.nan),
        }
        shares = {
            "surprise": _share(np.log(values["surprise"]) / np.log(TWENTYFOLD)),
            "premium": _share(np.log10(premium / PREMIUM) / np.log10(MOST_PREMIUM)),
            "volume/open interest": _share(np.log(values["volume/open interest"]) / np.log(TEN)),
            "share of the chain": _share(values["share of the chain"] / FULL_SHARE),
        }
    values["volume/open interest"] = np.where(left < 1, np.nan, values["volume/open interest"])
    return Scored(
        score=_total(shares, left, np.isnan(volume) | np.isnan(price)), price=price, premium=premium, days=left,
        expected=usual, shares=shares, values=values,
    )  # fmt: skip


def price_of(chain: Chain) -> Floats:
    """The middle of the quote, else the last trade, else NaN."""
    middle = chain.mid
    return np.where(np.isnan(middle), chain.last, middle)


def parts(found: Scored, row: int) -> tuple[Part, ...]:
    """What the score of one contract is made of."""
    weights = _weights(bool(found.days[row] < 1))
    return tuple(
        Part(name=name, value=_told(found.values[name][row]), share=round(float(found.shares[name][row]), 6), weight=w)
        for name, w in weights.items()
    )


def _total(shares: dict[str, Floats], left: Floats, unknown: NDArray[np.bool_]) -> Floats:
    longer, ending = (
        sum((weight * shares[name] for name, weight in _weights(ends).items()), np.zeros(len(left)))
        for ends in (False, True)
    )
    return np.where(unknown, np.nan, np.where(left < 1, ending, longer))


def _weights(ends_today: bool) -> dict[str, float]:
    kept = {"surprise": SURPRISE, "premium": MONEY, "volume/open interest": INTEREST, "share of the chain": SHARE}
    if ends_today:
        del kept["volume/open interest"]
    whole = sum(kept.values())
    return {name: 100 * weight / whole for name, weight in kept.items()}


def _share(values: Floats) -> Floats:
    """Between 0 and 1; what is not known counts nothing."""
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
