"""The open interest of a chain with what prices its gamma at any spot, each strike keeping its volatility."""

from dataclasses import dataclass

import numpy as np

from options.domain import Analysis, Floats, Slice
from options.forward import own_spot
from options.groups import Group, groups

PER_CENT = 0.01
_DENSITY = 1 / np.sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """Columns by strike and expiry; `calls` and `puts` are open interest × multiplier, in shares."""

    spot: float
    strike: Floats
    deviation: Floats
    """σ√T."""
    ratio: Floats
    """F/S, which stays when the spot moves."""
    discount: Floats
    calls: Floats
    puts: Floats

    def at(self, spots: Floats) -> tuple[Floats, Floats]:
        """Dollars per 1 % move at spots, of calls and of puts (not positive).

        γ·S² = e^{−rT}·F·φ(d₁) / (σ√T) with F = S·(F/S) (Hull, 10th ed., 19.6, on the forward).
        """
        forward = self.ratio * spots[:, None]
        d1 = np.log(forward / self.strike) / self.deviation + self.deviation / 2
        gamma = self.discount * forward * _DENSITY * np.exp(-0.5 * d1 * d1) / self.deviation * PER_CENT
        return gamma @ self.calls, -(gamma @ self.puts)


def book_of(analysis: Analysis) -> Book | None:
    """The contracts that have open interest and a volatility; None where there are none, or no spot."""
    spot, _ = own_spot(analysis.chain, analysis.slices)
    slices = {(one.root, one.expiry): one for one in analysis.slices if one.forward}
    if spot is None or not slices:
        return None
    shares = np.append(np.nan_to_num(analysis.chain.open_interest) * analysis.chain.multiplier, 0.0)
    iv = np.append(analysis.iv, np.nan)
    parts = [
        _part(group, slices[group.root, group.expiry], iv, shares, spot)
        for group in groups(analysis.chain) if (group.root, group.expiry) in slices
    ]  # fmt: skip
    strike, deviation, ratio, discount, calls, puts = (np.concatenate(column) for column in zip(*parts, strict=True))
    held = np.isfinite(deviation) & (deviation > 0) & (calls + puts > 0)
    if not held.any():
        return None
    return Book(
        spot=spot, strike=strike[held], deviation=deviation[held], ratio=ratio[held], discount=discount[held],
        calls=calls[held], puts=puts[held],
    )  # fmt: skip


def _part(group: Group, of: Slice, iv: Floats, shares: Floats, spot: float) -> tuple[Floats, ...]:
    """The columns of one expiry; a strike's volatility is that of its call and its put."""
    sigma = np.where(group.calls >= 0, iv[group.calls], iv[group.puts])
    ratio = np.full(len(group.strikes), (of.forward or np.nan) / spot)
    discount = np.full(len(group.strikes), np.exp(-of.rate * of.years))
    return group.strikes, sigma * np.sqrt(of.years), ratio, discount, shares[group.calls], shares[group.puts]
