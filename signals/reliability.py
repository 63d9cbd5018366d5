"""How good probabilities were: Brier and its parts, calibration error beside its noise floor, intervals. Pure.

Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950); its parts after
Murphy, "A new vector partition of the probability score", J. Applied Meteorology 12 (1973), with the remainder within
the bins after Stephenson, Coelho & Jolliffe, "Two extra components in the Brier score decomposition", Weather and
Forecasting 23 (2008), equation 5.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_random import generator
from options.wilson import wilson
from signals.domain import Bin

BINS = 10

Floats = NDArray[np.float64]
Groups = list[NDArray[np.intp]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """brier = reliability − resolution + uncertainty + within, to rounding."""

    reliability: float
    resolution: float
    uncertainty: float
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """If only confidences of `threshold` and above had counted: the share of all that remains, and how many won."""

    threshold: float
    coverage: float
    precision: float


def brier(confidence: Floats, won: Floats) -> float:
    """Mean squared difference of probability and outcome (0 or 1); .25 is a coin."""
    return float(np.mean((confidence - won) ** 2))


def skill(confidence: Floats, reference: Floats, won: Floats) -> float | None:
    """1 − Brier / Brier of the reference; None where the reference was perfect."""
    known = brier(reference, won)
    return 1.0 - brier(confidence, won) / known if known > 0 else None


def parts(confidence: Floats, won: Floats, count: int = BINS) -> Parts:
    """Brier's parts over bins of equal mass."""
    groups, n, rate = _groups(confidence, count), len(won), float(won.mean())
    reliability = sum(len(g) * (confidence[g].mean() - won[g].mean()) ** 2 for g in groups) / n
    resolution = sum(len(g) * (won[g].mean() - rate) ** 2 for g in groups) / n
    within = sum(float(np.sum(_around(confidence[g]) * (_around(confidence[g]) - 2 * _around(won[g])))) for g in groups)
    return Parts(
        reliability=float(reliability), resolution=float(resolution), uncertainty=rate * (1 - rate), within=within / n
    )


def calibration_error(confidence: Floats, won: Floats, count: int = BINS) -> float:
    """Expected calibration error: mean |share won − mean confidence| over bins of equal mass, weighted by their size.

    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    groups = _groups(confidence, count)
    return float(sum(abs(won[g].mean() - confidence[g].mean()) * len(g) for g in groups) / len(won))


def noise_floor(confidence: Floats, n_eff: float, count: int = BINS) -> float:
    """The calibration error that a perfect forecaster would be expected to show with `n_eff` independent outcomes.

    Mean absolute error of a share: √(2/π) · √(p (1 − p) / n), with n_eff / bins outcomes to a bin.
    """
    groups = _groups(confidence, count)
    spread = [sqrt(p * (1 - p) / (n_eff * len(g) / len(confidence))) * len(g) for g, p in _means(groups, confidence)]
    return sqrt(2 / pi) * sum(spread) / len(confidence)


def diagram(confidence: Floats, won: Floats, n_eff: float, count: int = BINS) -> tuple[Bin, ...]:
    """The columns of a reliability diagram, of equal mass, each with Wilson's interval for its share of `n_eff`."""
    return tuple(_bin(confidence[g], won[g], n_eff * len(g) / len(won)) for g in _groups(confidence, count))


def choosing(confidence: Floats, won: Floats, count: int = BINS) -> tuple[Chosen, ...]:
    """Precision against coverage, from all down to the surest tenth."""
    order = np.argsort(-confidence, kind="stable")
    sizes = [round(len(won) * part / count) for part in range(count, 0, -1)]
    return tuple(
        Chosen(
            threshold=float(confidence[order[size - 1]]), coverage=size / len(won),
            precision=float(won[order[:size]].mean()),
        )
        for size in sizes if size
    )  # fmt: skip


def bootstrapped(
    totals: Floats, counts: Floats, block: int, draws: int = 1000, coverage: float = 0.95
) -> tuple[float, float]:
    """The interval of a mean per outcome, from sums and counts of consecutive sessions, drawn in blocks of sessions.

    Circular block bootstrap, Politis & Romano (1992), in LePage & Billard, "Exploring the limits of bootstrap"; its
    draws are always the same.
    """
    length = len(totals)
    starts = generator(1, "bootstrap", part=length).integers(0, length, (draws, -(-length // block)))
    of = (starts[:, :, None] + np.arange(min(block, length))) % length
    means = totals[of].sum(axis=(1, 2)) / np.maximum(counts[of].sum(axis=(1, 2)), 1e-300)
    low, high = np.quantile(means, [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)


def _groups(confidence: Floats, count: int) -> Groups:
    """Indices by rising confidence in `count` parts of equal size, none of them empty."""
    order = np.argsort(confidence, kind="stable")
    return [part for part in np.array_split(order, count) if len(part)]


def _means(groups: Groups, values: Floats) -> list[tuple[NDArray[np.intp], float]]:
    return [(group, float(values[group].mean())) for group in groups]


def _around(values: Floats) -> Floats:
    return np.asarray(values - values.mean(), np.float64)


def _bin(confidence: Floats, won: Floats, n_eff: float) -> Bin:
    rate = float(won.mean())
    low, high = wilson(rate, n_eff)
    return Bin(
        low=float(confidence.min()), high=float(confidence.max()), n=len(won), hit_rate=rate, wilson_low=low,
        mean_confidence=float(confidence.mean()), wilson_high=high,
    )  # fmt: skip
