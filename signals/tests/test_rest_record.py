"""GET of the agents and of the record: what is told before anything is graded, and after."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from django.db import transaction
from django.test import Client

from marketdata.cache import client as redis_client
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.tests import openapi
from signals import issue, records, standing, store, wiring
from signals.domain import Lean, MarketView, Opinion, Outcome
from signals.standing import Timed
from signals.tests.shown import CLOSE, MARKET
from signals.tests.values import outcome, signal
from signals.tests.values import view as viewed

AGENTS, RECORD = "/api/v1/agents", "/api/v1/track-record"


def graded(count: int, agent_set: str, symbols: tuple[str, str] = ("AAPL", "MSFT")) -> list[Outcome]:
    """The outcomes of signals of two symbols that leaned up and mostly won."""
    rng = np.random.default_rng(11)
    values = []
    for number in range(count):
        one = signal(symbols[number % 2], number // 2, lean=Lean.UP, score=0.2, agent_set=agent_set)
        told: dict[str, Any] = {
            "confidence": float(rng.uniform(0.5, 0.6)),
            "base_rate": 0.5,
            "in_range": number % 5 > 0,
        }
        gross = float(rng.normal(0.004, 0.01))
        values.append(replace(outcome(one, gross), opinions={"rsi_reversal": 0.4, "tv_rating": -0.2}, **told))
    return values


def keep(values: Sequence[Outcome]) -> None:
    issue.outcomes(values, CLOSE + timedelta(days=90))


def ours() -> str:
    return wiring.agent_set(Interval.DAY)


def test_before_anything_is_graded_it_says_so(client: Client, simulated_market: None) -> None:
    answer = client.get(RECORD)
    openapi.check(RECORD, answer)
    said = answer.json()
    assert (said["rows"], said["outcomes"], said["warm"]) == ([], 0, None)
    assert (said["horizon"], said["horizons"], said["agent_set"]) == ("5d", ["5d", "30m"], ours())
    assert said["reason"].startswith("No signal has reached its horizon yet: each is graded once, 5 sessions")
    assert "30 minutes" in client.get(f"{RECORD}?horizon=30m").json()["reason"]


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("all", [""]),
        ("direction", ["up"]),
        ("symbol", ["AAPL", "MSFT"]),
        ("regime", [""]),
        ("agent", ["rsi_reversal", "tv_rating"]),
    ],
)
def test_the_record_is_that_of_the_document(
    client: Client, simulated_market: None, group: str, keys: list[str]
) -> None:
    keep(graded(60, ours()))
    answer = client.get(f"{RECORD}?group={group}")
    openapi.check(RECORD, answer)
    said = answer.json()
    assert [(one["group"], one["key"]) for one in said["rows"]] == [(group, key) for key in keys]
    assert (said["outcomes"], said["total"], said["reason"]) == (60, 60, None)
    assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_the_whole_record_stands_beside_base_rate_and_always_long(client: Client, simulated_market: None) -> None:
    values = graded(60, ours())
    keep(values)
    (row,) = client.get(RECORD).json()["rows"]
    assert row["record"]["wins"] == sum(one.won for one in values)
    assert row["record"]["net_bp"] == pytest.approx(1e4 * np.mean([one.net for one in values]))
    assert row["record"]["always_long_bp"] == pytest.approx(row["record"]["net_bp"])
    assert (row["record"]["base_rate"], row["range_coverage"]) == (pytest.approx(row["record"]["hit_rate"]), 0.8)
    assert sum(one["n"] for one in row["bins"]) == 60
    brier = row["reliability"] - row["resolution"] + row["uncertainty"] + row["within"]
    assert brier == pytest.approx(row["record"]["brier"])
    assert row["extra"]["net_bp_low"] < row["record"]["net_bp"] < row["extra"]["net_bp_high"]


def test_sets_of_agents_are_never_pooled_and_the_newest_is_shown(client: Client, simulated_market: None) -> None:
    keep(graded(4, "old"))
    keep(graded(2, "new", ("SPY", "QQQ")))
    assert [client.get(f"{RECORD}{query}").json()["total"] for query in ("", "?agent_set=old", "?agent_set=none")] == [
        2, 4, 0,
    ]  # fmt: skip
    assert client.get(RECORD).json()["agent_set"] == "new"


def test_a_new_outcome_is_counted_at_once(client: Client, simulated_market: None) -> None:
    first, second = graded(2, ours())
    for count, one in enumerate((first, second), 1):
        keep([one])
        assert client.get(RECORD).json()["outcomes"] == count


def test_the_last_outcomes_are_counted_and_all_are_told(
    client: Client, simulated_market: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MOST", 3)
    keep(graded(5, ours()))
    said = client.get(RECORD).json()
    assert (said["outcomes"], said["total"]) == (3, 5)
    assert said["rows"][0]["first"] == (CLOSE + timedelta(days=6)).date().isoformat()


def test_of_one_symbol_only_beside_the_base_rate_of_all(client: Client, simulated_market: None) -> None:
    keep(graded(60, ours()))
    of_all = {one["key"]: one for one in client.get(f"{RECORD}?group=symbol").json()["rows"]}
    for symbol in ("AAPL", "MSFT"):
        answer = client.get(f"{RECORD}?symbol={symbol.lower()}")
        openapi.check(RECORD, answer)
        said = answer.json()
        assert (said["symbol"], said["outcomes"], said["total"], said["reason"]) == (symbol, 30, 30, None)
        assert said["rows"] == [of_all[symbol] | {"group": "all", "key": ""}]
        (direction,) = client.get(f"{RECORD}?symbol={symbol}&group=direction").json()["rows"]
        assert direction["record"] == of_all[symbol]["record"]
    rates = {one["record"]["hit_rate"] for one in of_all.values()}
    assert len(rates) == 2
    assert {one["record"]["base_rate"] for one in of_all.values()}.isdisjoint(rates)
    assert client.get(RECORD).json()["symbol"] is None


def test_of_a_symbol_that_has_none_it_says_so(client: Client, simulated_market: None) -> None:
    keep(graded(4, ours()))
    answer = client.get(f"{RECORD}?symbol=ZZZZ&group=direction")
    openapi.check(RECORD, answer)
    said = answer.json()
    assert (said["symbol"], said["rows"], said["outcomes"], said["total"]) == ("ZZZZ", [], 0, 0)
    assert said["reason"].startswith("No signal of ZZZZ has reached its horizon yet")


def test_signals_that_leaned_nowhere_make_no_record(client: Client, simulated_market: None) -> None:
    keep([replace(one, lean=Lean.FLAT) for one in graded(3, ours())])
    said = client.get(f"{RECORD}?symbol=AAPL").json()
    assert (said["rows"], said["reason"]) == ([], "None of the 2 signals of AAPL that were graded leaned up or down")
    assert client.get(RECORD).json()["reason"] == "None of the 3 signals that were graded leaned up or down"
    assert client.get(f"{RECORD}?group=direction").json()["reason"] is None


def test_a_walk_through_history_is_told_and_not_counted(client: Client, simulated_market: None) -> None:
    with transaction.atomic():
        store.save_calibration(
            MARKET, "5d", ours(), {"walked": 41}, made_at=CLOSE, through=None, outcomes=0, is_warm=True
        )
    said = client.get(RECORD).json()
    assert said["warm"].startswith("Confidence began with a walk through the stored history of 41 symbols")
    assert said["outcomes"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [("horizon=7d", "horizon"), ("horizon=x", "horizon"), ("group=luck", "group"), ("symbol=A%20B!", "symbol")],
)
def test_a_bad_parameter_is_named(client: Client, simulated_market: None, query: str, field: str) -> None:
    answer = client.get(f"{RECORD}?{query}")
    openapi.check(RECORD, answer, 400)
    assert field in answer.json()["errors"]


def agents(client: Client) -> dict[str, dict[str, Any]]:
    return {one["agent"]: one for one in client.get(AGENTS).json()["agents"]}


def test_agents_that_have_not_judged_yet_are_idle(client: Client, simulated_market: None, settings: Any) -> None:
    answer = client.get(AGENTS)
    openapi.check(AGENTS, answer)
    assert [one["agent"] for one in answer.json()["agents"]] == list(settings.SIGNALS_AGENTS)
    found = agents(client)
    assert {one["status"] for one in found.values()} == {"idle"}
    assert (found["rsi_reversal"]["intervals"], found["rsi_reversal"]["horizon"]) == (["1d", "1m"], "5d")
    assert (found["opening_gap_vwap"]["intervals"], found["opening_gap_vwap"]["horizon"]) == (["1m"], "30m")
    assert (found["options_flow"]["weight"], found["options_flow"]["share"]) == (0.0, 0.0)
    daily = [one["share"] for one in found.values() if "1d" in one["intervals"]]
    assert sum(daily) == pytest.approx(1.0)
    assert answer.json()["judge"] == {
        "running": False, "last": None, "judged_at": None, "seconds": None, "judged": None,
    }  # fmt: skip


def test_agents_that_judged_say_how(client: Client, simulated_market: None) -> None:
    timed = {id_: Timed(wiring.agents(Interval.DAY)[id_]) for id_ in ("rsi_reversal", "momentum_12_1")}
    for one in timed.values():
        one.opinion(viewed([100.0 + (day % 7) for day in range(60)]))
    standing.note_agents(Interval.DAY, timed)
    standing.note_turn(Interval.DAY, 41, 0.25)
    keep(graded(4, ours()))
    answer = client.get(AGENTS)
    openapi.check(AGENTS, answer)
    found = agents(client)
    spoke, silent = found["rsi_reversal"], found["momentum_12_1"]
    assert (spoke["status"], spoke["opinions"], spoke["abstained"]) == ("ok", 1, 0)
    assert spoke["took_ms"] > 0
    assert spoke["last_run"].endswith("Z")
    assert (silent["status"], silent["abstained"], bool(silent["reason"])) == ("abstains", 1, True)
    assert (spoke["record"]["n"], silent["record"]) == (4, None)
    judge = answer.json()["judge"]
    assert (judge["running"], judge["judged"], judge["seconds"]) == (True, 41, 0.25)


@dataclass(frozen=True)
class Broken:
    """An agent that has a fault."""

    id: ClassVar[str] = "rsi_reversal"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = frozenset({Interval.DAY})

    def opinion(self, view: MarketView) -> Opinion:
        raise ZeroDivisionError


def test_an_agent_with_a_fault_is_named(client: Client, simulated_market: None) -> None:
    broken = Timed(Broken())
    broken.opinion(viewed())
    standing.note_agents(Interval.DAY, {"rsi_reversal": broken})
    standing.note_turn(Interval.DAY, 1, 0.1)
    found = agents(client)["rsi_reversal"]
    assert (found["status"], "ZeroDivisionError" in found["reason"], found["opinions"]) == ("failing", True, 0)


def test_a_judge_that_stands_still_is_named(client: Client, simulated_market: None) -> None:
    long_ago = msgspec.json.encode({"at": time.time() - 10 * standing.LASTS})
    redis_client().hset(topics.AGENTS, f"judge:{Interval.DAY}", long_ago)
    found = agents(client)["rsi_reversal"]
    assert (found["status"], "see the worker's log" in found["reason"]) == ("failing", True)
