"""What a raw score is worth: learnt from resolved outcomes only, shrunk towards the base rate. Pure.

One calibrator knows one direction: the base rate of its wins, and for each of seven bins of the score how far the
outcomes lay above or below the others of their own session. That difference is shrunk (normal prior of sd `TAU`, as
in James & Stein, "Estimation with quadratic loss", 1961), so that little evidence moves the confidence little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from signals.domain import Calibrated, Edge
from signals.effective import CORRELATION, overlap

EDGES = (-0.30, -0.15, -0.05, 0.05, 0.15, 0.30)
"""Between the seven bins of the score; a score on an edge belongs to the bin above it."""
BINS = len(EDGES) + 1
TAU = 0.02
"""How far a true edge usually lies from the base rate, before anything is known."""
WITHIN = 0.05
"""Correlation that is left between outcomes of one bin and session once their session's rate is taken out."""
PRIOR, PRIOR_RATE = 30.0, 0.5
"""The base rate starts as if 30 independent outcomes had won half the time."""
SURE, WIDTH = 0.95, 1.959963984540054

Floats = NDArray[np.float64]
Numbers = Sequence[float] | Floats | NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the outcomes are of: `horizon` and the `spacing` of decisions in bars; `half_life` in steps (sessions)."""

    horizon: int
    spacing: float = 1.0
    half_life: float = 504.0

    @property
    def overlap(self) -> float:
        """How often one outcome is told again by the next ones."""
        return overlap(self.horizon, self.spacing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """The outcomes of one step by bin (shape (…, 7)): how many, how many won, and the sum of their net returns."""

    count: Floats
    wins: Floats
    net: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibrator:
    """All that was learnt, frozen. `n` and `w` are (…), the others (…, 7); many calibrators may stand in one.

    `n`, `w`: effective outcomes and wins; `size`, `square`: sums of m and m² over the steps that put m outcomes into a
    bin; `residual`: sum of (won − rate of the others in that step); `net`: sum of net returns. All of these fade by
    half in `terms.half_life` steps; `count` is the plain number of outcomes and does not.
    """

    terms: Terms
    n: Floats
    w: Floats
    size: Floats
    square: Floats
    residual: Floats
    net: Floats
    count: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """What a calibrator says of each bin: all (…, 7)."""

    confidence: Floats
    low: Floats
    high: Floats
    base_rate: Floats
    edge: Floats
    probability: Floats
    net: Floats
    n: Floats
    n_eff: Floats
    variance: Floats
    """Of the confidence as an estimate of the true chance."""


def fresh(terms: Terms, shape: tuple[int, ...] = ()) -> Calibrator:
    """One that has seen nothing: confidence .50 ± .18 in every bin."""
    wide = (*shape, BINS)
    return Calibrator(
        terms=terms, n=np.zeros(shape), w=np.zeros(shape), size=np.zeros(wide), square=np.zeros(wide),
        residual=np.zeros(wide), net=np.zeros(wide), count=np.zeros(wide),
    )  # fmt: skip


def bins(scores: Floats) -> NDArray[np.intp]:
    """The bin of each score (any shape); a NaN falls into the last, so ask for it first."""
    return np.searchsorted(EDGES, scores, side="right")


def tally(scores: Numbers, wins: Numbers, nets: Numbers) -> Tally:
    """One step's outcomes (all of length N) by bin; those without a score (NaN) are left out."""
    score, won, net = (np.asarray(one, np.float64) for one in (scores, wins, nets))
    known = ~np.isnan(score)
    where = bins(score[known])

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(where, values, BINS), np.float64)

    return Tally(count=summed(np.ones(len(where))), wins=summed(won[known]), net=summed(net[known]))


def learn(calibrator: Calibrator, scores: Numbers, wins: Numbers, nets: Numbers) -> Calibrator:
    """The calibrator after one step: the scores that were given (−1 to 1), which of them won, and their net returns.

    A step is a session (intraday: a bar) with all outcomes that resolved in it; one without outcomes changes nothing.
    """
    return absorb(calibrator, tally(scores, wins, nets))


