"""The words of the wire: what was promised, and that nothing is lost on the way there and back."""

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from marketdata import wire
from marketdata.domain import Bar, Interval, Quote, Session

AT = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
PROMISED = {
    "symbol": "AAPL", "price": 175.5, "bid": 175.48, "ask": 175.52, "volume": 45678900.0, "change": 2.5,
    "change_percent": 1.4451,
}  # fmt: skip
FLOATS = st.none() | st.floats(1e-6, 1e9)
TIMES = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_the_promised_message_is_as_promised() -> None:
    quote = Quote(symbol="AAPL", vendor="one", as_of=AT, received_at=AT, price=175.50, bid=175.48, ask=175.52,
                  volume=45678900, previous_close=173.0)  # fmt: skip
    event = wire.market_data(quote, AT)
    assert (event.type, wire.instant(event.timestamp)) == ("market_data", "2024-01-15T10:30:00Z")
    assert {name: event.data[name] for name in PROMISED} == PROMISED
    assert json.loads(json.dumps(event.data)) == event.data


def test_binary_noise_does_not_reach_the_wire() -> None:
    assert [wire.number(value) for value in (0.1 + 0.2, 129.0399932861328, 3.0, 8.9e-06, None)] == [
        0.3, 129.0399933, 3.0, 8.9e-06, None,
    ]  # fmt: skip


def test_times_are_utc_whatever_their_zone() -> None:
    new_york = datetime(2024, 1, 15, 5, 30, tzinfo=timezone(-timedelta(hours=5)))
    assert wire.instant(new_york) == "2024-01-15T10:30:00Z"
    assert wire.instant(AT.replace(microsecond=5)) == "2024-01-15T10:30:00.000005Z"


def test_a_bar_says_whether_it_still_runs() -> None:
    bar = Bar(symbol="AAPL", interval=Interval.MINUTE, start=AT, open=1, high=2, low=0.5, close=1.5, volume=None,
              vendor="one", partial=True)  # fmt: skip
    assert wire.bar(bar) == {
        "start": "2024-01-15T10:30:00Z", "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": None,
        "partial": True,
    }  # fmt: skip


DELAYS = st.none() | st.just(900)


@given(price=FLOATS, bid=FLOATS, size=FLOATS, close=FLOATS, quoted=TIMES, extended=TIMES, delayed=DELAYS)
def test_every_quote_survives_the_way_there_and_back(
    price: float | None, bid: float | None, size: float | None, close: float | None,
    quoted: datetime | None, extended: datetime | None, delayed: int | None,
) -> None:  # fmt: skip
    quote = Quote(
        symbol="BRK.B", vendor="one", as_of=AT, received_at=AT, price=wire.number(price), bid=wire.number(bid),
        bid_size=wire.number(size), previous_close=wire.number(close), quote_as_of=quoted, ext_as_of=extended,
        delayed_by=delayed, session=Session.POST, simulated=True, flags=frozenset({"stale", "wide"}),
    )  # fmt: skip
    assert wire.read_quote(json.loads(json.dumps(wire.quote(quote)))) == quote
