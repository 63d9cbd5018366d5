"""Which contracts of a chain somebody asks for, in order and page by page."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from options.domain import Chain

Rows = NDArray[np.int64]
Truths = NDArray[np.bool_]


class Moneyness(StrEnum):
    """Where a strike lies to the spot."""

    ALL = "all"
    ITM = "itm"
    """Worth something if it were exercised now."""
    OTM = "otm"
    """Worth nothing."""
    ATM = "atm"
    """The listed strike nearest to the spot, of each expiry and root; of two as near, both."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; whatever is not named may be anything. Strikes in dollars, bounds included."""

    expiries: frozenset[date] = frozenset()
    is_call: bool | None = None
    strike_min: float | None = None
    strike_max: float | None = None
    moneyness: Moneyness = Moneyness.ALL


@dataclass(frozen=True, slots=True)
class Place:
    """A contract's place in the order: expiry, root, strike, calls before puts."""

    expiry: date
    root: str
    strike: float
    is_put: bool


def chosen(chain: Chain, choice: Choice, spot: float | None = None) -> Rows:
    """The rows asked for, in their order; without a spot no strike is in, out of or at the money."""
    held = np.ones(len(chain), np.bool_)
    if choice.expiries:
        held &= np.isin(chain.expiry, np.array(sorted(choice.expiries), "datetime64[D]"))
    if choice.is_call is not None:
        held &= chain.is_call == choice.is_call
    if choice.strike_min is not None:
        held &= chain.strike >= choice.strike_min
    if choice.strike_max is not None:
        held &= chain.strike <= choice.strike_max
    if choice.moneyness is not Moneyness.ALL:
        held &= _lies(chain, choice.moneyness, spot) if spot else False
    rows = np.flatnonzero(held)
    return rows[np.lexsort((~chain.is_call[rows], chain.strike[rows], chain.root[rows], chain.expiry[rows]))]


def page(chain: Chain, rows: Rows, after: Place | None, limit: int) -> tuple[Rows, Place | None]:
    """At most `limit` rows after a place, and the place after which the next page begins (None: there is none).

    A place is a contract, not a count: contracts that come or go between two pages shift nothing.
    """
    left = rows if after is None else rows[_after(chain, rows, after)]
    shown = left[:limit]
    return shown, place(chain, int(shown[-1])) if len(left) > limit else None


def place(chain: Chain, row: int) -> Place:
    """Where a row stands."""
    expiry: date = chain.expiry[row].astype("datetime64[D]").item()
    return Place(expiry, str(chain.root[row]), float(chain.strike[row]), not chain.is_call[row])


def _after(chain: Chain, rows: Rows, place: Place) -> Truths:
    root, strike, expiry = chain.root[rows], chain.strike[rows], chain.expiry[rows]
    day = np.datetime64(place.expiry)
    later = (strike > place.strike) | ((strike == place.strike) & (~chain.is_call[rows] > place.is_put))
    found: Truths = (expiry > day) | ((expiry == day) & ((root > place.root) | ((root == place.root) & later)))
    return found


def _lies(chain: Chain, moneyness: Moneyness, spot: float) -> Truths:
    if moneyness is Moneyness.ATM:
        return _nearest(chain, spot)
    inside: Truths = np.where(chain.is_call, chain.strike < spot, chain.strike > spot)
    return inside if moneyness is Moneyness.ITM else ~inside


def _nearest(chain: Chain, spot: float) -> Truths:
    far = np.abs(chain.strike - spot)
    held = np.zeros(len(chain), np.bool_)
    for root, expiry in {*zip(chain.root.tolist(), chain.expiry.tolist(), strict=True)}:
        same = (chain.root == root) & (chain.expiry == np.datetime64(expiry))
        held |= same & (far == far[same].min())
    return held
