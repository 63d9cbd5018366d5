"""Sessions from the starts of bars, and the agents that need a session or an option chain."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import sqrt

import numpy as np
import pytest

from marketdata.domain import Bars, Interval
from options.domain import ChainSummary
from signals.agents.base import NO_CHAIN, WARMING
from signals.agents.iv_regime import IvRegime
from signals.agents.opening_gap_vwap import OpeningGapVwap
from signals.agents.options_flow import OptionsFlow
from signals.domain import MarketView
from signals.sessions import session_numbers
from signals.tests.markets import closes, columns, cut, real_minutes, simulated, view

NOW = datetime(2026, 3, 5, 21, tzinfo=UTC)


def sessions(*starts: str, symbol: str = "AAPL", invented: bool = False) -> list[int]:
    stamps = np.array([int(datetime.fromisoformat(one).timestamp()) for one in starts], np.int64)
    bars = columns(symbol, Interval.MINUTE, stamps, np.ones((5, len(stamps))), simulated=invented)
    found = session_numbers(bars).tolist()
    return [one if one < 0 else one - (date(2026, 3, 6) - date(1970, 1, 1)).days for one in found]


def test_a_session_is_half_past_nine_to_four_in_new_york_summer_and_winter() -> None:
    winter = ("2026-03-06T14:29Z", "2026-03-06T14:30Z", "2026-03-06T20:59Z", "2026-03-06T21:00Z")
    summer = ("2026-03-09T13:29Z", "2026-03-09T13:30Z", "2026-03-09T19:59Z", "2026-03-09T20:00Z")
    assert sessions(*winter, *summer) == [-1, 0, 0, -1, -1, 3, 3, -1]
    assert sessions("2026-03-06T23:59Z", "2026-03-07T00:00Z", symbol="BTC-USD") == [0, 1]
    assert sessions("2026-03-06T23:59Z", "2026-03-07T00:00Z", invented=True) == [0, 1]
    assert sessions() == []


def two_sessions(today: list[float], volume: list[float]) -> Bars:
    """A session that alternates between 100 and 100.1, closes at 100, and today's closes."""
    before = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    start = [before + timedelta(minutes=i) for i in range(100)]
    start += [before + timedelta(days=1, minutes=i) for i in range(len(today))]
    close = np.array([100.1, 100.0] * 50 + today)
    opened = np.append(100.0, close[:-1])
    opened[100] = today[0]
    stamps = np.array([int(one.timestamp()) for one in start], np.int64)
    traded = np.array([1000.0] * 100 + volume)
    return columns("AAPL", Interval.MINUTE, stamps, np.array(
        [opened, np.maximum(opened, close), np.minimum(opened, close), close, traded]
    ))  # fmt: skip


def test_the_gap_and_the_average_price_by_hand() -> None:
    """Opens 0.2 % up; 3000 shares at 100.2 and 1000 at (100.2 + 2 x 100.4) / 3, which is also where it stands."""
    bars = two_sessions([100.2, 100.4], [3000.0, 1000.0])
    said = OpeningGapVwap().opinion(view(bars))
    average = (3000 * 100.2 + 1000 * (100.4 + 100.2 + 100.4) / 3) / 4000
    gap, distance = said.evidence
    assert gap.value == pytest.approx(0.2)
    assert distance.value == pytest.approx(100.0 * (100.4 / average - 1.0))
    moves = [100.0 / 100.1 - 1.0, 100.1 / 100.0 - 1.0] * 29 + [0.0, 100.4 / 100.2 - 1.0]
    hour = float(np.std(moves)) * sqrt(60)
    assert gap.threshold == pytest.approx(300.0 * hour)
    assert said.score == pytest.approx((0.002 / hour / 3 + distance.value / 100 / hour / 2) / 2)
    assert gap.text == f"The session opened 0.20 % from the close before; {300 * hour:.2f} % counts full."


def test_the_first_session_has_no_gap_and_the_night_no_session() -> None:
    bars = two_sessions([100.2], [1000.0])
    scores = OpeningGapVwap().scores(bars)
    assert np.isnan(scores[:100]).all()
    assert not np.isnan(scores[100])
    assert OpeningGapVwap().opinion(view(cut(bars, 0, 100))).abstains == WARMING
    assert OpeningGapVwap().opinion(view(two_sessions([100.2], [float("nan")]))).abstains == WARMING


def test_what_trades_before_the_open_is_no_part_of_the_session() -> None:
    bars = real_minutes("SPY")
    numbers = session_numbers(bars)
    opens = np.flatnonzero((numbers >= 0) & (np.append(-1, numbers[:-1]) < 0))
    assert len(opens) == 6
    inside = cut_to(bars, numbers >= 0)
    whole, only = OpeningGapVwap().scores(bars), OpeningGapVwap().scores(inside)
    assert np.array_equal(whole[numbers >= 0], only, equal_nan=True)
    assert np.isnan(whole[numbers < 0]).all()


