"""A source's day in figures, and percentiles out of counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, log2

STEPS = 8
"""Buckets of the histogram to each doubling of the latency: a percentile is at most 9 % too high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a source did on a UTC date.

    `answers` to our calls, `pushes` (quotes) by itself, `errors` (calls or connections that failed whole), `gaps`
    (symbols that it left out of an answer), `disagreements` with other sources about a price, `outages` and how long
    they were in seconds. Latencies in milliseconds: of its answers, and of its pushes from the vendor's time to us.
    """

    source: str
    day: date
    answers: int = 0
    pushes: int = 0
    errors: int = 0
    gaps: int = 0
    disagreements: int = 0
    outages: int = 0
    outage_seconds: int = 0
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    push_p50_ms: float | None = None
    push_p95_ms: float | None = None


def bucket(seconds: float) -> int:
    """The bucket of a histogram whose upper ends grow by the STEPS-th root of two, from one millisecond."""
    return max(0, ceil(STEPS * log2(max(seconds, 1e-9) * 1000)))


def percentile(histogram: Mapping[int, int], part: float) -> float | None:
    """The upper end, in milliseconds, of the bucket in which this part of all values is reached."""
    left = part * sum(histogram.values())
    for number, count in sorted(histogram.items()):
        left -= count
        if left <= 1e-9:
            return float(round(2.0 ** (number / STEPS), 1))
    return None
