"""GET of signals, of why they are what they are, and of decisions that nobody was told of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from marketdata.tests import openapi
from marketdata.tests.doors import vendor
from options import cursors
from signals import issue, store, wire
from signals.cursors import of_signal
from signals.domain import Action, Decision, Lean
from signals.tests.house import history
from signals.tests.shown import CLOSE, MARKET, issued, proven
from signals.tests.values import decision, outcome

SIGNALS, DECISIONS = "/api/v1/signals", "/api/v1/decisions"
ONE, EXPLAIN = "/api/v1/signals/{signal}", "/api/v1/signals/{signal}/explain"
DOORS = (SIGNALS, DECISIONS, EXPLAIN, "/api/v1/track-record")
SOME = "92ad9406-0284-5c56-a1c6-ea5d0cbf0b4f"
FAR_EAST = cursors._write("2024-01-18T23:59:00+23:59", SOME)
"""A time zone that Postgres does not know."""


@pytest.fixture
def four(simulated_market: None) -> tuple[Decision, ...]:
    """A BUY, of which the outcome is known, a lean, a flat one that was kept quiet, and one over another horizon."""
    values = issued(
        proven(), decision("MSFT", 1), decision("SPY", 2, announces=False, lean=Lean.FLAT, score=0.0),
        decision("AAPL", 3, horizon="30m"),
    )  # fmt: skip
    issue.outcomes([replace(outcome(values[0].signal), in_range=True)], CLOSE + timedelta(days=6))
    return values


def path(address: str, value: Decision) -> str:
    return address.replace("{signal}", value.signal.id)


def ids(client: Client, query: str = "") -> list[str]:
    return [one["signal_id"] for one in client.get(f"{SIGNALS}?{query}").json()["results"]]


def test_the_list_is_that_of_the_document_and_of_the_socket(client: Client, four: tuple[Decision, ...]) -> None:
    answer = client.get(SIGNALS)
    openapi.check(SIGNALS, answer)
    buy, lean, _, minutes = four
    assert answer.json()["results"][:2] == [wire.signal(minutes), wire.signal(lean)]
    assert answer.json()["results"][2] == wire.signal(buy, store.outcome(buy.signal.id))
    assert (answer.json()["next"], answer.headers["Cache-Control"]) == (None, "public, max-age=1")


def test_a_signal_says_its_proof_its_votes_and_its_end(client: Client, four: tuple[Decision, ...]) -> None:
    answer = client.get(path(ONE, four[0]))
    openapi.check(ONE, answer)
    said = answer.json()
    assert (said["signal_type"], said["confidence"], said["base_rate"], said["edge_status"]) == (
        "BUY", 0.66, 0.52, "proven",
    )  # fmt: skip
    assert [(one["agent"], one["weight"], one["abstains"]) for one in said["opinions"]] == [
        ("rsi_reversal", 0.5, None), ("donchian_adx", 0.5, None), ("tv_rating", None, "too few bars"),
    ]  # fmt: skip
    assert (said["outcome"]["net"], said["outcome"]["won"], said["outcome"]["in_range"]) == (0.0195, True, True)
    assert said["record"]["n_eff"] == 88.5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("symbol=aapl", [3, 0]),
        ("horizon=5d", [1, 0]),
        ("symbol=AAPL&horizon=30m", [3]),
        ("type=BUY", [0]),
        ("type=SELL", []),
        ("lean=down", [3, 1]),
        ("announced=0", [3, 2, 1, 0]),
        ("announced=false&lean=flat", [2]),
        (f"since={CLOSE + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", [3, 1]),
        (f"until={CLOSE + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", [0]),
        ("limit=1", [3]),
        (f"cursor={FAR_EAST}", [0]),
        ("symbol=ZZZZ", []),
    ],
)
def test_filters(client: Client, four: tuple[Decision, ...], query: str, expected: list[int]) -> None:
    assert ids(client, query) == [four[number].signal.id for number in expected]


def test_new_signals_between_two_pages_shift_nothing(client: Client, simulated_market: None) -> None:
    values = issued(*[decision("AAPL", day) for day in range(5)])
    first = client.get(f"{SIGNALS}?limit=2&symbol=AAPL")
    issued(decision("AAPL", 5), decision("AAPL", 3, horizon="30m"))
    second = client.get(first.headers["Link"].split(">")[0][1:]).json()
    seen = [one["signal_id"] for one in (*first.json()["results"], *second["results"])]
    own = {one.signal.id for one in values}
    assert [one for one in seen if one in own] == [values[day].signal.id for day in (4, 3, 2, 1)][: len(seen)]
    assert len(set(seen)) == 4
    last = client.get(f"{SIGNALS}?symbol=AAPL&limit=9&cursor={second['next']}").json()
    assert last["results"][-1]["signal_id"] == values[0].signal.id
    assert last["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("symbol=!!", "symbol"),
        ("horizon=soon", "horizon"),
        ("type=buy", "type"),
        ("lean=left", "lean"),
        ("since=yesterday", "since"),
        ("since=2026-01-02T00:00Z&until=2026-01-01T00:00Z", "since"),
        ("announced=perhaps", "announced"),
        ("limit=501", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIm5vLXV1aWQiXQ", "cursor"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, four: tuple[Decision, ...], query: str, field: str) -> None:
    answer = client.get(f"{SIGNALS}?{query}")
    openapi.check(SIGNALS, answer, 400)
    assert field in answer.json()["errors"]


NASTY = st.sampled_from([
    "", "0", "-1", "1e999", "nan", "AAPL", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+23:59", "5d", "\x00",
    "true", "\ud7ff", "99999999999999999999", of_signal(datetime.max.replace(tzinfo=UTC), SOME),
    cursors._write("0001-01-01T00:00:00+23:59", SOME), FAR_EAST,
]) | st.text(max_size=30)  # fmt: skip
ASKED = st.sampled_from([
    "symbol", "horizon", "type", "lean", "since", "until", "announced", "limit", "cursor", "at", "without",
    "threshold", "group", "agent_set",
])  # fmt: skip


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(ASKED, NASTY, max_size=4), st.sampled_from(DOORS))
def test_nonsense_is_never_our_fault(
    client: Client, four: tuple[Decision, ...], query: dict[str, str], address: str
) -> None:
    answer = client.get(path(address, four[0]), query)
    openapi.check(address, answer, answer.status_code)
    assert answer.status_code in (200, 400, 404)


def test_a_signal_is_news_until_it_is_graded(client: Client, simulated_market: None) -> None:
    (one,) = issued(proven())
    first = client.get(path(ONE, one))
    tag = {"if-none-match": first.headers["ETag"]}
    assert client.get(path(ONE, one), headers=tag).status_code == 304
    issue.outcomes([outcome(one.signal)], CLOSE + timedelta(days=6))
    assert client.get(path(ONE, one), headers=tag).status_code == 200


def test_an_id_that_nobody_issued(client: Client, four: tuple[Decision, ...]) -> None:
    for address in (ONE, EXPLAIN):
        answer = client.get(address.replace("{signal}", str(uuid4())))
        openapi.check(address, answer, 404)
        assert answer.json()["title"] == "Unknown signal"
        assert "/api/v1/signals" in answer.json()["detail"]
    assert client.get(f"{SIGNALS}/17").headers["Content-Type"] == "application/problem+json"


def test_signals_of_another_market_are_not_listed(client: Client, four: tuple[Decision, ...], settings: Any) -> None:
    settings.MARKET = "live"
    assert client.get(SIGNALS).json() == {"results": [], "next": None}
    assert client.get(path(ONE, four[0])).json()["market"] == MARKET


def test_why(client: Client, four: tuple[Decision, ...]) -> None:
    store.see({"AAPL": history("AAPL", 30)}, history("AAPL", 1).interval, MARKET, 1, CLOSE)
    answer = client.get(path(EXPLAIN, four[0]))
    openapi.check(EXPLAIN, answer)
    said = answer.json()
    assert said["signal"] == client.get(path(ONE, four[0])).json()
    assert said["inputs"]["bars"] == {
        "interval": "1d", "first": "2023-12-18T00:00:00Z", "last": "2024-01-16T00:00:00Z", "count": 30,
        "let_go_before": None,
    }  # fmt: skip
    assert (said["inputs"]["quote"]["price"], said["inputs"]["condition"]["missing"]) == (185.5, 2)
    assert (said["inputs"]["calibration"], said["inputs"]["parts"]) == (7, {"a": "b"})
    assert [[one["reason"] for one in said["gates"][side]] for side in ("passed", "failed")] == [
        ["unproven", "delayed"], ["cooldown"],
    ]  # fmt: skip
    entry = next(one for one in store.entries() if one.ref == four[0].signal.id and one.kind == issue.SIGNAL)
    assert said["ledger"] == {"seq": entry.seq, "head": entry.head}


def test_what_would_have_turned_it(client: Client, four: tuple[Decision, ...]) -> None:
    said = client.get(path(EXPLAIN, four[0])).json()["counterfactuals"]
    assert said["without"] == [
        {"agent": "rsi_reversal", "score": -0.3, "lean": "down", "flips": True},
        {"agent": "donchian_adx", "score": 0.6, "lean": "up", "flips": False},
    ]
    assert said["nearest"] == "With a threshold above 0.150 instead of 0.050 the agents would lean nowhere."
    assert [one["kind"] for one in said["changes"]] == ["threshold", *["score"] * 4, "without"]
    assert [one["size"] for one in said["changes"]] == sorted(one["size"] for one in said["changes"])
    assert "Had rsi_reversal said +0.40 instead of +0.60, the agents would lean nowhere." in [
        one["words"] for one in said["changes"]
    ]
    assert said["custom"] is None


def test_what_if_as_asked(client: Client, four: tuple[Decision, ...]) -> None:
    address = path(EXPLAIN, four[0])
    answer = client.get(f"{address}?without=donchian_adx&threshold=0.7")
    openapi.check(EXPLAIN, answer)
    assert answer.json()["counterfactuals"]["custom"] == {
        "without": ["donchian_adx"], "threshold": 0.7, "score": 0.6, "lean": "flat", "flips": True,
    }  # fmt: skip
    both = client.get(f"{address}?without=donchian_adx&without=rsi_reversal").json()["counterfactuals"]["custom"]
    assert (both["score"], both["lean"]) == (0.0, "flat")
    for query, field in (("without=tv_rating", "without"), ("without=nobody", "without"), ("threshold=2", "threshold")):
        wrong = client.get(f"{address}?{query}")
        openapi.check(EXPLAIN, wrong, 400)
        assert field in wrong.json()["errors"]


def test_hindsight_is_called_in_sample(client: Client, four: tuple[Decision, ...]) -> None:
    graded, untaught, *_ = four
    (open_one,) = issued(proven("NVDA", 4))
    found = [client.get(path(EXPLAIN, one)).json()["counterfactuals"]["sample"] for one in (graded, untaught, open_one)]
    assert found == ["in-sample", "in-sample", "out-of-sample"]


def test_a_signal_that_nobody_voted_for_has_no_what_if(client: Client, simulated_market: None) -> None:
    (one,) = issued(decision(weights={}, score=0.0, lean=Lean.FLAT))
    said = client.get(path(EXPLAIN, one)).json()["counterfactuals"]
    assert (said["without"], said["changes"], said["nearest"]) == ([], [], None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("symbol=AAPL", 0),
        (f"symbol=AAPL&at={CLOSE:%Y-%m-%dT%H:%M:%SZ}", 0),
        (f"symbol=SPY&at={CLOSE + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}", 2),
        ("symbol=AAPL&horizon=30m", 3),
        ("symbol=AAPL&at=9999-12-31T23:59:59.999999Z", 0),
    ],
)
def test_the_decision_in_force_whether_it_fired_or_not(
    client: Client, four: tuple[Decision, ...], query: str, expected: int
) -> None:
    answer = client.get(f"{DECISIONS}?{query}")
    openapi.check(DECISIONS, answer)
    said = answer.json()["signal"]
    assert said["signal_id"] == four[expected].signal.id
    assert (said["announced"], said["signal_type"]) == (expected != 2, "HOLD" if expected else Action.BUY.value)


def test_before_the_first_decision_there_is_none(client: Client, four: tuple[Decision, ...]) -> None:
    answer = client.get(f"{DECISIONS}?symbol=MSFT&at={CLOSE:%Y-%m-%dT%H:%M:%SZ}")
    openapi.check(DECISIONS, answer, 404)
    assert answer.json()["title"] == "Not judged"
    assert "/api/v1/agents" in answer.json()["detail"]
    assert "symbol" in client.get(DECISIONS).json()["errors"]


def test_a_symbol_that_does_not_exist_meets_a_no(client: Client, settings: Any, db: None) -> None:
    with vendor(settings) as source:
        assert client.get(f"{DECISIONS}?symbol=ZZZZ").json()["title"] == "Unknown symbol"
        assert not source.asked


def test_the_head_of_the_ledger(client: Client, four: tuple[Decision, ...]) -> None:
    answer = client.get("/api/v1/ledger/head")
    openapi.check("/api/v1/ledger/head", answer)
    seq, head = store.head()
    assert (answer.json()["seq"], answer.json()["head"]) == (seq, head)
    assert (seq, answer.json()["at"]) == (5, "2024-01-23T00:00:00Z")


def test_the_head_of_an_empty_ledger(client: Client, simulated_market: None) -> None:
    answer = client.get("/api/v1/ledger/head")
    openapi.check("/api/v1/ledger/head", answer)
    assert (answer.json()["seq"], answer.json()["at"]) == (0, None)