def cut_to(bars: Bars, wanted: np.ndarray) -> Bars:
    names = ("start", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: getattr(bars, name)[wanted] for name in names})


def chain(days_ago: float = 0.1, **fields: object) -> ChainSummary:
    taken = NOW - timedelta(days=days_ago)
    base = ChainSummary(
        underlying="ACME", vendor="test", market="simulated", taken_at=taken, session=taken.date(), spot=100.0
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def seen(*summaries: ChainSummary, bars: Bars | None = None) -> MarketView:
    return view(bars or simulated(), at=NOW, summaries=summaries)


def test_option_flow_by_hand() -> None:
    """Puts: 1/3 of the volume against 1/2 held; premium 1/2 against usually 1/3; a skew of .12, usually .10."""
    past = [chain(day, put_call_premium=0.5, skew_25d_relative=0.10) for day in (5, 4, 3, 2, 1)]
    now = chain(put_call_volume=0.5, put_call_oi=1.0, put_call_premium=1.0, skew_25d_relative=0.12)
    said = OptionsFlow().opinion(seen(*past, now))
    volume, premium, skew = (1 / 2 - 1 / 3) / 0.25, (1 / 3 - 1 / 2) / 0.25, -0.02 / 0.05
    assert [one.contribution for one in said.evidence] == pytest.approx([volume / 3, premium / 3, skew / 3])
    assert said.score == pytest.approx((volume + premium + skew) / 3)
    assert said.evidence[0].text == "Puts are 33.3 % of today's option volume and 50.0 % of the open contracts."


def test_option_flow_tells_the_usual_only_from_enough_sessions_of_its_own() -> None:
    past = [chain(day, put_call_premium=0.5, skew_25d_relative=0.10) for day in (4, 3, 2, 1)]
    now = chain(put_call_volume=4.0, put_call_oi=1.0, put_call_premium=1.0, skew_25d_relative=0.12)
    said = OptionsFlow().opinion(seen(*past, now))
    assert [one.name for one in said.evidence] == ["put_volume"]
    assert said.score == -1.0
    bare = OptionsFlow().opinion(seen(*past, chain()))
    assert bare.abstains == "the option chain has neither volume nor a skew to compare"


@pytest.mark.parametrize("agent", [OptionsFlow(), IvRegime()], ids=lambda one: one.id)
def test_no_chain_an_old_one_and_one_of_the_future_are_none(agent: OptionsFlow | IvRegime) -> None:
    full = {"put_call_volume": 0.5, "put_call_oi": 1.0, "iv30": 0.3, "iv_rank": 80.0}
    assert agent.opinion(seen()).abstains == NO_CHAIN
    assert agent.opinion(seen(chain(4.1, **full))).abstains == NO_CHAIN
    assert agent.opinion(seen(chain(-0.01, **full))).abstains == NO_CHAIN
    known, later = agent.opinion(seen(chain(0.5, **full))), agent.opinion(seen(chain(0.5, **full), chain(-1.0)))
    assert known.score is not None
    assert known == later


def test_implied_volatility_above_the_realised_one_and_at_the_top_of_its_range() -> None:
    """Returns of +-1 %: realised .01 sqrt(252) = 15.9 %; implied 20 % is a premium of .26; rank 75 is half way up."""
    path = (100.0 * np.cumprod([1.0, *[1.01, 0.99] * 15])).tolist()
    said = IvRegime().opinion(seen(chain(iv30=0.20, iv_rank=75.0), bars=closes(path)))
    realised = 0.01 * sqrt(252)
    assert [one.contribution for one in said.evidence] == pytest.approx([(0.20 / realised - 1.0), 0.25])
    assert said.score == pytest.approx(0.20 / realised - 1.0 + 0.25)


def test_without_a_rank_the_regime_is_not_guessed() -> None:
    young = chain(iv30=0.2, reasons={"iv_rank": "12 of 60 sessions"})
    assert IvRegime().opinion(seen(young)).abstains == "12 of 60 sessions"
    assert IvRegime().opinion(seen(chain(iv30=0.2))).abstains == "the option chain has no iv_rank"
    assert IvRegime().opinion(seen(chain(iv_rank=50.0))).abstains == "the option chain has no iv30"
    known = chain(iv30=0.2, iv_rank=50.0)
    assert IvRegime().opinion(seen(known, bars=closes([100.0] * 60))).abstains == WARMING
    assert IvRegime().opinion(seen(known, bars=closes([100.0, 101.0]))).abstains == WARMING
