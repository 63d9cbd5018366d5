"""Yahoo's splits and dividends, through the real client."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.actions import Action, Kind
from marketdata.sources import yahoo_actions
from marketdata.sources.base import ActionSource, Unavailable, UnknownSymbol
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import Fault, YahooStandin


def by_date(actions: tuple[Action, ...]) -> dict[date, Action]:
    return {one.ex_date: one for one in actions}


def test_every_action_since_a_date_comes_with_its_factor(yahoo: Yahoo) -> None:
    assert isinstance(yahoo, ActionSource)
    found = by_date(yahoo.actions("NVDA", date(2020, 1, 1)))
    assert list(found) == [date(2021, 7, 20), date(2024, 3, 5), date(2024, 6, 10), date(2024, 6, 11)]
    split, paid = found[date(2024, 6, 10)], found[date(2024, 3, 5)]
    assert (split.kind, split.value, split.factor, split.vendor) == (Kind.SPLIT, 10.0, 0.1, "yahoo")
    assert (paid.kind, paid.value) == (Kind.DIVIDEND, pytest.approx(0.04))
    assert paid.factor == pytest.approx(1 - 0.004 / 130, abs=1e-6)
    assert found[date(2024, 6, 11)].value == 0.01
    assert list(by_date(yahoo.actions("NVDA", date(2024, 6, 11)))) == [date(2024, 6, 11)]


def test_a_company_that_did_nothing_has_no_actions(yahoo: Yahoo) -> None:
    assert yahoo.actions("AAPL", date(2020, 1, 1)) == ()


def test_failures_have_their_names(yahoo: Yahoo, standin: YahooStandin) -> None:
    with pytest.raises(UnknownSymbol):
        yahoo.actions("XXXX", date(2020, 1, 1))
    standin.fault = Fault.SERVER_ERROR
    with pytest.raises(Unavailable):
        yahoo.actions("AAPL", date(2020, 1, 1))


def test_a_recorded_split_and_dividend(exchanges: Path, yahoo: Yahoo, standin: YahooStandin) -> None:
    recorded = json.loads((exchanges / "chart-AAPL-2020-08-31-to-2020-11-07.json").read_text())
    standin.replay(recorded)
    split, paid = yahoo.actions("AAPL", date(2020, 8, 1))
    assert (split.kind, split.ex_date, split.value) == (Kind.SPLIT, date(2020, 8, 31), 4.0)
    assert (paid.kind, paid.ex_date, paid.value) == (Kind.DIVIDEND, date(2020, 11, 6), 0.205)
    assert paid.factor == pytest.approx(1 - 0.205 / 119.029999)


NUMBERS = st.floats() | st.just(0.0) | st.floats(0.01, 100)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=8))
def test_whatever_the_table_holds_only_sound_actions_come_out(rows: list[tuple[float, float, float]]) -> None:
    index = pd.date_range("2024-01-01", periods=len(rows), tz="America/New_York")
    frame = pd.DataFrame(rows, index=index, columns=["Close", "Dividends", "Stock Splits"])
    for one in yahoo_actions.read(frame, "X"):
        assert one.value > 0
        assert one.factor is None or one.factor > 0
        assert one.kind is Kind.SPLIT or one.factor is None or one.factor < 1
