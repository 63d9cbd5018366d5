"""Where each field of a quote comes from."""

from datetime import timedelta
from typing import Any

from django.test import Client

from marketdata import cache, said
from marketdata.domain import Quote, Session
from marketdata.explaining import FIELDS, explain
from marketdata.live import topics
from marketdata.tests.doors import QUOTE, show
from marketdata.tests.values import NOON, quote

LACKING: dict[str, Any] = {"high": None, "low": None, "bid": None, "bid_size": None}


def words(*given: tuple[str, Quote]) -> list[tuple[str, Quote]]:
    return list(given)


def test_a_quote_alone_explains_itself() -> None:
    shown = quote(vendor="polygon", quote_as_of=NOON - timedelta(seconds=2))
    found = explain(shown, [], NOON + timedelta(seconds=3))
    assert set(found) == set(FIELDS)
    price, bid = found["price"], found["bid"]
    assert price is not None
    assert bid is not None
    assert (price.vendor, price.age, price.channel, price.is_shown) == ("polygon", 3.0, None, True)
    assert bid.age == 5.0
    assert found["ext_price"] is None


def test_a_push_that_an_answer_completed_names_both() -> None:
    answer = quote(vendor="polygon", seconds=-30)
    push = quote(vendor="polygon", **LACKING)
    shown = quote(vendor="polygon", high=answer.high, low=answer.low, bid=None, bid_size=None)
    found = explain(shown, words(("answer", answer), ("push", push)), NOON)
    price, high = found["price"], found["high"]
    assert price is not None
    assert high is not None
    assert (price.channel, price.age) == ("push", 0.0)
    assert (high.channel, high.age, high.value) == ("answer", 30.0, answer.high)


def test_what_the_quote_lacks_another_source_may_have_said() -> None:
    shown, other = quote(vendor="polygon", **LACKING), quote(vendor="yahoo", seconds=-10)
    bid = explain(shown, words(("answer", other)), NOON)["bid"]
    assert bid is not None
    assert (bid.vendor, bid.value, bid.age, bid.is_shown) == ("yahoo", other.bid, 10.0, False)


def test_an_old_price_of_another_source_is_no_price() -> None:
    shown, other = quote(vendor="polygon", **LACKING), quote(vendor="yahoo", seconds=-60)
    found = explain(shown, words(("answer", other)), NOON)
    assert found["bid"] is None
    assert found["high"] is not None
    other = quote(vendor="yahoo", seconds=-60, delayed_by=900)
    delayed = explain(shown, words(("answer", other)), NOON)["bid"]
    assert delayed is not None
    assert delayed.delayed_by == 900


def test_another_phase_of_the_day_explains_nothing() -> None:
    shown, other = quote(vendor="polygon", **LACKING), quote(vendor="yahoo", session=Session.PRE)
    assert explain(shown, words(("answer", other)), NOON)["high"] is None


def test_the_door_explains_when_asked(client: Client, simulated_market: None) -> None:
    shown = show(bid=None)
    said.note([shown], said.Channel.ANSWER)
    assert "explain" not in client.get(QUOTE.format("AAPL")).json()
    answer = client.get(QUOTE.format("AAPL"), {"explain": "1"})
    found = answer.json()["explain"]
    assert found["origins"]["price"].items() >= {"value": 185.5, "vendor": "simulated", "channel": "answer"}.items()
    assert found["origins"]["price"]["is_shown"] is True
    assert found["origins"]["bid"] is None
    assert found["contested"] is None


def test_a_contested_price_says_so(client: Client, simulated_market: None) -> None:
    show()
    contest = (
        b'{"vendors":["polygon","yahoo"],"prices":[100,102],"difference":0.02,"since":1,"seen":9,"times":[8,9],'
        b'"is_told":true}'
    )
    cache.client().hset(topics.CONTESTED, "AAPL", contest)  # type: ignore[arg-type]
    found = client.get(QUOTE.format("AAPL"), {"explain": "1"}).json()["explain"]["contested"]
    assert found == {
        "vendors": ["polygon", "yahoo"], "prices": [100, 102], "difference": 0.02, "since": "1970-01-01T00:00:01Z",
    }  # fmt: skip


def test_nonsense_is_refused(client: Client, simulated_market: None) -> None:
    show()
    assert client.get(QUOTE.format("AAPL"), {"explain": "perhaps"}).status_code == 400
