"""When a connection is opened again, on a clock of the test's own."""

import random

from hypothesis import given
from hypothesis import strategies as st

from marketdata.reconnecting import KEY_PAUSE, PLAN_PAUSE, Reconnecting, is_alarming
from marketdata.sources.base import AuthFailed, NotEntitled, RateLimited, Unavailable


def slowest(low: float, high: float) -> float:
    return high


def test_pauses_double_up_to_half_a_minute_and_never_end() -> None:
    line = Reconnecting(slowest)
    assert [line.pause(Unavailable("reset"), 0.1) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    for _ in range(10_000):
        assert line.pause(None, 0.0) == 30


@given(st.integers(min_value=1, max_value=50), st.integers())
def test_the_jitter_is_full(attempts: int, seed: int) -> None:
    base, line = Reconnecting(slowest), Reconnecting(random.Random(seed).uniform)
    for _ in range(attempts):
        assert 0.0 <= line.pause(Unavailable("reset"), 0.0) <= base.pause(Unavailable("reset"), 0.0)


def test_two_processes_do_not_keep_step() -> None:
    one, other = (Reconnecting(random.Random(seed).uniform) for seed in (1, 2))
    assert [one.pause(None, 0) for _ in range(9)] != [other.pause(None, 0) for _ in range(9)]


def test_a_connection_that_lasted_begins_anew() -> None:
    line = Reconnecting(slowest)
    assert [line.pause(None, lasted) for lasted in (0, 0, 0, 31, 0)] == [1, 2, 4, 1, 2]


def test_who_refuses_us_is_not_stormed() -> None:
    line = Reconnecting()
    assert line.pause(AuthFailed("no"), 0.0) == KEY_PAUSE
    assert line.pause(NotEntitled("no"), 0.0) == PLAN_PAUSE
    assert line.pause(RateLimited("no", 45.0), 0.0) >= 45.0


def test_what_passes_by_itself_is_no_alarm() -> None:
    assert not is_alarming(Unavailable("reset"), 1)
    assert is_alarming(Unavailable("reset"), 3)
    assert is_alarming(NotEntitled("no"), 1)
    assert not is_alarming(ValueError("ours"), 9)
