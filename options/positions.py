"""Sums over a chain: what traded and what is held, calls against puts."""

import numpy as np
from numpy.typing import NDArray

from options.domain import Chain, Floats
from options.telling import Untold


def total(values: Floats, of: NDArray[np.bool_], what: str) -> float:
    """The sum of the values that are known; raises Untold where none is."""
    known = values[of & np.isfinite(values)]
    if not len(known):
        raise Untold(f"the source gives no {what}")
    return float(known.sum())


def ratio(values: Floats, is_call: NDArray[np.bool_], what: str) -> float:
    """Puts / calls; raises Untold where either is unknown or the calls are 0."""
    puts, calls = total(values, ~is_call, f"{what} of puts"), total(values, is_call, f"{what} of calls")
    if calls <= 0:
        raise Untold(f"the {what} of calls is 0")
    return puts / calls


def premium(chain: Chain) -> Floats:
    """Dollars traded in each contract: volume × multiplier × middle of the quote, else the last price; 0 for none."""
    price = np.where(np.isfinite(chain.mid), chain.mid, chain.last)
    return np.where(chain.volume == 0, 0.0, chain.volume * chain.multiplier * price)
