"""GET of a quote: what it says, how long it may be kept, and what nobody is asked for."""

import random
import string
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote as escaped

import pytest
from django.test import Client

from marketdata import counters, reading, store, wire, wiring
from marketdata.cache import client as redis_client
from marketdata.live import retained, topics
from marketdata.standins.yahoo import YahooStandin
from marketdata.tests.doors import QUOTE, market_of, minutes_ago, show

PROMISED = {"symbol", "price", "bid", "ask", "volume", "change", "change_percent"}


def test_a_quote_says_what_the_sockets_say(client: Client, simulated_market: None) -> None:
    shown = show()
    answer = client.get(QUOTE.format("AAPL"))
    said = answer.json()
    assert answer.status_code == 200
    assert said.keys() >= PROMISED
    assert {name: said[name] for name in wire.quote(shown)} == wire.quote(shown)
    assert said["stale"] is False
    assert said["simulated"] is True


@pytest.mark.parametrize("spelling", ["brk.b", "BRK-B", " brk b "])
def test_any_common_spelling_finds_the_symbol(client: Client, simulated_market: None, spelling: str) -> None:
    show("BRK.B")
    assert client.get(QUOTE.format(escaped(spelling))).json()["symbol"] == "BRK.B"


def test_what_redis_lost_comes_from_postgres_and_both_are_counted(client: Client, simulated_market: None) -> None:
    show()
    client.get(QUOTE.format("AAPL"))
    retained.forget()
    assert client.get(QUOTE.format("AAPL")).json()["price"] == 185.5
    count = counters.read()
    assert (count["cache_hits"], count["cache_misses"]) == (1, 1)


def test_an_unchanged_quote_is_not_sent_again(client: Client, simulated_market: None) -> None:
    show()
    first = client.get(QUOTE.format("AAPL"))
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Cache-Control"] == "public, max-age=1"
    again = client.get(QUOTE.format("AAPL"), headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    show(price=185.6)
    assert client.get(QUOTE.format("AAPL"), headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_a_quote_that_an_open_market_has_outlived_is_stale(client: Client, simulated_market: None) -> None:
    show(as_of=minutes_ago(2), delayed_by=0)
    said = client.get(QUOTE.format("AAPL")).json()
    assert said["stale"] is True
    assert "stale" in said["flags"]
    assert said["age"] == pytest.approx(120, abs=10)


def test_the_delay_of_the_feed_does_not_make_a_quote_stale(simulated_market: None) -> None:
    quote = show(as_of=minutes_ago(2), delayed_by=900)
    assert not reading.judge(quote, wiring.clock()(), "simulated").stale


def test_a_closed_market_has_no_stale_quotes(simulated_market: None) -> None:
    quote = show(as_of=minutes_ago(10))
    christmas = quote.as_of.replace(month=12, day=25)
    reading_ = reading.judge(quote, christmas, "live")
    assert not reading_.stale
    assert reading_.age == pytest.approx(max(0.0, (christmas - quote.as_of) / timedelta(seconds=1)), abs=0.01)


def test_a_known_symbol_without_a_quote_is_polled_from_now_on(client: Client, simulated_market: None) -> None:
    answer = client.get(QUOTE.format("KO"))
    assert (answer.status_code, answer.json()["title"]) == (404, "No data")
    assert int(answer.headers["Retry-After"]) > 0
    assert redis_client().zrange(topics.WANTED, 0, -1) == [b"KO"]


@pytest.fixture
def live_market(settings: Any, transactional_db: None, standin: YahooStandin) -> Iterator[YahooStandin]:
    """A live market with our Yahoo, whose requests are counted."""
    with market_of(settings, "yahoo", "live", OPTIONS={"proxy": standin.proxy, "ca_file": standin.ca_file}):
        yield standin


def odd_symbols(count: int, seed: int) -> list[str]:
    """Letters, digits, signs, escapes, other scripts, far too long, and some that look right but are nobody's."""
    chance = random.Random(seed)
    letters = string.printable + "äß€日本\u202e\u0130ﬁ\x00\x7f%;'\"<>&?#\\"
    made = ["".join(chance.choices(letters, k=chance.choice((1, 2, 5, 9, 40, 400)))) for _ in range(count - 200)]
    return made + ["".join(chance.choices(string.ascii_uppercase, k=5)) for _ in range(200)]


def test_a_thousand_odd_symbols_meet_a_no_and_no_vendor(client: Client, live_market: YahooStandin) -> None:
    store.watchlist()
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    said = {client.get(QUOTE.format(escaped(one, safe=""))).status_code for one in odd_symbols(1000, seed)}
    assert said <= {400, 404}
    assert not live_market.requests


@pytest.mark.parametrize("symbol", ["!!", "AAPL;DROP", "%00", "A" * 33, "日本", "%E2%80%AE", "..."])
def test_nonsense_is_a_problem_that_says_how_to_write_it(
    client: Client, live_market: YahooStandin, symbol: str
) -> None:
    answer = client.get(QUOTE.format(symbol))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["type"]) == (400, "urn:goldensignals:problem:invalid-symbol")
    assert "BRK.B" in said["detail"]


def test_an_unknown_symbol_names_the_remedy(client: Client, live_market: YahooStandin) -> None:
    answer = client.get(QUOTE.format("ZZZZ"))
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown symbol")
    assert "watchlist" in answer.json()["detail"]
