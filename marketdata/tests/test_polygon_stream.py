"""Polygon's stream: the real client of the library before the stand-in's socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Quote, Session
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.polygon import Polygon
from marketdata.sources.polygon_tape import Tape, topics
from marketdata.standins.polygon import KEY, Fault, PolygonStandin
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT, patience

NOON = datetime(2026, 3, 11, 16, tzinfo=UTC)
MS = int(NOON.timestamp() * 1000)
AAPL = {"T.AAPL", "Q.AAPL", "A.AAPL"}
ENDS = {
    Fault.UNAUTHORIZED: AuthFailed,
    Fault.FORBIDDEN: NotEntitled,
    Fault.MAX_CONNECTIONS: RateLimited,
    Fault.SILENT: VendorTimeout,
    Fault.CLEAN_CLOSE: Unavailable,
    Fault.RESET: Unavailable,
    Fault.NOISE: BadPayload,
}


@pytest.fixture
def standin() -> Iterator[PolygonStandin]:
    with PolygonStandin() as server:
        yield server


@pytest.fixture
def polygon(standin: PolygonStandin, request: pytest.FixtureRequest) -> Iterator[Polygon]:
    timeout = patience(request, 2, (Fault.SILENT,))
    source = Polygon(KEY, standin.base_url, standin.stream_host, timeout=timeout)
    yield source
    source.close()


async def until(stream: AsyncIterator[Sequence[Quote]], found: Callable[[dict[str, Quote]], bool]) -> dict[str, Quote]:
    """The last quote of each symbol, as soon as they are what is looked for."""
    quotes: dict[str, Quote] = {}
    async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
        async for batch in stream:
            for quote in batch:
                conformance.check_quote(quote, quote.symbol, "polygon")
                quotes[quote.symbol] = quote
            if found(quotes):
                return quotes
    raise AssertionError("the stream ended")


async def end(stream: AsyncIterator[Sequence[Quote]]) -> SourceError:
    async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
        with pytest.raises(SourceError) as caught:
            async for _ in stream:
                pass
    return caught.value


async def test_each_kind_has_its_own_connection_and_whole_quotes(standin: PolygonStandin, polygon: Polygon) -> None:
    asked = ["AAPL", "BRK.B", "^GSPC", "BTC-USD", "EUR-USD", "AAPL261218C00240000"]
    quotes = await until(
        polygon.stream(asked),
        lambda found: len(found) == 6 and all(q.price or q.symbol == "EUR-USD" for q in found.values()),
    )
    assert dict(standin.socket.connections) == dict.fromkeys(
        ["/stocks", "/indices", "/crypto", "/forex", "/options"], 1
    )
    assert quotes["AAPL"].previous_close is not None
    assert quotes["AAPL"].bid_size == 200
    assert quotes["EUR-USD"].bid is not None
    assert quotes["BTC-USD"].session is Session.ALWAYS
    assert (quotes["^GSPC"].bid, quotes["^GSPC"].delayed_by) == (None, 0)


async def test_closing_the_stream_closes_its_connection(standin: PolygonStandin, polygon: Polygon) -> None:
    await until(polygon.stream(["AAPL"]), lambda found: "AAPL" in found)
    assert await asyncio.to_thread(standin.socket.await_topics, set())
    await until(polygon.stream(["AAPL"]), lambda found: "AAPL" in found)
    assert standin.socket.connections["/stocks"] == 2


@pytest.mark.parametrize("fault", list(ENDS))
async def test_every_end_has_its_name(standin: PolygonStandin, polygon: Polygon, fault: Fault) -> None:
    standin.fault = fault
    error = await end(polygon.stream(["AAPL"]))
    assert type(error) is ENDS[fault]
    assert KEY not in f"{error!r} {error.__cause__!r}"
    standin.fault = None
    # Until the server has seen the end of the old connection it counts it against the limit.
    assert await asyncio.to_thread(standin.socket.await_topics, set())
    assert await until(polygon.stream(["AAPL"]), lambda found: "AAPL" in found)


async def test_an_end_in_the_middle_is_told_after_what_came_before(standin: PolygonStandin, polygon: Polygon) -> None:
    stream = polygon.stream(["AAPL"])
    assert await anext(aiter(stream))
    standin.fault = Fault.CLEAN_CLOSE
    assert type(await end(stream)) is Unavailable


async def test_nobody_there_is_unavailable_in_time() -> None:
    source = Polygon(KEY, "http://127.0.0.1:9", "ws://127.0.0.1:9", timeout=0.5)
    assert type(await end(source.stream(["AAPL"]))) is Unavailable
    source.close()


async def test_a_mute_stream_stays_open_for_the_runner_to_judge(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.fault = Fault.MUTE
    stream = polygon.stream(["AAPL"])
    waiting = asyncio.ensure_future(anext(aiter(stream)))
    assert await asyncio.to_thread(standin.socket.await_topics, AAPL)
    assert not waiting.done()
    standin.socket.push([{"ev": "T", "sym": "AAPL", "p": 1.5, "t": MS}])
    (quote,) = await asyncio.wait_for(waiting, PATIENT)
    assert quote.price == 1.5
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_plan_without_quotes_streams_its_trades(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.socket.refused = {"Q.AAPL"}
    quotes = await until(polygon.stream(["AAPL"]), lambda found: "AAPL" in found and found["AAPL"].volume is not None)
    assert (quotes["AAPL"].bid, quotes["AAPL"].ask) == (None, None)


async def test_a_plan_without_any_of_it_is_not_entitled(standin: PolygonStandin) -> None:
    standin.socket.refused = AAPL
    source = Polygon(KEY, standin.base_url, standin.stream_host, timeout=4)
    assert type(await end(source.stream(["AAPL"]))) is NotEntitled
    source.close()


async def test_what_cannot_be_streamed_is_refused_by_name(polygon: Polygon) -> None:
    assert type(await end(polygon.stream(["OCDO.L"]))) is Unsupported
    assert type(await end(polygon.stream(["../AAPL"]))) is UnknownSymbol
    assert type(await end(polygon.stream([]))) is Unsupported


def test_topics_are_spelled_as_the_stream_spells_them() -> None:
    asked = {"BRK.B": "BRK.B", "^GSPC": "I:SPX", "BTC-USD": "X:BTCUSD", "EUR-USD": "C:EURUSD"}
    assert topics(asked) == {
        "stocks": ["T.BRK.B", "Q.BRK.B", "A.BRK.B"],
        "indices": ["V.I:SPX"],
        "crypto": ["XT.BTC-USD", "XQ.BTC-USD"],
        "forex": ["C.EUR/USD"],
    }


def heard(*messages: dict[str, Any], seed: Quote | None = None, now: datetime = NOON) -> dict[str, Quote]:
    tape = Tape({"AAPL": "AAPL", "EUR-USD": "C:EURUSD"}, 0)
    tape.seed({"AAPL": seed})
    tape.hear(messages, now)
    return {quote.symbol: quote for quote in tape.take()}


def trade(price: float, ms: int = MS, **more: Any) -> dict[str, Any]:
    return {"ev": "T", "sym": "AAPL", "p": price, "s": 100, "t": ms, **more}


BID_ASK = {"ev": "Q", "sym": "AAPL", "bp": 9.9, "bs": 200, "ap": 10.1, "as": 300, "t": MS + 5}
SECOND = {
    "ev": "A",
    "sym": "AAPL",
    "o": 9,
    "c": 9,
    "h": 9,
    "l": 9,
    "v": 5,
    "av": 12345,
    "op": 9.5,
    "s": MS,
    "e": MS + 999,
}


def test_trades_quotes_and_seconds_make_one_quote() -> None:
    seed = Quote(symbol="AAPL", vendor="polygon", as_of=NOON, received_at=NOON, previous_close=9.0, price=1.0)
    assert heard(trade(10.0), BID_ASK, SECOND, seed=seed) == {
        "AAPL": Quote(
            symbol="AAPL", vendor="polygon", as_of=NOON, received_at=NOON, price=10.0, bid=9.9, ask=10.1,
            bid_size=200, ask_size=300, quote_as_of=NOON + timedelta(milliseconds=5), open=9.5, volume=12345,
            previous_close=9.0, currency="USD", session=Session.REGULAR, feed="realtime", delayed_by=0,
        )
    }  # fmt: skip


def test_the_previous_close_is_that_of_its_day_only() -> None:
    seed = Quote(symbol="AAPL", vendor="polygon", as_of=NOON, received_at=NOON, previous_close=9.0)
    assert heard(trade(10.0, MS + 86_400_000), seed=seed)["AAPL"].previous_close is None


def test_an_older_trade_or_one_that_makes_no_price_changes_nothing() -> None:
    assert heard(trade(10.0), trade(9.0, MS - 1))["AAPL"].price == 10.0
    assert heard(trade(10.0), trade(9.0, c=[14, 37]))["AAPL"].price == 10.0
    assert heard(trade(10.0), trade(9.0, c=[0, 12]))["AAPL"].price == 9.0
    assert heard(BID_ASK, {**BID_ASK, "bp": 9.0, "t": MS})["AAPL"].bid == 9.9


def test_a_bid_alone_has_its_own_time_and_a_trade_before_the_open_is_kept_apart() -> None:
    assert heard(BID_ASK)["AAPL"].as_of == NOON + timedelta(milliseconds=5)
    early = heard(trade(10.0, MS - 5 * 3_600_000))["AAPL"]
    assert (early.session, early.ext_price, early.ext_as_of) == (Session.PRE, 10.0, early.as_of)


def test_a_plan_with_seconds_only_has_their_close() -> None:
    quote = heard(SECOND)["AAPL"]
    assert (quote.price, quote.volume, quote.as_of) == (9, 12345, NOON + timedelta(milliseconds=999))


def test_a_currency_has_a_bid_and_an_ask_by_either_spelling() -> None:
    for pair in ("EUR/USD", "EUR-USD"):
        quote = heard({"ev": "C", "p": pair, "a": 1.1, "b": 1.0, "t": MS, "x": 44})["EUR-USD"]
        assert (quote.bid, quote.ask, quote.price, quote.session) == (1.0, 1.1, None, Session.ALWAYS)


def test_a_time_in_nanoseconds_is_not_taken_for_milliseconds() -> None:
    assert heard(trade(10.0, MS * 1_000_000)) == {}


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(MS) | st.just([37])
messages = st.fixed_dictionaries(
    {"ev": st.sampled_from(["T", "Q", "A", "V", "C", "XT", "LULD"]) | values},
    optional={
        name: values | st.just("AAPL")
        for name in ("sym", "p", "t", "s", "c", "bp", "ap", "bs", "as", "av", "op", "e", "a", "b", "T", "val")
    },
)


@given(st.lists(messages | values, max_size=6))
def test_any_frame_gives_quotes_or_errors_of_the_tree(frame: list[Any]) -> None:
    tape = Tape({"AAPL": "AAPL"}, 0)
    try:
        tape.hear(frame, datetime(2101, 1, 1, tzinfo=UTC))
    except SourceError:
        return
    for quote in tape.take():
        conformance.check_quote(quote, "AAPL", "polygon")
