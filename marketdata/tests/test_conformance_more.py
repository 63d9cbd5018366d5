"""The conformance suite for what only some sources offer: option chains, news, order books, streams."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from marketdata.plugins import PLUGIN
from marketdata.sources.base import (
    BookSource,
    Capability,
    NewsSource,
    NoData,
    OptionSource,
    Source,
    StreamingSource,
    UnknownSymbol,
)
from marketdata.tests import conformance
from marketdata.tests.test_conformance import having, source, two

__all__ = ["source"]
LIMIT = DEPTH = 5


def offering(capability: Capability) -> pytest.MarkDecorator:
    """Run a test for each source that offers this (for plug-ins: that says so once it is opened)."""
    entries = settings.MARKETDATA_SOURCES.items()
    names = [name for name, entry in entries if PLUGIN in entry or capability in backend(entry).capabilities]
    return pytest.mark.parametrize("source", names, indirect=True)


def backend(entry: Mapping[str, str]) -> type[Source]:
    found: type[Source] = import_string(entry["BACKEND"])
    return found


def test_who_offers_something_has_its_methods(source: Source) -> None:
    protocols = {Capability.OPTIONS: OptionSource, Capability.NEWS: NewsSource, Capability.BOOK: BookSource}
    for capability, protocol in protocols.items():
        assert capability not in source.capabilities or isinstance(source, protocol)


@offering(Capability.OPTIONS)
def test_chains_hold_what_their_symbols_say(source: Source) -> None:
    having(source, Capability.OPTIONS)
    assert isinstance(source, OptionSource)
    expiries = source.option_expiries("AAPL")
    assert expiries
    assert list(expiries) == sorted(set(expiries))
    chain = source.option_chain("AAPL", expiries[0], expiries[0])
    assert chain.quotes
    assert chain.expiries == (expiries[0],)
    conformance.check_chain(chain, "AAPL", source.name, simulated=source.simulated)


@offering(Capability.OPTIONS)
def test_what_has_no_options_has_a_named_error_or_an_empty_chain(source: Source) -> None:
    having(source, Capability.OPTIONS)
    assert isinstance(source, OptionSource)
    first, last = coming_month()
    with suppress(UnknownSymbol, NoData):
        assert source.option_chain("NOPE1X", first, last).quotes == ()


@offering(Capability.NEWS)
def test_news_is_newest_first_and_names_its_symbols(source: Source) -> None:
    having(source, Capability.NEWS)
    assert isinstance(source, NewsSource)
    headlines = source.news(two(source), LIMIT)
    assert headlines
    conformance.check_headlines(headlines, source.name, LIMIT, simulated=source.simulated)


@offering(Capability.BOOK)
def test_books_are_in_order_and_not_crossed(source: Source) -> None:
    having(source, Capability.BOOK)
    assert isinstance(source, BookSource)
    symbol = "AAPL" if source.name == "ib" else "BTC-USD"
    conformance.check_book(source.book(symbol, DEPTH), symbol, source.name, DEPTH, simulated=source.simulated)


@offering(Capability.STREAM)
async def test_streams_bring_whole_quotes_of_what_was_asked(source: Source) -> None:
    having(source, Capability.STREAM)
    assert isinstance(source, StreamingSource)
    async with asyncio.timeout(60), aclosing(source.stream(two(source))) as batches:  # type: ignore[type-var]
        batch = await anext(batches)
    assert batch
    for quote in batch:
        assert quote.symbol in two(source)
        conformance.check_quote(quote, quote.symbol, source.name, simulated=source.simulated)


def coming_month() -> tuple[date, date]:
    """A month of expiries from today."""
    today = datetime.now(UTC).date()
    return today, today + timedelta(days=30)
