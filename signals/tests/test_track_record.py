from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata.domain import Interval
from signals.domain import Action, Horizon, Lean, Outcome, TrackRecord
from signals.scoring import net_of
from signals.track_record import track_records

FIVE = Horizon(interval=Interval.DAY, bars=5)
START = datetime(2024, 1, 1, tzinfo=UTC)


def outcome(day: int, symbol: str, lean: Lean, gross: float, confidence: float | None = 0.5, **more: object) -> Outcome:
    net = net_of(lean, gross, FIVE.cost)
    at = START + timedelta(days=day)
    return Outcome(
        signal=f"{symbol}{day}", market="live", symbol=symbol, horizon="5d", lean=lean, action=Action.HOLD,
        score=0.2, confidence=confidence, base_rate=None if confidence is None else 0.5, at=at, entered_at=at,
        entry=100.0, exited_at=at + timedelta(days=7), exit=100 * (1 + gross), gross=gross, net=net, won=net > 0,
        in_range=abs(gross) < 0.05, regime="calm" if day % 2 else "wild", agent_set="set", opinions={"rsi": -0.5},
    )  # fmt: skip


def found(records: list[TrackRecord], group: str, key: str = "") -> TrackRecord:
    return next(one for one in records if (one.group, one.key) == (group, key))


FEW = [
    outcome(0, "A", Lean.UP, 0.02, 0.6), outcome(0, "B", Lean.DOWN, 0.01, 0.4), outcome(1, "A", Lean.FLAT, 0.03),
    outcome(1, "B", Lean.DOWN, -0.06, 0.55),
]  # fmt: skip


def test_the_record_by_hand() -> None:
    said = found(track_records(FEW, FIVE, 0.1), "all")
    assert (said.record.n, said.record.wins) == (3, 2)
    assert said.record.net_bp == pytest.approx(1e4 * ((0.02 - 0.01 + 0.06) / 3 - 0.0005))
    assert said.record.always_long_bp == pytest.approx(1e4 * ((0.02 + 0.01 - 0.06) / 3 - 0.0005))
    assert said.record.brier == pytest.approx((0.4**2 + 0.4**2 + 0.45**2) / 3)
    assert said.record.skill == pytest.approx(1 - said.record.brier / 0.25)
    assert said.record.base_rate == pytest.approx((0.75 + 0.25 + 0.25) / 3)
    assert said.record.n_eff == pytest.approx(2 / (3.3 * 1.22) + 1 / 3.3)
    assert said.range_coverage == pytest.approx(2 / 3)
    assert (str(said.first), str(said.last)) == ("2024-01-08", "2024-01-09")
    assert said.bins == ()


def test_flat_leans_are_told_apart() -> None:
    flat = found(track_records(FEW, FIVE, 0.1), "direction", "flat").record
    assert (flat.n, flat.wins) == (1, 1)
    assert found(track_records(FEW, FIVE, 0.1), "symbol", "A").record.n == 1


def test_an_agents_record_is_that_of_its_own_leans() -> None:
    agent = found(track_records(FEW, FIVE, 0.1), "agent", "rsi").record
    assert (agent.n, agent.wins, agent.brier) == (4, 1, None)
    assert agent.base_rate == pytest.approx(0.25)
    silent = [replace(one, opinions={}) for one in FEW]
    assert not [one for one in track_records(silent, FIVE, 0.1) if one.group == "agent"]


def test_many_outcomes_have_a_diagram_and_an_interval() -> None:
    rng = np.random.default_rng(3)
    many = [
        outcome(day, symbol, Lean.UP, float(rng.normal(0.003, 0.03)), float(rng.uniform(0.45, 0.6)))
        for day in range(60) for symbol in "ABCDE"
    ]  # fmt: skip
    said = found(track_records(many, FIVE, 0.1), "all")
    assert len(said.bins) == 10
    brier = said.reliability - said.resolution + said.uncertainty + said.within
    assert brier == pytest.approx(said.record.brier)
    assert said.extra["net_bp_low"] < said.record.net_bp < said.extra["net_bp_high"]
    assert said.record.n_eff < 60
    assert said.record.high - said.record.low > 0.15
    assert said.extra["choosing"][0]["coverage"] == 1.0
    assert said.extra["sharpness"] == pytest.approx(np.std([one.confidence for one in many]))


def test_nothing_has_a_record_of_nothing() -> None:
    said = found(track_records([], FIVE, 0.1), "all")
    assert (said.record.n, said.record.hit_rate, said.ece, said.first) == (0, None, None, None)


def test_markets_are_never_pooled() -> None:
    with pytest.raises(ValueError, match="are mixed"):
        track_records([FEW[0], replace(FEW[1], market="simulated")], FIVE, 0.1)
