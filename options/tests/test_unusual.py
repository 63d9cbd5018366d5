"""The score against a second way to reckon it, and what is expected of a contract."""

from dataclasses import replace
from math import log, log10
from typing import Any

import numpy as np
import pytest

from options.expecting import BUCKETS, bucket, carried, moneyness, nothing, turnover, volumes
from options.tests.chains import SESSION, analysed, chain
from options.unusual import parts, price_of, scored


def clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def by_hand(volume: float, interest: float, price: float, expected: float, total: float) -> float:
    a = clipped(log((volume + 10) / (expected + 10)) / log(20))
    b = clipped(log10(100 * volume * price / 25_000) / log10(400))
    c = clipped(log(volume / max(interest, 50)) / log(10))
    d = clipped(volume / total / 0.05)
    return 40 * a + 30 * b + 20 * c + 10 * d


@pytest.mark.parametrize("own", [5.0, 40.0, 900.0])
@pytest.mark.parametrize("volume", [100.0, 2_000.0, 80_000.0])
def test_the_score_is_the_sum_of_its_parts(own: float, volume: float) -> None:
    rows = [{"bid": 1.9, "ask": 2.1, "volume": volume, "open_interest": 300.0}, {"volume": 50_000.0, "strike": 90.0}]
    value = analysed(chain(rows))
    expected = replace(nothing(2), own=np.array([own, np.nan]), turnover=np.full(BUCKETS, 0.1))
    found = scored(value, expected)
    assert found.expected[0] == max(own, 30.0)
    assert found.score[0] == pytest.approx(by_hand(volume, 300, 2.0, max(own, 30.0), volume + 50_000), abs=1e-9)
    assert np.isnan(found.score[1])
    assert sum(part.share * part.weight for part in parts(found, 0)) == pytest.approx(found.score[0], abs=1e-4)


def test_what_expires_today_is_scored_without_open_interest() -> None:
    row: dict[str, Any] = {"bid": 1.9, "ask": 2.1, "volume": 4_000.0, "expiry": SESSION}
    scores = [
        scored(analysed(chain([row | {"open_interest": interest}])), nothing(1)).score[0]
        for interest in (0.0, 10.0, 1e6, None)
    ]
    assert len(set(scores)) == 1
    assert 0 < scores[0] <= 100


def test_memory_is_four_fifths_old_and_whatever_is_absent_leaves_the_other() -> None:
    before, last = np.array([100.0, np.nan, 50.0, np.nan]), np.array([200.0, 30.0, np.nan, np.nan])
    np.testing.assert_array_equal(carried(before, last), [120.0, 30.0, 50.0, np.nan])


def test_alike_are_contracts_of_the_same_days_and_moneyness() -> None:
    strikes, calls = np.array([100.0, 112.0, 89.0, 100.0]), np.array([True, True, False, True])
    out = moneyness(strikes, calls, np.array([100.0, 100.0, 100.0, np.nan]))
    found = bucket(np.array([5.0, 5.0, 5.0, 5.0]), out)
    assert found[1] == found[2] != found[0]
    assert found[3] == -1
    assert bucket(np.array([7.0, 8.0]), np.zeros(2)).tolist() == [7, 12]
    shares = turnover(np.array([10.0, 30.0, np.nan]), np.array([100.0, 0.0, 50.0]), np.array([3, 3, 4]))
    assert shares[3] == 40 / 120
    assert np.isnan(shares[4])


def test_before_anything_is_learned_the_others_of_the_session_are_the_measure() -> None:
    rows = [{"volume": 300.0, "open_interest": 1000.0}, {"volume": 100.0, "open_interest": 1000.0, "strike": 101.0}]
    value = analysed(chain(rows))
    np.testing.assert_allclose(volumes(value, nothing(2)), [100.0, 300.0])
    np.testing.assert_allclose(volumes(analysed(chain(rows[:1])), nothing(1)), [10.0])
    learned = replace(nothing(2), turnover=np.full(BUCKETS, 0.5))
    np.testing.assert_allclose(volumes(value, learned), [500.0, 500.0])


def test_the_price_is_the_middle_of_a_sound_quote_or_the_last_trade() -> None:
    quotes = [(1.0, 2.0, 9.0), (0.0, 1.0, 9.0), (3.0, 2.0, 9.0), (None, 1.0, None)]
    rows = [{"bid": bid, "ask": ask, "last": last} for bid, ask, last in quotes]
    np.testing.assert_array_equal(price_of(chain(rows)), [1.5, 9.0, 9.0, np.nan])
