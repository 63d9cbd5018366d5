"""Whole numbers as the spans that they fill: (1, 3), (7, 7) for 1, 2, 3 and 7. Pure."""

from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]
"""The first number and the last one, both included."""


def spans(numbers: Iterable[int]) -> tuple[Span, ...]:
    """The fewest spans that fill these numbers and no others, rising."""
    return merged((one, one) for one in numbers)


def merged(given: Iterable[Span]) -> tuple[Span, ...]:
    """The same numbers in the fewest spans, rising; those given may overlap and stand in any order."""
    found: list[Span] = []
    for first, last in sorted(given):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def has(rising: tuple[Span, ...], number: int) -> bool:
    """Whether a number lies in one of these spans, as `merged` gives them."""
    at = bisect_right(rising, number, key=lambda one: one[0]) - 1
    return at >= 0 and number <= rising[at][1]
