"""What all tapes of pushed messages have in common, whoever pushes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgpack import Timestamp

from marketdata.domain import Quote
from marketdata.quality import check
from marketdata.sources import alpaca_tape, polygon_tape, yahoo_tape
from marketdata.symbols import Kind

NOON = datetime(2026, 3, 11, 16, tzinfo=UTC)
Trade = Callable[[float, datetime, datetime], None]
Take = Callable[[], list[Quote]]


def polygon() -> tuple[Trade, Take]:
    tape = polygon_tape.Tape({"AAPL": "AAPL"}, 0)

    def trade(price: float, at: datetime, now: datetime) -> None:
        tape.hear([{"ev": "T", "sym": "AAPL", "p": price, "t": int(at.timestamp() * 1000)}], now)

    return trade, tape.take


def alpaca() -> tuple[Trade, Take]:
    tape = alpaca_tape.Tape({"AAPL": "AAPL"}, {Kind.SHARE: "iex"})

    def trade(price: float, at: datetime, now: datetime) -> None:
        tape.hear({"T": "t", "S": "AAPL", "p": price, "t": Timestamp.from_datetime(at)}, now)

    return trade, tape.take


def yahoo() -> tuple[Trade, Take]:
    tape = yahoo_tape.Tape({"AAPL": "AAPL"})

    def trade(price: float, at: datetime, now: datetime) -> None:
        said = {"id": "AAPL", "price": price, "time": str(int(at.timestamp() * 1000)), "market_hours": 1}
        tape.hear({**said, "currency": "USD"}, now)

    return trade, tape.take


@pytest.fixture(params=[polygon, alpaca, yahoo])
def tape(request: pytest.FixtureRequest) -> tuple[Trade, Take]:
    opened: tuple[Trade, Take] = request.param()
    return opened


def test_a_price_of_the_future_is_told_once_to_be_refused_and_hides_nothing_after_it(tape: tuple[Trade, Take]) -> None:
    trade, take = tape
    trade(100.0, NOON, NOON)
    assert [one.price for one in take()] == [100.0]
    trade(101.0, NOON + timedelta(days=400), NOON)
    (lie,) = take()
    assert "in the future" in check(lie, None, None, NOON).rejected[0][1]
    after = NOON + timedelta(seconds=1)
    trade(102.0, after, after)
    assert [(one.price, one.as_of) for one in take()] == [(102.0, after)]


def test_in_one_batch_the_sound_price_counts(tape: tuple[Trade, Take]) -> None:
    trade, take = tape
    for price, at in ((99.0, NOON + timedelta(hours=1)), (100.0, NOON), (101.0, NOON + timedelta(hours=1))):
        trade(price, at, NOON)
    assert [one.price for one in take()] == [100.0]
