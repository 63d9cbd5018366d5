"""Alpaca's stream: the real client of the library before the stand-in's socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgpack import Timestamp

from marketdata.domain import Quote, Session
from marketdata.sources.alpaca import Alpaca
from marketdata.sources.alpaca_tape import Tape
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
from marketdata.standins.alpaca import KEY, SECRET, AlpacaStandin, Fault
from marketdata.symbols import Kind
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT, patience

NOON = datetime(2026, 3, 11, 16, tzinfo=UTC)
IEX = "/v2/iex"
ENDS = {
    Fault.UNAUTHORIZED: AuthFailed,
    Fault.NOT_ENTITLED: NotEntitled,
    Fault.SLOT_TAKEN: RateLimited,
    Fault.HANDSHAKE_LIMITED: RateLimited,
    Fault.SILENT: VendorTimeout,
    Fault.CLEAN_CLOSE: Unavailable,
    Fault.RESET: Unavailable,
    Fault.NOISE: BadPayload,
}


@pytest.fixture
def standin() -> Iterator[AlpacaStandin]:
    with AlpacaStandin() as server:
        yield server


def opened(standin: AlpacaStandin, secret: str = SECRET, timeout: float = PATIENT) -> Alpaca:
    return Alpaca(KEY, secret, "iex", standin.url, standin.url, standin.stream_url, timeout=timeout)


@pytest.fixture
def alpaca(standin: AlpacaStandin, request: pytest.FixtureRequest) -> Iterator[Alpaca]:
    source = opened(standin, timeout=patience(request, 2, (Fault.SILENT,)))
    yield source
    source.close()


async def until(stream: AsyncIterator[Sequence[Quote]], found: Callable[[dict[str, Quote]], bool]) -> dict[str, Quote]:
    """The last quote of each symbol, as soon as they are what is looked for."""
    quotes: dict[str, Quote] = {}
    async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
        async for batch in stream:
            for quote in batch:
                conformance.check_quote(quote, quote.symbol, "alpaca")
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


async def test_each_kind_has_its_own_connection_and_whole_quotes(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    asked = ["AAPL", "BRK.B", "BTC-USD", "AAPL261218C00240000"]
    quotes = await until(
        alpaca.stream(asked), lambda found: len(found) == 4 and all(one.price and one.bid for one in found.values())
    )
    assert dict(standin.socket.connections) == {IEX: 1, "/v1beta3/crypto/us": 1, "/v1beta1/indicative": 1}
    assert quotes["AAPL"].bid_size == 200
    assert quotes["BTC-USD"].session is Session.ALWAYS
    assert quotes["BTC-USD"].previous_close is not None
    assert quotes["BTC-USD"].volume is not None
    assert {symbol: (one.feed, one.delayed_by) for symbol, one in quotes.items()} == {
        "AAPL": ("iex", 0), "BRK.B": ("iex", 0), "BTC-USD": ("us", 0), "AAPL261218C00240000": ("indicative", 900)
    }  # fmt: skip


async def test_closing_the_stream_frees_its_slot(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    for _ in range(2):
        await until(alpaca.stream(["AAPL"]), lambda found: "AAPL" in found)
        assert await asyncio.to_thread(standin.socket.await_open, set())
    assert standin.socket.connections[IEX] == 2


@pytest.mark.parametrize("fault", list(ENDS))
async def test_every_end_has_its_name(standin: AlpacaStandin, alpaca: Alpaca, fault: Fault) -> None:
    stream = alpaca.stream(["AAPL"])
    if fault in (Fault.CLEAN_CLOSE, Fault.RESET, Fault.NOISE):
        assert await anext(aiter(stream))
    standin.fault = fault
    error = await end(stream)
    assert type(error) is ENDS[fault]
    assert not [secret for secret in (KEY, SECRET) if secret in f"{error!r} {error.__cause__!r}"]
    standin.fault = None
    assert await asyncio.to_thread(standin.socket.await_open, set())
    assert await until(alpaca.stream(["AAPL"]), lambda found: "AAPL" in found)


async def test_a_taken_slot_is_told_at_once_and_not_fought_for(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    other = opened(standin)
    holding = other.stream(["AAPL"])
    assert await anext(aiter(holding))
    error = await end(alpaca.stream(["AAPL"]))
    assert isinstance(error, RateLimited)
    assert "406" in str(error)
    assert "one connection" in error.remedy
    assert standin.socket.attempts == 2
    assert await anext(aiter(holding))
    await holding.aclose()  # type: ignore[attr-defined]
    other.close()


async def test_a_wrong_key_is_told_before_a_connection_is_tried(standin: AlpacaStandin) -> None:
    source = opened(standin, secret="wrong")
    assert type(await end(source.stream(["AAPL"]))) is AuthFailed
    assert standin.socket.attempts == 0
    source.close()


async def test_a_plan_without_the_whole_market_streams_iex(standin: AlpacaStandin) -> None:
    nobody = "http://127.0.0.1:9"
    source = Alpaca(KEY, SECRET, "sip", nobody, nobody, standin.stream_url, timeout=PATIENT)
    assert type(await end(source.stream(["AAPL"]))) is NotEntitled
    assert (await until(source.stream(["AAPL"]), lambda found: "AAPL" in found))["AAPL"].feed == "iex"
    assert dict(standin.socket.connections) == {IEX: 1}
    source.close()


async def test_more_symbols_than_the_plan_has_are_not_entitled(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.socket.limit = 1
    assert type(await end(alpaca.stream(["AAPL", "MSFT"]))) is NotEntitled


async def test_nobody_there_is_unavailable_in_time() -> None:
    here = "127.0.0.1:9"
    source = Alpaca(KEY, SECRET, "iex", f"http://{here}", f"http://{here}", f"ws://{here}", timeout=0.5)
    assert type(await end(source.stream(["AAPL"]))) is Unavailable
    source.close()


async def test_a_mute_stream_stays_open_for_the_runner_to_judge(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.socket.quiet = True
    stream = alpaca.stream(["AAPL"])
    waiting = asyncio.ensure_future(anext(aiter(stream)))
    assert await asyncio.to_thread(standin.socket.await_open, {IEX})
    assert not waiting.done()
    standin.socket.push([trade(1.5)])
    (quote,) = await asyncio.wait_for(waiting, PATIENT)
    assert (quote.price, quote.as_of) == (1.5, NOON)
    await stream.aclose()  # type: ignore[attr-defined]


async def test_what_cannot_be_streamed_is_refused_by_name(alpaca: Alpaca) -> None:
    assert type(await end(alpaca.stream(["OCDO.L"]))) is Unsupported
    assert type(await end(alpaca.stream(["../AAPL"]))) is UnknownSymbol
    assert type(await end(alpaca.stream([]))) is Unsupported


def trade(price: float, later: float = 0, **more: Any) -> dict[str, Any]:
    at = Timestamp.from_datetime(NOON + timedelta(seconds=later))
    return {"T": "t", "S": "AAPL", "p": price, "s": 100, "t": at, "c": ["@"], "z": "C", **more}


def book(later: float = 0, **more: Any) -> dict[str, Any]:
    at = Timestamp.from_datetime(NOON + timedelta(seconds=later))
    return {"T": "q", "S": "AAPL", "bp": 9.9, "bs": 200, "ap": 10.1, "as": 300, "t": at, **more}


DAY = {
    "T": "d", "S": "AAPL", "o": 9.5, "h": 10.5, "l": 9.0, "c": 10.0, "v": 12345,
    "t": Timestamp.from_datetime(NOON.replace(hour=4)),
}  # fmt: skip
SEED = Quote(symbol="AAPL", vendor="alpaca", as_of=NOON, received_at=NOON, previous_close=9.0, price=1.0, volume=5)


def heard(*messages: dict[str, Any], seed: Quote | None = None) -> Quote:
    tape = Tape({"AAPL": "AAPL"}, {Kind.SHARE: "iex"})
    tape.seed({"AAPL": seed})
    for message in messages:
        tape.hear(message, NOON)
    return tape.take()[-1]


def test_trades_quotes_and_days_make_one_quote() -> None:
    assert heard(trade(10.0), book(0.005), DAY, seed=SEED) == Quote(
        symbol="AAPL", vendor="alpaca", as_of=NOON, received_at=NOON, price=10.0, bid=9.9, ask=10.1, bid_size=200,
        ask_size=300, quote_as_of=NOON + timedelta(milliseconds=5), open=9.5, high=10.5, low=9.0, volume=12345,
        previous_close=9.0, currency="USD", session=Session.REGULAR, feed="iex", delayed_by=0,
        flags=frozenset({"iex_volume"}),
    )  # fmt: skip


def test_the_fields_of_a_day_are_those_of_its_day_only() -> None:
    today, tomorrow = heard(trade(10.0), seed=SEED), heard(DAY, trade(10.0, 86_400), seed=SEED)
    assert (today.previous_close, today.volume) == (9.0, 5)
    assert (tomorrow.previous_close, tomorrow.volume, tomorrow.open) == (None, None, None)


@pytest.mark.parametrize(("more", "price"), [({"c": ["@", "I"]}, 10), ({"c": ["B"], "z": "A"}, 10), ({"c": ["B"]}, 9)])
def test_a_trade_that_makes_no_price_changes_nothing(more: dict[str, Any], price: float) -> None:
    assert heard(trade(10.0), trade(9.0, 1, **more)).price == price


def test_what_is_older_changes_nothing() -> None:
    assert heard(trade(10.0), trade(9.0, -1)).price == 10.0
    assert heard(book(), book(-1, bp=9.0)).bid == 9.9


def test_a_bid_alone_has_its_own_time_and_a_side_without_a_price_no_size() -> None:
    quote = heard(book(ap=0))
    assert (quote.as_of, quote.price, quote.ask, quote.ask_size, quote.bid_size) == (NOON, None, None, None, 200)


def test_a_trade_before_the_open_is_kept_apart() -> None:
    early = heard(trade(10.0, -5 * 3600))
    assert (early.session, early.ext_price, early.ext_as_of) == (Session.PRE, 10.0, early.as_of)


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=2))
stamps = st.builds(Timestamp, st.integers(0, 4_102_444_800), st.integers(0, 999_999_999))
messages = st.fixed_dictionaries(
    {"T": st.sampled_from(["t", "q", "d", "b", "s"]) | values, "S": st.just("AAPL") | values},
    optional=dict.fromkeys(("p", "t", "s", "c", "z", "bp", "ap", "bs", "as", "o", "h", "l", "v"), values | stamps),
)


@given(st.lists(messages, max_size=6))
def test_any_messages_give_quotes(found: list[dict[str, Any]]) -> None:
    tape = Tape({"AAPL": "AAPL"}, {Kind.SHARE: "iex"})
    for message in found:
        tape.hear(message, datetime(2101, 1, 1, tzinfo=UTC))
    for quote in tape.take():
        conformance.check_quote(quote, "AAPL", "alpaca")
