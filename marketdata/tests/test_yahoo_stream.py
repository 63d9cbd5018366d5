"""Yahoo's stream: yfinance's own client, in a loop of ours, before the stand-in's socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Quote, Session
from marketdata.sources.base import (
    BadPayload,
    Capability,
    RateLimited,
    SourceError,
    StreamingSource,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.yahoo import Yahoo
from marketdata.sources.yahoo_stream import YahooStream
from marketdata.sources.yahoo_tape import Tape
from marketdata.standins.yahoo import Fault, YahooStandin
from marketdata.standins.yahoo_socket import StreamFault
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT, patience

NOON = datetime(2026, 3, 11, 16, tzinfo=UTC)
MS = int(NOON.timestamp() * 1000)
ENDS = {
    StreamFault.CLEAN_CLOSE: Unavailable,
    StreamFault.RESET: Unavailable,
    StreamFault.NOISE: BadPayload,
    StreamFault.NOT_PROTOBUF: BadPayload,
    StreamFault.SILENT: VendorTimeout,
    StreamFault.HANDSHAKE_LIMITED: RateLimited,
}


@pytest.fixture
def pushing(standin: YahooStandin, request: pytest.FixtureRequest) -> Iterator[YahooStream]:
    timeout = patience(request, 2, (StreamFault.SILENT,))
    source = YahooStream(standin.proxy, standin.ca_file, standin.stream_url, timeout=timeout)
    yield source
    standin.release()
    source.close()


async def until(stream: AsyncIterator[Sequence[Quote]], found: Callable[[dict[str, Quote]], bool]) -> dict[str, Quote]:
    """The last quote of each symbol, as soon as they are what is looked for."""
    quotes: dict[str, Quote] = {}
    async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
        async for batch in stream:
            for quote in batch:
                conformance.check_quote(quote, quote.symbol, "yahoo")
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


def test_only_who_asks_for_it_gets_the_stream(yahoo: Yahoo, pushing: YahooStream) -> None:
    assert Capability.STREAM not in yahoo.capabilities
    assert not isinstance(yahoo, StreamingSource)
    assert isinstance(pushing, StreamingSource)
    assert pushing.capabilities == yahoo.capabilities | {Capability.STREAM}


async def test_every_kind_comes_under_our_own_name(standin: YahooStandin, pushing: YahooStream) -> None:
    asked = ["AAPL", "BRK.B", "^GSPC", "BTC-USD", "EUR-USD", "OCDO.L"]
    quotes = await until(
        pushing.stream([*asked, "AAPL", "../X"]),
        lambda found: len(found) == 6 and found["AAPL"].previous_close is not None,
    )
    assert standin.socket.connections == 1
    assert quotes["AAPL"].session is Session.REGULAR
    assert quotes["AAPL"].feed == "realtime"
    assert quotes["AAPL"].volume
    assert (quotes["AAPL"].bid, quotes["AAPL"].ask) == (None, None)
    assert {quotes[pair].session for pair in ("BTC-USD", "EUR-USD")} == {Session.ALWAYS}
    london = quotes["OCDO.L"]
    assert london.currency == "GBP"
    assert london.price == pytest.approx(3.1, rel=0.1)


async def test_without_a_snapshot_the_stream_goes_on(standin: YahooStandin, pushing: YahooStream) -> None:
    standin.fault = Fault.SERVER_ERROR
    quotes = await until(pushing.stream(["AAPL"]), lambda found: "AAPL" in found)
    assert (quotes["AAPL"].previous_close, quotes["AAPL"].delayed_by) == (None, None)


async def test_closing_the_stream_closes_its_connection(standin: YahooStandin, pushing: YahooStream) -> None:
    for count in (1, 2):
        await until(pushing.stream(["AAPL"]), lambda found: "AAPL" in found)
        assert await asyncio.to_thread(standin.socket.wait_for, lambda one: not one.subscribed)
        assert standin.socket.connections == count


@pytest.mark.parametrize("fault", list(ENDS))
async def test_every_end_has_its_name_and_passes(
    standin: YahooStandin, pushing: YahooStream, fault: StreamFault
) -> None:
    standin.socket.fault = fault
    assert type(await end(pushing.stream(["AAPL"]))) is ENDS[fault]
    standin.socket.fault = None
    assert await until(pushing.stream(["AAPL"]), lambda found: "AAPL" in found)


def test_every_fault_of_the_stream_is_named() -> None:
    assert set(ENDS) == set(StreamFault) - {StreamFault.MUTE}


async def test_a_clean_end_in_the_middle_starves_nobody(standin: YahooStandin, pushing: YahooStream) -> None:
    stream = pushing.stream(["AAPL"])
    assert await anext(aiter(stream))
    standin.socket.fault = StreamFault.CLEAN_CLOSE
    assert type(await end(stream)) is Unavailable
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_mute_stream_stays_open_and_repeats_its_subscription(
    standin: YahooStandin, pushing: YahooStream
) -> None:
    standin.socket.fault = StreamFault.MUTE
    stream = pushing.stream(["AAPL"])
    waiting = asyncio.ensure_future(anext(aiter(stream)))
    assert await asyncio.to_thread(standin.socket.wait_for, lambda one: one.subscribed == {"AAPL"})
    assert not waiting.done()
    standin.socket.push('{"type": "heartbeat"}')
    standin.socket.push({"id": "AAPL", "price": 1.5, "time": MS})
    (quote,) = await asyncio.wait_for(waiting, PATIENT)
    assert (quote.price, quote.session, quote.as_of) == (1.5, Session.PRE, NOON)
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_subscription_is_repeated_in_time(standin: YahooStandin) -> None:
    from marketdata.sources.yahoo_socket import Socket

    line = Socket(standin.stream_url, lambda message: None, None, None)
    assert line._subscription_interval == 15
    line._subscription_interval = 0.05
    listening = asyncio.create_task(line.run(["AAPL"], PATIENT))
    assert await asyncio.to_thread(standin.socket.wait_for, lambda one: one.beats >= 3)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


async def test_nobody_there_is_unavailable(standin: YahooStandin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (f"ws://127.0.0.1:{port}", "wss://streamer.finance.yahoo.com/"):
        source = YahooStream(f"http://127.0.0.1:{port}", standin.ca_file, url, timeout=1)
        assert type(await end(source.stream(["AAPL"]))) is Unavailable
        source.close()


async def test_what_cannot_be_streamed_is_refused_by_name(pushing: YahooStream) -> None:
    assert type(await end(pushing.stream(["../AAPL"]))) is UnknownSymbol
    assert type(await end(pushing.stream([]))) is Unsupported


def heard(*messages: dict[str, Any], seed: Quote | None = None, now: datetime = NOON) -> dict[str, Quote]:
    tape = Tape({"AAPL": "AAPL", "OCDO.L": "OCDO.L", "BTC-USD": "BTC-USD"})
    tape.seed({"AAPL": seed})
    for message in messages:
        tape.hear(message, now)
    return {quote.symbol: quote for quote in tape.take()}


def said(price: float, ms: int = MS, **more: Any) -> dict[str, Any]:
    return {"id": "AAPL", "price": price, "time": str(ms), "market_hours": 1, "currency": "USD", **more}


def test_a_message_is_a_quote_and_the_day_is_remembered() -> None:
    seed = Quote(
        symbol="AAPL", vendor="yahoo", as_of=NOON, received_at=NOON, price=1.0, previous_close=9.5, feed="delayed",
        delayed_by=900,
    )  # fmt: skip
    whole = said(
        10.0, bid=9.9, ask=10.1, bid_size="3", ask_size="4", day_volume="12345", day_high=10.5, day_low=9.0,
        open_price=9.2, previous_close=9.4,
    )  # fmt: skip
    expected = Quote(
        symbol="AAPL", vendor="yahoo", as_of=NOON, received_at=NOON, price=10.0, bid=9.9, ask=10.1, bid_size=3,
        ask_size=4, open=9.2, high=10.5, low=9.0, previous_close=9.4, volume=12345, currency="USD",
        session=Session.REGULAR, feed="delayed", delayed_by=900,
    )  # fmt: skip
    assert heard(whole, seed=seed)["AAPL"] == expected
    later = heard(whole, said(10.2, MS + 1000), seed=seed)["AAPL"]
    assert (later.price, later.bid, later.bid_size) == (10.2, None, None)
    assert (later.high, later.low, later.open, later.volume, later.previous_close) == (10.5, 9.0, 9.2, 12345, 9.4)
    assert heard(said(10.0), seed=seed)["AAPL"].previous_close == 9.5


def test_another_day_forgets_the_last_and_a_range_without_the_price_is_none() -> None:
    whole = said(10.0, day_volume="12345", day_high=10.5, day_low=9.0)
    later = heard(whole, said(10.2, MS + 86_400_000), now=NOON + timedelta(days=1))["AAPL"]
    assert (later.volume, later.high, later.low, later.previous_close) == (None,) * 4
    above = heard(whole, said(11.0, MS + 1000))["AAPL"]
    assert (above.high, above.low, above.volume) == (None, None, 12345)


def test_older_or_empty_messages_change_nothing() -> None:
    assert heard(said(10.0), said(9.0, MS - 1))["AAPL"].price == 10.0
    assert heard(said(0.0), {"id": "AAPL", "price": 1.0}, {}, {"id": "MSFT", "price": 1.0, "time": "5"}) == {}


@pytest.mark.parametrize(
    ("hours", "phase"), [(None, Session.PRE), (1, Session.REGULAR), (2, Session.POST), (3, Session.CLOSED)]
)
def test_before_and_after_hours_are_kept_apart(hours: int | None, phase: Session) -> None:
    message = {name: value for name, value in said(10.0, market_hours=hours).items() if value is not None}
    quote = heard(message)["AAPL"]
    assert quote.session is phase
    assert quote.ext_price == (None if phase is Session.REGULAR else 10.0)
    assert (quote.ext_as_of is None) == (quote.ext_price is None)


def test_pence_are_pounds_and_without_a_unit_there_is_no_price() -> None:
    pence = {"id": "OCDO.L", "price": 310.0, "time": str(MS), "currency": "GBp", "day_high": 320.0, "day_low": 300.0}
    quote = heard(pence)["OCDO.L"]
    assert (quote.price, quote.high, quote.currency) == (3.1, 3.2, "GBP")
    later = {"id": "OCDO.L", "price": 315.0, "time": str(MS + 1)}
    assert heard(pence, later)["OCDO.L"].price == 3.15
    assert heard(later) == {}


def test_a_coin_has_its_volume_of_a_day_and_no_session() -> None:
    coin = {"id": "BTC-USD", "price": 60000.0, "time": str(MS), "currency": "USD", "vol_24hr": "5", "market_hours": 1}
    quote = heard(coin)["BTC-USD"]
    assert (quote.volume, quote.session, quote.feed, quote.as_of) == (5, Session.ALWAYS, "indicative", NOON)


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([str(MS), "NaN", "Infinity", "GBp", 0, 3, 1e-310])
)  # fmt: skip
names = ("price", "currency", "market_hours", "day_volume", "day_high", "day_low", "open_price",
         "previous_close", "bid", "ask", "bid_size", "ask_size", "vol_24hr")  # fmt: skip
messages = st.fixed_dictionaries(
    {"id": st.sampled_from(["AAPL", "OCDO.L", "BTC-USD"]) | values, "time": st.just(str(MS)) | values},
    optional=dict.fromkeys(names, values),
)


@given(st.lists(messages, max_size=5))
def test_any_messages_give_whole_quotes(found: list[dict[str, Any]]) -> None:
    tape = Tape({"AAPL": "AAPL", "OCDO.L": "OCDO.L", "BTC-USD": "BTC-USD"})
    for message in found:
        tape.hear(message, NOON)
    for quote in tape.take():
        if quote.as_of <= NOON + timedelta(seconds=1):
            conformance.check_quote(quote, quote.symbol, "yahoo")
