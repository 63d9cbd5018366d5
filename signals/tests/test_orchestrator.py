"""The common score, its name, the seats from settings, measured weights, and what would have turned it."""

import tomllib
from dataclasses import replace
from itertools import product
from math import copysign

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Interval
from signals.agents.base import parameters_hash
from signals.agents.rsi_reversal import RsiReversal
from signals.agents.tv_rating import TvRating
from signals.counterfactuals import Kind, changes, nearest, with_threshold, without
from signals.domain import Lean, Opinion
from signals.orchestrator import agent_set, at_cost, combine, cost_of, lean_of
from signals.panel import consensus
from signals.roster import BrokenAgent, roster, seated
from signals.tests.markets import cut, simulated, view
from signals.tests.test_agents import BAR_AGENTS
from signals.weights import Skill, shrunk


def says(**scores: float | None) -> list[Opinion]:
    return [Opinion(agent=agent, version=1, parameters="", score=score, abstains="" if score is not None else "no bars")
            for agent, score in scores.items()]  # fmt: skip


votes = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.none() | st.floats(-1.0, 1.0), min_size=1, max_size=8
)


def test_the_mean_of_those_who_have_an_opinion() -> None:
    agreed = combine(says(a=0.6, b=-0.2, c=None))
    assert agreed.score == pytest.approx(0.2)
    assert (agreed.lean, agreed.abstained) == (Lean.UP, ("c",))
    assert agreed.weights == {"a": 0.5, "b": 0.5}
    assert agreed.contributions == pytest.approx({"a": 0.3, "b": -0.1})


def test_weights_count_and_zero_is_heard_only() -> None:
    agreed = combine(says(a=0.6, b=-0.2, c=1.0), {"a": 1.0, "b": 3.0, "c": 0.0})
    assert agreed.score == pytest.approx(0.0)
    assert agreed.weights == {"a": 0.25, "b": 0.75, "c": 0.0}


@pytest.mark.parametrize("opinions", [[], says(a=None), says(a=None, b=None)])
def test_nobody_leans_nowhere(opinions: list[Opinion]) -> None:
    agreed = combine(opinions)
    assert (agreed.score, agreed.lean, agreed.weights) == (0.0, Lean.FLAT, {})


@pytest.mark.parametrize(
    ("score", "lean"),
    [(0.05, Lean.UP), (0.0499, Lean.FLAT), (0.0, Lean.FLAT), (-0.0499, Lean.FLAT), (-0.05, Lean.DOWN)],
)
def test_a_lean_begins_at_its_threshold(score: float, lean: Lean) -> None:
    assert lean_of(score) is lean


@given(votes, st.randoms(use_true_random=False))
def test_the_order_changes_no_bit_and_the_parts_add_up(scores: dict[str, float | None], random: object) -> None:
    opinions = says(**scores)
    mixed = opinions.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    agreed = combine(opinions)
    assert agreed == combine(mixed)
    assert abs(agreed.score) <= 1.0 + 1e-12
    assert sum(agreed.contributions.values()) == pytest.approx(agreed.score, abs=1e-12)


def test_a_walk_adds_up_to_the_very_bits_of_a_judgement() -> None:
    bars = simulated(count=400)
    daily = [one for one in BAR_AGENTS if Interval.DAY in one.intervals]
    weights = {one.id: 1.0 + 0.1 * i for i, one in enumerate(daily)}
    walked = consensus({one.id: one.scores(bars) for one in daily}, weights)
    assert len(bars) == 399
    for end in (201, 260, 300, 333, 399):
        seen = view(cut(bars, 0, end))
        assert combine([one.opinion(seen) for one in daily], weights).score == walked[end - 1]


def test_an_agent_set_is_named_by_all_that_its_record_depends_on() -> None:
    agents = [RsiReversal(), TvRating()]
    name = agent_set(agents)
    assert name.startswith("2-")
    assert name == agent_set(agents[::-1]) == agent_set(agents, {"rsi_reversal": 1.0, "tv_rating": 1.0})
    others = [
        agent_set(agents[:1]),
        agent_set(agents, {"tv_rating": 2.0}),
        agent_set([RsiReversal(bars=9), TvRating()]),
    ]
    assert len({name, *others}) == 4


