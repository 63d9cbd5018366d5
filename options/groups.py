"""The contracts of one root and expiry, paired by strike; and which of their quotes tell a price."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from options.domain import Chain, Floats, NoIV
from options.expiring import years

Rows = NDArray[np.intp]
Texts = NDArray[np.str_]
WIDEST = 0.5
"""Spread as a part of the middle beyond which a quote tells no price."""
REASON = f"<U{max(len(reason) for reason in NoIV)}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """One expiry of one root: its strikes, rising, and for each the rows of its call and its put (−1: not listed)."""

    root: str
    expiry: date
    years: float
    strikes: Floats
    calls: Rows
    puts: Rows


def groups(chain: Chain) -> list[Group]:
    """By expiry and root; adjusted contracts, which deliver something else, are in none."""
    roots, codes = np.unique(chain.root, return_inverse=True)
    usual = ~adjusted(roots)[codes]
    keys = chain.expiry.astype("datetime64[D]").astype(np.int64) * (len(roots) + 1) + codes
    order = np.lexsort((chain.strike, keys))
    order = order[usual[order]]
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    return [_group(chain, rows) for rows in np.split(order, cuts) if len(rows)]


def adjusted(roots: Texts) -> NDArray[np.bool_]:
    """Whether roots end in a digit: a corporate action changed what the contract delivers."""
    return np.array([str(root)[-1:].isdigit() for root in roots], np.bool_)


def prices(chain: Chain) -> tuple[Floats, Texts]:
    """The middle of each quote that tells a price (else NaN), and why the others tell none."""
    bid, ask, mid = chain.bid, chain.ask, chain.mid
    no_sides, no_bid = np.isnan(ask), ~(bid > 0)
    why = np.zeros(len(chain), REASON)
    with np.errstate(invalid="ignore", divide="ignore"):
        why[(ask - bid) / mid > WIDEST] = NoIV.WIDE
    why[ask <= bid] = NoIV.CROSSED
    why[no_bid] = NoIV.NO_BID
    why[no_sides] = NoIV.NO_QUOTE
    if chain.given_mid is not None:
        why[no_sides & np.isnan(bid) & (chain.given_mid > 0)] = NoIV.NONE
    return np.where(why == NoIV.NONE, mid, np.nan), why


def _group(chain: Chain, rows: Rows) -> Group:
    strikes, places = np.unique(chain.strike[rows], return_inverse=True)
    calls, puts = np.full(len(strikes), -1, np.intp), np.full(len(strikes), -1, np.intp)
    is_call = chain.is_call[rows]
    calls[places[is_call]], puts[places[~is_call]] = rows[is_call], rows[~is_call]
    expiry: date = chain.expiry[rows[0]].astype("datetime64[D]").item()
    return Group(
        root=str(chain.root[rows[0]]), expiry=expiry, years=years(expiry, chain.market, chain.taken_at),
        strikes=strikes, calls=calls, puts=puts,
    )  # fmt: skip
