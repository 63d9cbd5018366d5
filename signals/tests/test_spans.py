"""Numbers as spans: the same numbers, and as few spans as there can be."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signals import spans

NUMBERS = st.sets(st.integers(-50, 50))


@given(NUMBERS)
def test_spans_fill_these_numbers_and_no_others(numbers: set[int]) -> None:
    found = spans.spans(numbers)
    assert {one for first, last in found for one in range(first, last + 1)} == numbers
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))
    assert [one for one in range(-60, 60) if spans.has(found, one)] == sorted(numbers)


@given(st.lists(NUMBERS, max_size=4))
def test_spans_that_overlap_are_merged(several: list[set[int]]) -> None:
    given = [span for numbers in several for span in spans.spans(numbers)]
    assert spans.merged(given) == spans.spans(set().union(*several))