@pytest.mark.parametrize("basis_points", [0.0, 2.5, 5.0, 12.75, 1000.0])
def test_a_record_is_named_by_its_cost_too(basis_points: float) -> None:
    name = at_cost(agent_set([RsiReversal()]), basis_points)
    assert name.startswith(agent_set([RsiReversal()]))
    assert cost_of(name) == basis_points / 10_000


def test_a_name_without_a_cost_tells_none() -> None:
    assert [cost_of(name) for name in ("set", "", agent_set([RsiReversal()]))] == [None] * 3


ENTRY = {"AGENT": "signals.agents.rsi_reversal.RsiReversal"}


def test_settings_become_seats() -> None:
    seats = roster({
        "rsi_reversal": {**ENTRY, "WEIGHT": 2, "INTERVALS": ("1d",), "OPTIONS": {"bars": 9}},
        "tv_rating": {"AGENT": "signals.agents.tv_rating.TvRating"},
    })  # fmt: skip
    assert seats[0].agent == RsiReversal(bars=9)
    assert seated(seats, Interval.MINUTE) == ((TvRating(),), {"tv_rating": 1.0})
    assert seated(seats, Interval.DAY)[1] == {"rsi_reversal": 2.0, "tv_rating": 1.0}


@pytest.mark.parametrize(
    ("name", "entry", "told"),
    [
        ("rsi_reversal", {}, "no AGENT"),
        ("rsi_reversal", {"AGENT": "signals.agents.nowhere.Nobody"}, "No module named"),
        ("rsi_reversal", {"AGENT": "signals.agents.rsi_reversal.Nobody"}, "has no attribute"),
        ("rsi_reversal", {**ENTRY, "OPTIONS": {"bers": 9}}, "unexpected keyword argument 'bers'"),
        ("rsi_reversal", {**ENTRY, "WIGHT": 2}, "it has WIGHT. An entry has AGENT, INTERVALS, OPTIONS, WEIGHT."),
        ("rsi_reversal", {**ENTRY, "WEIGHT": -1}, "WEIGHT is -1. Give a number from 0 up"),
        ("rsi_reversal", {**ENTRY, "WEIGHT": float("nan")}, "WEIGHT is nan"),
        ("rsi_reversal", {**ENTRY, "INTERVALS": ("5m",)}, "It can judge 1d, 1m: give some of these."),
        ("rsi_reversal", {**ENTRY, "INTERVALS": "1d"}, "INTERVALS is '1d'"),
        ("rsi", ENTRY, "calls itself 'rsi_reversal'. Name the entry 'rsi_reversal'."),
        ("horizon", {"AGENT": "signals.domain.Condition"}, "it needs id, version, intervals and opinion(view)"),
        ("path", {"AGENT": "pathlib.Path"}, "Give the dotted path of a frozen dataclass"),
    ],
)
def test_a_broken_entry_names_itself_and_the_remedy(name: str, entry: dict[str, object], told: str) -> None:
    with pytest.raises(BrokenAgent) as error:
        roster({name: entry})
    assert str(error.value).startswith(f"SIGNALS_AGENTS[{name!r}]: ")
    assert told.lower() in str(error.value).lower()


def test_the_settings_of_the_house_are_whole(settings: object) -> None:
    seats = roster(settings.SIGNALS_AGENTS)  # type: ignore[attr-defined]
    assert len(seats) == len({parameters_hash(seat.agent) for seat in seats}) >= 12
    assert len(seated(seats, Interval.DAY)[0]) >= 11
    assert len(seated(seats, Interval.MINUTE)[0]) >= 9
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())  # type: ignore[attr-defined]
    contracts = project["tool"]["importlinter"]["contracts"]
    apart = next(one["modules"] for one in contracts if one["name"] == "Agents do not know each other")
    assert set(apart) == {type(seat.agent).__module__ for seat in seats}


