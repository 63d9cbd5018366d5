"""Interactive Brokers' stream: lines that are held, and an end that always has a name."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing

import pytest

from marketdata.domain import Quote
from marketdata.sources.base import NotEntitled, SourceError, Unavailable, UnknownSymbol, Unsupported, VendorTimeout
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_faults import Fault
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT, patience


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin, request: pytest.FixtureRequest) -> Iterator[InteractiveBrokers]:
    timeout = patience(request, 4, (Fault.MUTE, Fault.SILENT))
    source = InteractiveBrokers(standin.host, standin.port, lines=3, timeout=timeout)
    yield source
    source.close()


async def until(stream: AsyncIterator[Sequence[Quote]], found: Callable[[dict[str, Quote]], bool]) -> dict[str, Quote]:
    """The last quote of each symbol, as soon as they are what is looked for."""
    quotes: dict[str, Quote] = {}
    async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
        async for batch in stream:
            for quote in batch:
                conformance.check_quote(quote, quote.symbol, "ib")
                quotes[quote.symbol] = quote
            if found(quotes):
                return quotes
    raise AssertionError("the stream ended")


async def end(stream: AsyncIterator[Sequence[Quote]], after: Callable[[], object] = lambda: None) -> SourceError:
    try:
        async with asyncio.timeout(2 * PATIENT), aclosing(stream):  # type: ignore[type-var]
            async for _ in stream:
                after()
    except SourceError as error:
        return error
    raise AssertionError("the stream ended without an error")


async def test_quotes_come_whole_and_move(standin: IbStandin, ib: InteractiveBrokers) -> None:
    seen: dict[str, set[float | None]] = {"AAPL": set(), "EUR-USD": set()}

    def moved(quotes: dict[str, Quote]) -> bool:
        for symbol, quote in quotes.items():
            assert quote.previous_close is not None
            seen[symbol].add(quote.bid)
        return all(len(bids) > 3 for bids in seen.values())

    await until(ib.stream(["AAPL", "EUR-USD", "GC=F", "AAPL"]), moved)
    assert standin.requests["ticks"] == 2


async def test_polls_read_the_streams_lines_and_take_none_away(standin: IbStandin, ib: InteractiveBrokers) -> None:
    stream = ib.stream(["AAPL", "SPY"])
    async with aclosing(stream):  # type: ignore[type-var]
        await anext(stream)
        answers = await asyncio.to_thread(ib.quotes, ["AAPL", "QQQ", "TSLA"])
        assert isinstance(answers["AAPL"], Quote)
        assert sum(isinstance(one, Quote) for one in answers.values()) == 2
        assert standin.lines == 3
    assert standin.requests["cancel"] == 0
    assert await asyncio.to_thread(ib.quotes, ["QQQ", "TSLA", "MSFT"])
    assert standin.lines == 3


@pytest.mark.parametrize(
    "ends",
    [
        lambda standin: standin.drop(),
        lambda standin: standin.say(1100, "Connectivity has been lost"),
    ],
)
async def test_the_end_of_the_data_ends_the_stream(
    standin: IbStandin, ib: InteractiveBrokers, ends: Callable[[IbStandin], None]
) -> None:
    assert type(await end(ib.stream(["AAPL"]), lambda: ends(standin))) is Unavailable


async def test_closing_ends_the_stream_by_name(ib: InteractiveBrokers) -> None:
    assert type(await end(ib.stream(["AAPL"]), ib.close)) is Unavailable


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.NOT_SUBSCRIBED, NotEntitled), (Fault.MUTE, VendorTimeout), (Fault.SILENT, VendorTimeout)],
)
async def test_a_stream_that_never_begins_says_why(
    standin: IbStandin, ib: InteractiveBrokers, fault: Fault, error: type[SourceError]
) -> None:
    standin.fault = fault
    assert type(await end(ib.stream(["AAPL"]))) is error


async def test_what_cannot_be_streamed_says_why(ib: InteractiveBrokers) -> None:
    assert type(await end(ib.stream(["GC=F"]))) is Unsupported
    assert type(await end(ib.stream(["NOPE"]))) is UnknownSymbol
    assert type(await end(ib.stream([]))) is Unsupported


async def test_one_refused_symbol_leaves_the_others(standin: IbStandin, ib: InteractiveBrokers) -> None:
    quotes = await until(ib.stream(["NOPE", "AAPL"]), lambda found: "AAPL" in found)
    assert set(quotes) == {"AAPL"}


async def test_after_1101_the_stream_can_be_opened_again(standin: IbStandin, ib: InteractiveBrokers) -> None:
    await end(ib.stream(["AAPL"]), lambda: standin.say(1100))
    standin.forget_lines()
    standin.say(1101)
    assert await asyncio.to_thread(standin.await_, lambda: standin.requests["ticks"] == 2)
    await until(ib.stream(["AAPL"]), lambda found: "AAPL" in found)
