"""Names of values: the same for the same, another for the least difference."""

from dataclasses import replace
from datetime import timedelta
from math import nextafter

import numpy as np
import pytest

from marketdata.tests.values import quote
from signals import chaining, hashing
from signals.domain import Condition, MarketView
from signals.tests.values import CLOSE, signal, view


def test_equal_views_have_one_name_and_absent_volumes_one_bit_pattern() -> None:
    other = np.array([0x7FF8000000000001], np.uint64).view(np.float64)[0]
    names = {hashing.inputs(_with_volume(absent)) for absent in (np.nan, other, -np.nan)}
    assert len(names) == 1
    assert hashing.inputs(view()) == hashing.inputs(view())
    assert hashing.inputs(view()) not in names


def _with_volume(last: float) -> MarketView:
    seen = view()
    seen.bars.volume[-1] = last
    return seen


@pytest.mark.parametrize(
    "change",
    [
        {"at": CLOSE + timedelta(microseconds=1)},
        {"quote": quote()},
        {"condition": Condition(contested=True)},
        {"simulated": False},
        {"closes": [100.0, 101.0, nextafter(102.5, 103)]},
        {"closes": [100.0, 101.0, 102.5, 103.0]},
    ],
)
def test_the_least_change_of_a_view_is_another_name(change: dict[str, object]) -> None:
    assert hashing.inputs(view(**change)) != hashing.inputs(view())  # type: ignore[arg-type]


def test_flags_and_keys_have_one_order() -> None:
    one, other = quote(flags=frozenset("abcdef")), quote(flags=frozenset("fedcba"))
    assert hashing.canonical(one) == hashing.canonical(other)
    assert hashing.canonical({"b": -0.0, "a": [-0.0, "-0.0,"]}) == b'{"a":[0.0,"-0.0,"],"b":0.0}'


def test_a_decision_is_named_by_all_of_it_but_its_name() -> None:
    one = signal()
    assert hashing.decision(one) == hashing.decision(replace(one, decision="another"))
    assert hashing.decision(one) != hashing.decision(replace(one, reasoning="Agents lean up."))
    assert hashing.decision(one) != hashing.decision(replace(one, inputs="another"))


def test_a_judgement_has_its_id_again_and_no_other_has_it() -> None:
    ids = {hashing.identity("live", symbol, horizon, "s", CLOSE) for symbol in ("A", "B") for horizon in ("5d", "30m")}
    assert len(ids) == 4
    assert hashing.identity("live", "A", "5d", "s", CLOSE) in ids


def test_a_chain_shows_where_it_was_tampered_with() -> None:
    items = [("signal", f"ref{i}", f"payload{i}") for i in range(5)]
    entries = chaining.chain((0, chaining.GENESIS), items)
    assert entries == [
        *chaining.chain((0, chaining.GENESIS), items[:2]),
        *chaining.chain((2, entries[1].head), items[2:]),
    ]
    assert not list(chaining.breaks(entries))
    edited = [*entries[:2], replace(entries[2], payload="other"), *entries[3:]]
    assert list(chaining.breaks(edited)) == [(3, "its head is not the hash of its parts")]
    assert [seq for seq, _ in chaining.breaks([*entries[:2], *entries[3:]])] == [4, 4]
    redone = chaining.chain((2, entries[1].head), [("signal", "ref2", "other")])
    assert list(chaining.breaks([*entries[:2], *redone, *entries[3:]])) == [
        (4, "does not continue the entry before it")
    ]


def test_the_part_that_differs_has_another_name_and_no_other_part_has() -> None:
    one, other = hashing.parts(view()), hashing.parts(_with_volume(7.0))
    assert [name for name in one if one[name] != other[name]] == ["volume"]
