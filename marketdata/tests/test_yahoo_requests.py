"""How many requests what costs, and who may ask at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from marketdata.domain import Interval, Quote
from marketdata.sources.base import BadPayload, NoData
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import CHART, COOKIE, CRUMB, QUOTES, YahooStandin

NINE = ("AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT")


def last_days(source: Yahoo, symbol: str = "AAPL") -> object:
    now = datetime.now(UTC)
    return source.bars(symbol, Interval.DAY, now - timedelta(days=9), now)


def test_nine_symbols_cost_one_request_a_cycle(standin: YahooStandin, yahoo: Yahoo) -> None:
    for _ in range(4):
        answers = yahoo.quotes(NINE)
        assert all(isinstance(answers[symbol], Quote) for symbol in NINE)
    assert standin.requests == {COOKIE: 1, CRUMB: 1, QUOTES: 4}


def test_a_hundred_and_twenty_symbols_cost_three(standin: YahooStandin, yahoo: Yahoo) -> None:
    many = [f"X{number:03d}" for number in range(119)]
    answers = yahoo.quotes(["AAPL", *many])
    assert isinstance(answers["AAPL"], Quote)
    assert set(answers) == {"AAPL", *many}
    assert standin.requests[QUOTES] == 3


def test_one_failed_part_of_many_fails_alone(standin: YahooStandin, yahoo: Yahoo) -> None:
    strangers = [f"X{number:03d}" for number in range(50)]
    answers = yahoo.quotes([*strangers, *NINE])
    assert {type(answers[symbol]) for symbol in strangers} == {BadPayload}
    assert {type(answers[symbol]) for symbol in NINE} == {Quote}


def test_a_new_client_starts_without_the_cookie_of_another(standin: YahooStandin, yahoo: Yahoo) -> None:
    yahoo.quotes(["AAPL"])
    with YahooStandin() as elsewhere:
        moved = Yahoo(elsewhere.proxy, elsewhere.ca_file)
        assert isinstance(moved.quotes(["AAPL"])["AAPL"], Quote)
        assert elsewhere.requests == {COOKIE: 1, CRUMB: 1, QUOTES: 1}
        moved.close()


def test_a_refused_crumb_is_replaced(standin: YahooStandin, yahoo: Yahoo) -> None:
    yahoo.quotes(["AAPL"])
    standin.forget_crumbs()
    assert isinstance(yahoo.quotes(["AAPL"])["AAPL"], Quote)


def test_minutes_out_of_reach_say_so_without_a_request(standin: YahooStandin, yahoo: Yahoo) -> None:
    now = datetime.now(UTC)
    with pytest.raises(NoData, match="30 days"):
        yahoo.bars("AAPL", Interval.MINUTE, now - timedelta(days=50), now - timedelta(days=40))
    assert not standin.requests


def test_bars_are_split_into_requests_that_yahoo_takes(standin: YahooStandin, yahoo: Yahoo) -> None:
    now = datetime.now(UTC)
    month = yahoo.bars("AAPL", Interval.MINUTE, now - timedelta(days=45), now)
    assert standin.requests[CHART] in (5, 6)
    assert len(month) > 18 * 390
    assert now - timedelta(days=31) < next(iter(month)).start < now - timedelta(days=26)


def test_two_threads_may_ask_at_once(standin: YahooStandin, yahoo: Yahoo) -> None:
    ready = threading.Barrier(2)

    def ask(what: Callable[[], object]) -> object:
        ready.wait(30)
        return what()

    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(ask, lambda: yahoo.quotes(NINE)), pool.submit(ask, lambda: last_days(yahoo))]
        assert all(call.result(60) for call in calls)
