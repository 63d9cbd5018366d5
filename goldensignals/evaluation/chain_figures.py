"""What one recorded chain shows beside its vendor's own figures and beside brute force."""

import time
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.recorded_chain import RecordedChain
from options.chain import analyse
from options.columns import columns
from options.domain import Analysis, Chain, Floats
from options.expecting import levels
from options.forward import own_spot
from options.groups import prices
from options.pain import EVEN, by_expiry

MARKET = "recorded"
WILD = 5.0
"""A vendor's volatility beyond which nobody means it."""
COMPARED = frozenset({"cboe", "barchart"})
"""Vendors whose volatilities can be compared with; Yahoo's and Lean's are often placeholders."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """Of one session: rows, differences of volatility in points, gamma in dollars per 1 %, max pain by expiry.

    `ended` counts contracts that had ended when the quotes held, `seconds` the CPU time of columns and analysis; None
    stands for what there is nothing to compare with.
    """

    analysis: Analysis
    rows: int
    ended: int
    left_out: tuple[str, ...]
    differences: Floats
    gex: float | None
    vendor_gex: float | None
    pains: dict[date, float]
    wrong_pains: dict[date, float]
    seconds: float

    @property
    def ratio(self) -> float | None:
        """Our gamma over the vendor's."""
        return self.gex / self.vendor_gex if self.gex is not None and self.vendor_gex else None


def measure(found: RecordedChain, rate: float) -> Figures:
    """Analyse one chain and compare."""
    began = time.process_time()
    chain = columns(
        found.chain, market=MARKET, session=found.session, taken_at=found.taken_at, spot=found.spot,
        spot_as_of=found.spot_as_of,
    )  # fmt: skip
    analysis = analyse(chain, rate)
    seconds = time.process_time() - began
    spot, _ = own_spot(chain, analysis.slices)
    pains = by_expiry(chain, spot, date.max)
    left_out = chain.left_out
    rows = len(found.chain.quotes) + len(found.chain.left_out)
    vendor = _gex(chain, chain.vendor_gamma, spot) if chain.vendor in COMPARED else None
    return Figures(
        analysis=analysis, rows=rows, ended=rows - len(left_out) - len(chain), left_out=left_out,
        differences=_differences(analysis), gex=_gex(chain, analysis.gamma, spot) if vendor is not None else None,
        vendor_gex=vendor, pains=pains, wrong_pains=_wrong(chain, pains, spot), seconds=seconds,
    )  # fmt: skip


def _differences(analysis: Analysis) -> Floats:
    """|ours − the vendor's| in points, of out-of-the-money contracts whose own quotes tell a price."""
    chain, (_, why) = analysis.chain, prices(analysis.chain)
    forward = levels(analysis)
    outside = np.where(chain.is_call, chain.strike >= forward, chain.strike < forward)
    told = (chain.vendor_iv > 0) & (chain.vendor_iv < WILD) & (why == "")
    return 100 * np.abs(analysis.iv - chain.vendor_iv)[outside & told & np.isfinite(analysis.iv)]


def _gex(chain: Chain, gamma: Floats, spot: float | None) -> float | None:
    """Σ s·γ·OI·M·S²·0.01 with these gammas; None where there are none."""
    if spot is None or not (np.nan_to_num(gamma) > 0).any():
        return None
    sign = np.where(chain.is_call, 1.0, -1.0)
    return float(np.nansum(sign * gamma * chain.open_interest * chain.multiplier) * spot**2 * 0.01)


def _wrong(chain: Chain, pains: dict[date, float], spot: float | None) -> dict[date, float]:
    """What trying every strike finds, where that is less pain, or as much nearer to the spot."""
    usual, found = ~np.char.isdigit(_ends(chain.root)), dict[date, float]()
    for expiry, pain in pains.items():
        rows = (chain.expiry == np.datetime64(expiry)) & usual
        tried = {float(at): _pain(chain, rows, float(at)) for at in np.unique(chain.strike[rows])}
        least = min(tried.values()) * (1 + EVEN)
        best = [at for at, paid in tried.items() if paid <= least]
        nearest = best[0] if spot is None else min(best, key=lambda at: abs(at - spot))
        if pain not in best or (spot is not None and abs(pain - spot) > abs(nearest - spot) + EVEN):
            found[expiry] = nearest
    return found


def _pain(chain: Chain, rows: NDArray[np.bool_], settlement: float) -> float:
    strike, sign = chain.strike[rows], np.where(chain.is_call[rows], 1.0, -1.0)
    worth = np.maximum(sign * (settlement - strike), 0.0)
    return float((worth * np.nan_to_num(chain.open_interest[rows]) * chain.multiplier[rows]).sum())


def _ends(roots: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.array([str(root)[-1:] for root in roots], np.str_)
