"""The promised Python, as it was promised."""

import asyncio
import logging
from typing import Any

import pytest
from channels.db import database_sync_to_async

from goldensignals.live import LiveDataConfig, LiveDataService, live_data_service, ws_manager
from marketdata import store
from marketdata.domain import Quote
from marketdata.symbols import InvalidSymbol
from options import store as options_store
from options.domain import Analysis
from options.reading import NoOptions

pytestmark = pytest.mark.django_db(transaction=True)
HUNG = 60
"""Seconds."""


@pytest.fixture(autouse=True)
def market(settings: Any) -> None:
    settings.MARKET = "simulated"


async def test_the_promised_start() -> None:
    # Configuration
    live_data_config = LiveDataConfig(
        primary_source="yahoo",
        enable_polygon=True,
        symbols=["AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT"],
        update_interval=5,  # seconds
        options_update_interval=60,  # seconds
    )

    # Initialize and start
    live_data_service = LiveDataService(live_data_config)
    await live_data_service.initialize()
    await live_data_service.start()

    assert set(live_data_config.symbols) <= set(await database_sync_to_async(store.watchlist)())
    assert live_data_service.get_statistics()["quotes_fetched"] == 9
    await live_data_service.stop()
    await live_data_service.stop()


async def test_the_promised_use() -> None:
    # Get live quote
    quote = await live_data_service.get_quote("AAPL")

    # Access statistics
    stats = live_data_service.get_statistics()

    assert isinstance(quote, Quote)
    assert (quote.symbol, quote.simulated) == ("AAPL", True)
    assert stats["quotes_fetched"] == 1
    assert (await live_data_service.get_quote("aapl")).as_of == quote.as_of
    assert live_data_service.get_statistics()["quotes_fetched"] == 1


async def test_the_promised_option_chain() -> None:
    # Get options chain
    chain = await live_data_service.get_options_chain("AAPL")

    assert isinstance(chain, Analysis)
    assert (chain.chain.underlying, chain.chain.simulated) == ("AAPL", True)
    assert len(chain.iv) == len(chain.chain) == chain.summary.contracts > 0
    assert (await live_data_service.get_options_chain("aapl")).chain.taken_at == chain.chain.taken_at


async def test_an_option_chain_that_nobody_has_is_refused_with_the_reason() -> None:
    with pytest.raises(NoOptions, match="BTC-USD has no listed options"):
        await live_data_service.get_options_chain("BTC-USD")
    with pytest.raises(InvalidSymbol):
        await live_data_service.get_options_chain("!!")


async def test_the_promised_debugging(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    # Enable debug logging
    logging.getLogger("live_data_service").setLevel(logging.DEBUG)

    # Monitor WebSocket connections
    ws_manager.get_active_connections()

    await live_data_service.get_quote("AAPL")
    # Check data source status
    for name, source in live_data_service.data_feed.sources.items():
        print(f"{name}: {'Connected' if source.is_connected else 'Disconnected'}")

    assert capsys.readouterr().out == "simulated: Connected\n"
    assert ws_manager.get_active_connections() == []
    assert logging.getLogger("live_data_service").isEnabledFor(logging.DEBUG)


async def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidSymbol):
        await live_data_service.get_quote("!!")


async def test_a_started_service_polls_by_itself() -> None:
    service = LiveDataService(LiveDataConfig(symbols=["AAPL"], update_interval=0.05))
    await service.initialize()
    await service.start()
    first = service.get_statistics()["quotes_fetched"]
    async with asyncio.timeout(HUNG):
        while service.get_statistics()["quotes_fetched"] < 2 * first:
            await database_sync_to_async(store.watchlist)()
    await service.stop()


async def test_a_started_service_polls_chains_by_itself() -> None:
    service = LiveDataService(LiveDataConfig(symbols=["AAPL"], options_update_interval=0.05))
    await service.initialize()
    await service.start()
    polled = lambda: options_store.summary("AAPL", "simulated")  # noqa: E731
    async with asyncio.timeout(HUNG):
        while await database_sync_to_async(polled)() is None:
            continue
    await service.stop()
