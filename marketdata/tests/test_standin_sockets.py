"""The stand-ins' streams: who is thrown out, or says goodbye, may be back at once, as at the vendors themselves."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from goldensignals.tests.waiting import until
from marketdata.standins import alpaca, alpaca_faults, polygon
from marketdata.standins.alpaca import AlpacaStandin
from marketdata.standins.polygon import PolygonStandin

TIMES = 10
Enter = Callable[[], AbstractContextManager[tuple[ClientConnection, Any]]]


@pytest.fixture
def at_polygon() -> Iterator[tuple[PolygonStandin, Enter]]:
    with PolygonStandin() as server:

        @contextmanager
        def enter() -> Iterator[tuple[ClientConnection, Any]]:
            with connect(f"{server.stream_host}/crypto", compression=None) as connection:
                connection.recv()
                connection.send(json.dumps({"action": "auth", "params": polygon.KEY}))
                yield connection, json.loads(connection.recv())[0]["status"]

        yield server, enter


@pytest.fixture
def at_alpaca() -> Iterator[tuple[AlpacaStandin, Enter]]:
    with AlpacaStandin() as server:

        @contextmanager
        def enter() -> Iterator[tuple[ClientConnection, Any]]:
            with connect(f"{server.stream_url}/v2/iex") as connection:
                connection.recv()
                connection.send(msgpack.packb({"action": "auth", "key": alpaca.KEY, "secret": alpaca.SECRET}))
                yield connection, msgpack.unpackb(connection.recv())[0]["T"]

        yield server, enter


def thrown_out(connection: ClientConnection) -> bool:
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=10)
    return True


@pytest.mark.parametrize("vendor", ["polygon", "alpaca"])
@pytest.mark.parametrize("fault", ["reset", "clean_close"])
def test_who_is_thrown_out_may_be_back_at_once(
    vendor: str, fault: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    server, enter = request.getfixturevalue(f"at_{vendor}")
    welcome = {"polygon": "auth_success", "alpaca": "success"}[vendor]
    server.fault = (polygon if vendor == "polygon" else alpaca_faults).Fault(fault)
    for _ in range(TIMES):
        with enter() as (connection, said):
            assert said == welcome
            assert thrown_out(connection)
    assert server.socket.connections.total() == TIMES
    assert until(lambda: not server.socket._server.handler_threads)
    assert "connection handler failed" not in caplog.text


@pytest.mark.parametrize("vendor", ["polygon", "alpaca"])
def test_who_says_goodbye_may_be_back_at_once_and_nobody_else_meanwhile(
    vendor: str, request: pytest.FixtureRequest
) -> None:
    server, enter = request.getfixturevalue(f"at_{vendor}")
    welcome, refusal = {"polygon": ("auth_success", "max_connections"), "alpaca": ("success", "error")}[vendor]
    for _ in range(TIMES):
        with enter() as (_, said), enter() as (_, refused):
            assert (said, refused) == (welcome, refusal)
    assert until(lambda: not server.socket._server.handler_threads)