def absorb(calibrator: Calibrator, step: Tally) -> Calibrator:
    """`learn` for outcomes that are counted already, and for many calibrators at once."""
    together, won = step.count.sum(-1), step.wins.sum(-1)
    fade = np.where(together > 0, 0.5 ** (1.0 / calibrator.terms.half_life), 1.0)
    independent = calibrator.terms.overlap * (1.0 + (np.maximum(together, 1.0) - 1.0) * CORRELATION)
    wide = fade[..., None]
    return replace(
        calibrator,
        n=fade * calibrator.n + together / independent,
        w=fade * calibrator.w + won / independent,
        size=wide * calibrator.size + step.count,
        square=wide * calibrator.square + step.count**2,
        residual=wide * calibrator.residual + _residuals(step, together, won, _base(calibrator)),
        net=wide * calibrator.net + step.net,
        count=calibrator.count + step.count,
    )


def table(calibrator: Calibrator) -> Table:
    """What each bin is worth now."""
    base = _base(calibrator)[..., None]
    of_base = base * (1.0 - base) / (calibrator.n[..., None] + PRIOR)
    size = np.maximum(calibrator.size, 1e-300)
    clustered = 1.0 + np.maximum(calibrator.square / size - 1.0, 0.0) * WITHIN
    n_eff = calibrator.size / (calibrator.terms.overlap * clustered)
    shrink = TAU**2 * n_eff / (TAU**2 * n_eff + base * (1.0 - base))
    edge, of_edge = shrink * calibrator.residual / size, TAU**2 * (1.0 - shrink)
    half = WIDTH * np.sqrt(of_base + of_edge)
    sure = np.clip(base + edge, 0.0, 1.0)
    return Table(
        confidence=sure, low=np.maximum(sure - half, 0.0), high=np.minimum(sure + half, 1.0),
        base_rate=np.broadcast_to(base, edge.shape), edge=edge, probability=ndtr(edge / np.sqrt(of_edge)),
        net=np.where(calibrator.count > 0, calibrator.net / size, np.nan), n=calibrator.count, n_eff=n_eff,
        variance=of_base + of_edge,
    )  # fmt: skip


def predict(calibrator: Calibrator, score: float) -> Calibrated:
    """The chance that this score's lean wins after costs, with its interval and what is proven of it."""
    said, at = table(calibrator), int(bins(np.asarray(score, np.float64)))
    one = {name: float(getattr(said, name)[at]) for name in ("confidence", "low", "high", "base_rate", "edge")}
    probability, net = float(said.probability[at]), float(said.net[at])
    return Calibrated(
        **one, probability=probability, status=status(probability, net), n=int(said.n[at]),
        n_eff=float(said.n_eff[at]), net=None if np.isnan(net) else net,
    )  # fmt: skip


def status(probability: float, net: float) -> Edge:
    """Proven: P(edge > 0) ≥ .95 and money is left after costs; negative: ≤ .05."""
    if probability >= SURE and net > 0:
        return Edge.PROVEN
    return Edge.NEGATIVE if probability <= 1.0 - SURE else Edge.UNPROVEN


def to_json(calibrator: Calibrator) -> dict[str, Any]:
    """All of it as JSON has it; `from_json` gives the very same numbers back."""
    terms = calibrator.terms
    told = {"horizon": terms.horizon, "spacing": terms.spacing, "half_life": terms.half_life, "edges": list(EDGES)}
    return told | {name: getattr(calibrator, name).tolist() for name in COLUMNS}


def from_json(told: Mapping[str, Any]) -> Calibrator:
    """The calibrator that `to_json` wrote; ValueError where it was learnt on other bins."""
    if tuple(told["edges"]) != EDGES:
        raise ValueError(f"learnt on bins {told['edges']}, not {list(EDGES)}: rebuild it from the outcomes")
    terms = Terms(horizon=told["horizon"], spacing=told["spacing"], half_life=told["half_life"])
    return Calibrator(terms=terms, **{name: np.array(told[name], np.float64) for name in COLUMNS})


COLUMNS = ("n", "w", "size", "square", "residual", "net", "count")


def _base(calibrator: Calibrator) -> Floats:
    rate: Floats = (calibrator.w + PRIOR * PRIOR_RATE) / (calibrator.n + PRIOR)
    return rate


def _residuals(step: Tally, together: Floats, won: Floats, base: Floats) -> Floats:
    """Sum over a bin of won − m, where m is the rate of the step's others, with c of the base rate mixed in.

    m = (wins of the others + c·base) / (others + c), c = 1/.22 − 1; summed over the bin without a loop. It takes the
    market's own move out, and falls back to the base rate where few others are.
    """
    c = 1.0 / CORRELATION - 1.0
    others = step.count * won[..., None] - step.wins + step.count * (c * base)[..., None]
    summed: Floats = step.wins - others / (together - 1.0 + c)[..., None]
    return summed
