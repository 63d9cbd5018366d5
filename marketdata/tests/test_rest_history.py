"""GET of history: real bars or none, and vendors that are asked once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from marketdata import ingest, store
from marketdata.cache import client as redis_client
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.sources.base import Unavailable, UnknownSymbol
from marketdata.tests.doors import HISTORY, Vendor, market_of, minutes_ago, vendor
from marketdata.tests.values import bars


@pytest.fixture
def market(settings: Any, transactional_db: None) -> Iterator[Vendor]:
    """A simulated market of one vendor; AAPL and its like are known."""
    with vendor(settings) as found:
        store.watchlist()
        yield found


def history(client: Client, period: str = "1D", interval: str = "", symbol: str = "AAPL") -> dict[str, Any]:
    answer = client.get(HISTORY.format(symbol), {"period": period, "interval": interval})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_what_the_store_lacks_is_fetched_once(client: Client, market: Vendor) -> None:
    first = history(client)
    assert market.asked["bars", "AAPL"] == 1
    assert (first["symbol"], first["period"], first["interval"]) == ("AAPL", "1D", "1m")
    again = history(client)
    assert market.asked["bars", "AAPL"] == 1
    assert again["bars"] == first["bars"][: len(again["bars"])]
    assert again["coverage"]["complete"] >= len(again["bars"]) - 1


def test_bars_are_those_of_the_vendor(client: Client, market: Vendor) -> None:
    found = history(client, "1Y")["bars"]
    assert 365 <= len(found) <= 367
    assert {name: found[0][name] for name in ("open", "high", "low", "close", "volume", "partial")} == {
        "open": 99.0, "high": 102.0, "low": 97.0, "close": 100.0, "volume": 100.0, "partial": False,
    }  # fmt: skip
    assert [bar["start"] for bar in found] == sorted({bar["start"] for bar in found})
    assert [bar["partial"] for bar in found] == [False] * (len(found) - 1) + [True]


def test_a_folded_interval_says_how_complete_its_minutes_are(client: Client, market: Vendor) -> None:
    found = history(client, "5D", "1h")
    known = found["coverage"]
    assert known["interval"] == "1m"
    assert 4 * 24 * 60 <= known["expected"] <= 5 * 24 * 60
    assert known["expected"] - 2 <= known["complete"] + known["partial"]
    assert 4 * 24 < len(found["bars"]) <= 5 * 24 + 1


def test_empty_stays_empty_and_is_remembered(client: Client, market: Vendor) -> None:
    market.empty = True
    assert [history(client, "1Y")["bars"] for _ in range(3)] == [[], [], []]
    assert market.asked["bars", "AAPL"] == 1


def test_a_symbol_that_was_not_yet_listed_has_no_bars_then(client: Client, market: Vendor) -> None:
    market.since = minutes_ago(60 * 24 * 10)
    found = history(client, "MAX")
    assert len(found["bars"]) == 10
    assert found["coverage"]["expected"] == 10
    assert found["coverage"]["missing"] == found["coverage"]["unknown"] == 0


def test_a_vendor_that_fails_is_named_and_left_alone(client: Client, market: Vendor) -> None:
    market.error = Unavailable("the line is dead")
    for _ in range(3):
        answer = client.get(HISTORY.format("AAPL"))
        assert (answer.status_code, answer.json()["title"]) == (503, "Unavailable")
        assert "simulated: the line is dead" in answer.json()["detail"]
        assert int(answer.headers["Retry-After"]) > 0
    assert market.asked["bars", "AAPL"] == 1


def test_what_is_stored_is_served_while_the_vendor_fails(client: Client, market: Vendor) -> None:
    day = minutes_ago(60 * 24 * 3).replace(hour=0, minute=0, second=0, microsecond=0)
    ingest.bars(bars(day, [10.0, 11.0], Interval.DAY))
    market.error = Unavailable("the line is dead")
    found = history(client, "3M")
    assert [bar["close"] for bar in found["bars"]] == [10.0, 11.0]
    assert found["coverage"]["complete"] == 2
    assert found["coverage"]["unknown"] > 80


def test_a_symbol_that_vanished_at_the_vendor_is_empty(client: Client, market: Vendor) -> None:
    market.error = UnknownSymbol("AAPL is not traded")
    assert history(client, "1Y")["bars"] == []


def test_many_who_ask_at_once_make_one_question(client: Client, market: Vendor) -> None:
    def ask(_: int) -> int:
        try:
            return len(history(Client(), "6M")["bars"])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        counts = set(threads.map(ask, range(6)))
    assert market.asked["bars", "AAPL"] == 1
    assert len(counts) == 1
    assert counts.pop() > 180


def test_after_the_pause_the_vendor_is_asked_for_what_is_new_only(client: Client, market: Vendor) -> None:
    history(client, "1Y")
    for key in redis_client().scan_iter(f"{topics.ASKED}*"):
        redis_client().delete(key)
    history(client, "1Y")
    assert market.asked["bars", "AAPL"] == 2
    known = store.coverage("AAPL", Interval.DAY, minutes_ago(60 * 24 * 30), minutes_ago(-60 * 24), "simulated")
    assert known.count("partial") == 1


@pytest.mark.parametrize(
    ("query", "title", "allowed"),
    [
        ({"period": "2D"}, "Unknown period", "MAX"),
        ({"period": "1D", "interval": "3m"}, "Unknown interval", "1d"),
        ({"period": "1Y", "interval": "1m"}, "Impossible interval", "1d"),
        ({"period": "ß\x00"}, "Unknown period", "MAX"),
    ],
)
def test_the_impossible_is_refused_with_what_is_possible(
    client: Client, market: Vendor, query: dict[str, str], title: str, allowed: str
) -> None:
    answer = client.get(HISTORY.format("AAPL"), query)
    assert (answer.status_code, answer.json()["title"]) == (400, title)
    assert allowed in answer.json()["allowed"]
    assert not market.asked


def test_unchanged_history_is_not_sent_again(client: Client, market: Vendor) -> None:
    market.empty = True
    first = client.get(HISTORY.format("AAPL"), {"period": "1Y"})
    assert first.headers["Cache-Control"] == "public, max-age=30"
    same = {"if-none-match": first.headers["ETag"]}
    assert client.get(HISTORY.format("AAPL"), {"period": "1Y"}, headers=same).status_code == 304


def test_a_running_bar_is_kept_for_a_second_only(client: Client, market: Vendor) -> None:
    answer = client.get(HISTORY.format("AAPL"), {"period": "1Y"})
    assert answer.headers["Cache-Control"] == "public, max-age=1"


def test_options_are_not_there_yet(client: Client, market: Vendor) -> None:
    answer = client.get("/api/v1/market-data/AAPL/options")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.fixture
def recording(settings: Any, transactional_db: None, shared: Path) -> Iterator[Any]:
    """The real recording of 2013, played up to a moment that the test chooses."""
    folder = shared / "data" / "minute"
    if not folder.is_dir():
        pytest.skip("no recorded minutes")
    with market_of(settings, "recorded", "recorded", OPTIONS={"folder": str(folder), "speed": 1}):
        yield lambda at: redis_client().set(topics.POSITION, at)


def test_before_a_recording_begins_there_is_nothing(client: Client, recording: Any) -> None:
    found = history(client, symbol="IBM")
    assert (found["bars"], found["market"], found["coverage"]["expected"]) == ([], "recorded", 0)
    clock = client.get("/api/v1/market").json()
    assert (clock["now"], clock["is_open"], clock["session"]) == (None, False, "closed")


def test_a_recording_shows_no_later_than_it_was_played(client: Client, recording: Any) -> None:
    recording("2013-10-07T14:00:00+00:00")
    found = history(client, symbol="IBM")["bars"]
    assert found[-1]["start"] <= "2013-10-07T14:00:00Z"
    assert found[0]["start"] >= "2013-10-07T08:00:00Z"
    assert len(found) >= 29
    assert not found[-2]["partial"]


def test_a_recorded_weekend_shows_friday(client: Client, recording: Any) -> None:
    recording("2013-10-06T15:00:00+00:00")
    found = history(client, symbol="SPY")["bars"]
    assert {bar["start"][:10] for bar in found} <= {"2013-10-04", "2013-10-05"}
    assert len(found) > 389


def test_until_the_first_minute_has_closed_the_session_before_is_shown(
    client: Client, settings: Any, transactional_db: None, tmp_path: Path
) -> None:
    yesterday = [f"2014-06-05 15:{minute}:00" for minute in range(30, 60)]
    today = [f"2014-06-06 09:{minute}:00" for minute in range(30, 40)]
    lines = "".join(f"{at},10,11,9,10.5,100\n" for at in (*yesterday, *today))
    (tmp_path / "MSFT_1min_trades.csv").write_text("time_et,open,high,low,close,volume\n" + lines)
    with market_of(settings, "recorded", "recorded", OPTIONS={"folder": str(tmp_path), "speed": 1}):
        shown = []
        for at in ("13:29:00", "13:30:20", "13:35:20"):
            redis_client().set(topics.POSITION, f"2014-06-06T{at}+00:00")
            shown.append({bar["start"][:10] for bar in history(client, symbol="MSFT")["bars"]})
    assert shown == [{"2014-06-05"}, {"2014-06-05"}, {"2014-06-06"}]


def test_before_the_open_the_session_before_is_shown(client: Client, recording: Any) -> None:
    recording("2013-10-07T08:30:00+00:00")
    found = history(client, symbol="AIG")["bars"]
    assert found
    assert {bar["start"][:10] for bar in found} == {"2013-10-04"}


def test_a_broken_file_of_a_recording_fails_its_own_symbol_only(
    client: Client, settings: Any, transactional_db: None, tmp_path: Path
) -> None:
    trades = "time_et,open,high,low,close,volume\n2024-03-08 09:30:00,10,12,9,11,500\n"
    for symbol, text in {"AAA": "no,columns\n", "BBB": "", "CCC": "\x00", "ZZZ": trades}.items():
        (tmp_path / f"{symbol}_1min_trades.csv").write_text(text)
    with market_of(settings, "recorded", "recorded", OPTIONS={"folder": str(tmp_path), "speed": 1}):
        redis_client().set(topics.POSITION, "2024-03-08T15:00:00+00:00")
        for symbol in ("AAA", "BBB", "CCC"):
            answer = client.get(HISTORY.format(symbol), {"period": "1M", "interval": "1d"})
            assert answer.status_code == 503
            assert f"{symbol}_1min_trades.csv" in answer.json()["detail"]
        assert [bar["close"] for bar in history(client, "1M", "1d", "ZZZ")["bars"]] == [11.0]