def test_measured_skill_moves_weights_a_little_and_equal_skill_not_at_all() -> None:
    equal = shrunk({"a": Skill(edge=0.01, n_eff=400), "b": Skill(edge=0.01, n_eff=400)})
    assert equal == {"a": 1.0, "b": 1.0}
    # 625 outcomes halve the edge: 1 + .02/2/.02 = 1.5 against 1, scaled to a mean of 1.
    some = shrunk({"a": Skill(edge=0.02, n_eff=625), "b": Skill(edge=0.0, n_eff=625)})
    assert some == pytest.approx({"a": 1.2, "b": 0.8})
    assert shrunk({"a": Skill(edge=0.5, n_eff=0), "b": Skill(edge=-0.5, n_eff=0)}) == {"a": 1.0, "b": 1.0}
    wild = shrunk({"a": Skill(edge=0.5, n_eff=1e6), "b": Skill(edge=-0.5, n_eff=1e6)})
    assert wild["a"] / wild["b"] == pytest.approx(4.0)
    assert shrunk({}) == {}


def test_without_an_agent_and_with_another_threshold() -> None:
    opinions = says(a=0.9, b=-0.3, c=-0.3)
    assert combine(opinions).lean is Lean.UP
    assert without(opinions, "a").score == pytest.approx(-0.3)
    assert without(opinions, "nobody") == combine(opinions)
    assert with_threshold(opinions, 0.2).lean is Lean.FLAT
    assert with_threshold(opinions, 0.2).score == combine(opinions).score


def test_the_nearest_change_that_turns_a_lean() -> None:
    """Score .1 of two: to fall below .05 one score must fall by .1, the threshold rise by .05, or `a` be left out."""
    opinions = says(a=0.3, b=-0.1)
    found = nearest(opinions)
    assert found is not None
    assert (found.kind, found.before, found.after) == (Kind.THRESHOLD, 0.05, pytest.approx(0.1))
    by_score = [one for one in changes(opinions) if one.kind is Kind.SCORE and one.lean is Lean.FLAT]
    assert [(one.agent, one.after) for one in by_score] == [("a", pytest.approx(0.2)), ("b", pytest.approx(-0.2))]
    left_out = [(one.agent, one.lean) for one in changes(opinions) if one.kind is Kind.WITHOUT]
    assert left_out == [("a", Lean.DOWN)]
    assert nearest(says(a=None)) is None


def test_no_score_need_go_beyond_one_to_turn_a_lean() -> None:
    """All edges are met by these: scores of exactly 1, common scores of exactly the threshold."""
    grid = (-1.0, -0.5, -0.15, 0.0, 0.05, 0.3, 1.0)
    for a, b, c in product(grid, grid, grid):
        opinions = says(a=a, b=b, c=c)
        for one in changes(opinions):
            if one.kind is Kind.SCORE and one.size > 1e-8:
                assert one.after is not None
                beyond = min(1.0, max(-1.0, one.after + copysign(1e-8, one.after - one.before)))
                moved = [replace(vote, score=beyond) if vote.agent == one.agent else vote for vote in opinions]
                assert combine(moved).lean is one.lean


@pytest.mark.parametrize(("score", "other"), [(0.05, Lean.FLAT), (-0.05, Lean.FLAT)])
def test_at_the_edge_of_a_lean_the_nearest_change_is_a_hair(score: float, other: Lean) -> None:
    found = [one for one in changes(says(a=score)) if one.kind is Kind.SCORE]
    assert [(one.after, one.lean) for one in found[:1]] == [(pytest.approx(score), other)]


@given(votes)
def test_every_change_told_does_turn_the_lean(scores: dict[str, float | None]) -> None:
    opinions = says(**scores)
    now = combine(opinions)
    found = changes(opinions)
    assert [one.size for one in found] == sorted(one.size for one in found)
    for one in found:
        assert one.lean is not now.lean
        if one.kind is Kind.WITHOUT:
            assert without(opinions, one.agent).lean is one.lean
        elif one.kind is Kind.SCORE and one.size > 1e-8:
            assert one.after is not None
            hair = 1e-8 if one.after > one.before else -1e-8
            moved = [replace(vote, score=one.after + hair) if vote.agent == one.agent else vote for vote in opinions]
            assert combine(moved).lean is one.lean


def test_scores_may_be_columns_of_any_shape() -> None:
    scores = {"b": np.array([[0.5, np.nan]]), "a": np.array([[-0.1, np.nan]])}
    assert np.array_equal(consensus(scores, {"a": 1.0, "b": 1.0}), [[0.2, np.nan]], equal_nan=True)
