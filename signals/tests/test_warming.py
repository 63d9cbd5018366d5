"""The cold start: history is fetched once and walked once, and what it proves (or does not) shows at the first turn."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.conf import LazySettings

from marketdata import counters, wiring
from marketdata import store as market_store
from marketdata.domain import Interval
from marketdata.sources.simulated import Simulated
from signals import store, turns, warming
from signals.domain import Action, Lean, Reason
from signals.tests.house import MARKET, cut, fill, horizon
from signals.tests.values import CLOSE

pytestmark = pytest.mark.django_db
SYMBOLS = [f"SIM{number:02}" for number in range(1, 26)]


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = MARKET
    settings.SIGNALS_UNIVERSE = SYMBOLS
    market_store.set_watchlist(SYMBOLS[:3])


def begin(edge: float) -> Counter[Action]:
    """A first start in a market with this edge; what the first turn says."""
    source = Simulated(seed=7, edge=edge, clock=lambda: CLOSE)
    years = {symbol: source.bars(symbol, Interval.DAY, CLOSE - timedelta(days=2200), CLOSE) for symbol in SYMBOLS}
    fill({symbol: cut(one, 0, len(one)) for symbol, one in years.items()})
    assert warming.warm(horizon(), MARKET, CLOSE, is_complete=True)
    assert warming.warm(horizon(), MARKET, CLOSE, is_complete=True) is None
    assert turns.run(Interval.DAY, MARKET, CLOSE + timedelta(seconds=5)) == len(SYMBOLS)
    return Counter(one.signal.action for one in store.decisions(MARKET))


def test_a_planted_edge_is_proven_at_the_first_turn() -> None:
    said = begin(edge=0.4)
    assert said[Action.BUY] + said[Action.SELL] >= len(SYMBOLS) // 3
    for one in store.decisions(MARKET):
        acts = one.signal.action is not Action.HOLD
        assert acts is (not one.signal.reasons)
        sure = one.signal.calibrated
        assert sure
        assert not acts or (sure.probability >= 0.95 and sure.net and sure.net > 0 and one.announces)
        assert one.signal.lean is Lean.FLAT or (one.signal.record and one.signal.record.n > 1000)


def test_without_an_edge_everybody_holds_and_tells_where_he_leans() -> None:
    assert begin(edge=0.0) == {Action.HOLD: len(SYMBOLS)}
    decisions = store.decisions(MARKET)
    assert {one.signal.lean for one in decisions} >= {Lean.UP, Lean.DOWN}
    assert all(Reason.UNPROVEN in one.signal.reasons for one in decisions)
    assert {one.signal.symbol for one in decisions if one.announces} <= set(SYMBOLS[:3])


def test_the_bars_of_many_symbols_rise_whatever_their_order() -> None:
    begin(edge=0.0)
    for symbols in (SYMBOLS, SYMBOLS[::-1], SYMBOLS[10:] + SYMBOLS[:10]):
        given = market_store.windows(symbols, Interval.DAY, MARKET, CLOSE, 520)
        seen = store.seen(symbols, Interval.DAY, MARKET, CLOSE, 520)
        for symbol in SYMBOLS:
            assert (np.diff(given[symbol].start) == 86_400).all()
            assert np.array_equal(given[symbol].close, seen[symbol].close)
            assert np.array_equal(given[symbol].start, seen[symbol].start)


def test_history_is_fetched_once(settings: LazySettings) -> None:
    settings.SIGNALS_UNIVERSE = ["SIM01"]
    now = datetime.now(UTC)
    assert warming.gather(MARKET, now, 60)
    found = market_store.windows(["SIM01", *SYMBOLS[:3]], Interval.DAY, MARKET, now, 5000)
    assert [len(one) for one in found.values()] == [3650] * 3
    assert market_store.knows("SIM01")
    asked = counters.sources()["simulated"]["last_success"]
    assert warming.gather(MARKET, now, 60)
    assert counters.sources()["simulated"]["last_success"] == asked


def test_without_any_history_the_first_version_knows_nothing() -> None:
    assert warming.warm(horizon(), MARKET, CLOSE, is_complete=False) is None
    version = warming.warm(horizon(), MARKET, CLOSE, is_complete=True)
    assert version
    found = store.calibration_of(version)
    assert found
    assert (found.is_warm, found.state["walked"]) == (False, 0)


def test_more_history_is_walked_again_until_something_was_learned_live() -> None:
    source = Simulated(seed=7, clock=lambda: CLOSE)
    for few, complete in ((3, False), (25, True)):
        years = {one: source.bars(one, Interval.DAY, CLOSE - timedelta(days=500), CLOSE) for one in SYMBOLS[:few]}
        fill(years)
        version = warming.warm(horizon(), MARKET, CLOSE, complete)
        assert version
        assert store.calibration_of(version).state["walked"] == few  # type: ignore[union-attr]


def test_a_vendor_that_counts_is_asked_slowly_about_what_nobody_watches(settings: LazySettings) -> None:
    asked = [warming._may_ask(symbol, wiring.LIVE) for symbol in (*SYMBOLS[:3], *SYMBOLS[3:6])]
    assert asked == [True, True, True, True, False, False]
    assert [warming._may_ask(symbol, MARKET) for symbol in SYMBOLS] == [True] * len(SYMBOLS)
