"""What each source did: counted, kept, and told at the door."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marketdata import asking, cache, scores, store, tasks
from marketdata.feed import Answer, Failure
from marketdata.live import topics
from marketdata.scoring import Score, bucket, percentile
from marketdata.sources.base import BadPayload, BudgetSpent, NoData, UnknownSymbol, VendorTimeout
from marketdata.tests.values import quote

BOARD = "/api/v1/sources/scoreboard"


def today() -> date:
    return datetime.now(UTC).date()


def score(name: str = "polygon") -> Score:
    return scores.of(today())[name]


@given(st.lists(st.floats(min_value=0.001, max_value=100), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_at_most_a_tenth_too_high(seconds: list[float], part: float) -> None:
    histogram: dict[int, int] = {}
    for one in seconds:
        histogram[bucket(one)] = histogram.get(bucket(one), 0) + 1
    exact = 1000 * sorted(seconds)[max(0, -int(-part * len(seconds) // 1) - 1)]
    found = percentile(histogram, part)
    assert found is not None
    assert exact * 0.99 - 0.1 <= found <= exact * 1.1 + 0.1


def test_no_values_have_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_latencies_of_answers_and_pushes_are_apart() -> None:
    for seconds in [0.1] * 19 + [2.0]:
        scores.answered("polygon", seconds)
    scores.pushed("polygon", [0.02, 0.02])
    found = score()
    assert (found.answers, found.pushes) == (20, 2)
    assert found.latency_p50_ms == pytest.approx(100, rel=0.1)
    assert found.latency_p95_ms == pytest.approx(100, rel=0.1)
    assert found.push_p95_ms == pytest.approx(20, rel=0.1)


def test_three_failures_in_a_row_are_an_outage_until_the_next_answer() -> None:
    scores.failed("polygon")
    scores.failed("polygon")
    scores.answered("polygon", 0.1)
    assert (score().errors, score().outages) == (2, 0)
    for _ in range(5):
        scores.failed("polygon")
    cache.client().hset(topics.TROUBLE, "polygon since", repr(time.time() - 42))
    scores.answered("polygon", 0.1)
    scores.answered("polygon", 0.1)
    found = score()
    assert (found.errors, found.outages) == (7, 1)
    assert 42 <= found.outage_seconds < 60


def test_a_stream_that_is_away_is_an_outage_though_the_answers_come() -> None:
    for _ in range(3):
        scores.failed("polygon", pushing=True)
        scores.answered("polygon", 0.1)
    assert score().outages == 1
    scores.pushed("polygon", [0.1])
    assert not cache.client().exists(topics.TROUBLE)


def test_what_a_source_leaves_out_is_a_gap_and_what_fails_whole_an_error(simulated_market: None) -> None:
    found = {"A": quote("A", vendor="yahoo"), "B": quote("B", vendor="yahoo")}
    failures = (
        Failure("polygon", "A", BadPayload("?")), Failure("polygon", "B", NoData("old")),
        Failure("polygon", "C", NoData("halted")), Failure("polygon", "D", UnknownSymbol("?")),
        Failure("alpaca", None, VendorTimeout("4 s")), Failure("ib", None, BudgetSpent("0"), asked=False),
    )  # fmt: skip
    asking.ask(lambda feed: Answer(found, failures, {"polygon": 0.2, "yahoo": 0.3}))
    assert (score().gaps, score().errors, score().answers) == (2, 0, 1)
    assert (score("alpaca").errors, score("yahoo").gaps) == (1, 0)
    assert "ib" not in scores.of(today())


def test_days_are_kept_and_never_shrink(transactional_db: None) -> None:
    scores.answered("polygon", 0.1)
    scores.answered("polygon", 0.1)
    tasks.keep_scores()
    assert store.scores(today(), today()) == [score()]
    cache.client().delete(topics.SCORES + today().isoformat())
    scores.failed("polygon")
    tasks.keep_scores()
    (kept,) = store.scores(today(), today())
    assert (kept.answers, kept.errors) == (2, 1)


def test_the_door_shows_today_as_it_is_counted_and_the_days_before_as_kept(
    client: Client, simulated_market: None
) -> None:
    yesterday = Score(source="polygon", day=today() - timedelta(days=1), answers=9, latency_p50_ms=80.0)
    store.save_scores([yesterday, Score(source="polygon", day=today() - timedelta(days=8), answers=5)])
    scores.disagreed("polygon")
    said: list[dict[str, Any]] = client.get(BOARD).json()["scores"]
    assert [(one["day"], one["answers"], one["disagreements"]) for one in said] == [
        (today().isoformat(), 0, 1), (yesterday.day.isoformat(), 9, 0),
    ]  # fmt: skip
    assert len(client.get(BOARD, {"days": 30}).json()["scores"]) == 3
    assert client.get(BOARD, {"days": 0}).status_code == 400
    assert client.get(BOARD, {"days": "all"}).status_code == 400
