"""How many outcomes there really are: outcomes of one session move together, and horizons overlap. Pure.

Design effect after Kish, "Survey Sampling" (1965), section 8.2.
"""

from collections.abc import Iterable

CORRELATION = 0.22
"""Of the five-day outcomes of two US stocks, measured on 26 and on 40 of them."""
OVERLAP = 0.66
"""Overlapping horizons repeat each other less than wholly: measured 3.2 to 3.4 for five days decided daily."""


def overlap(horizon: float, spacing: float = 1.0) -> float:
    """How often an outcome is told again by the next ones; `horizon` and the `spacing` of decisions in bars."""
    if horizon <= 0 or spacing <= 0:
        raise ValueError(f"horizon {horizon} and spacing {spacing} must be above 0 bars: mend the horizon's settings")
    return max(1.0, OVERLAP * horizon / spacing)


def design_effect(together: float, horizon: float, spacing: float = 1.0, correlation: float = CORRELATION) -> float:
    """How many outcomes are worth one independent outcome, where `together` of them resolve at once."""
    return overlap(horizon, spacing) * (1.0 + (max(together, 1.0) - 1.0) * correlation)


def effective(sessions: Iterable[int], horizon: float, spacing: float = 1.0) -> float:
    """The number of independent outcomes in sessions that resolved so many each."""
    return sum(one / design_effect(one, horizon, spacing) for one in sessions if one)
