"""Values that tests are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata.domain import Bar, Bars, Interval, Quote, Session

NOON = datetime(2024, 1, 16, 17, 0, tzinfo=UTC)
"""A Tuesday, noon in New York: the regular session runs."""


def quote(symbol: str = "AAPL", seconds: float = 0, **fields: Any) -> Quote:
    """A sound quote, so many seconds after noon."""
    at = NOON + timedelta(seconds=seconds)
    values: dict[str, Any] = {
        "vendor": "yahoo", "price": 185.5, "bid": 185.49, "ask": 185.51, "bid_size": 100.0, "ask_size": 200.0,
        "open": 184.0, "high": 186.0, "low": 183.5, "previous_close": 184.25, "volume": 1_000_000.0 + seconds,
        "currency": "USD", "session": Session.REGULAR, "feed": "iex", "delayed_by": 0,
        "as_of": at, "received_at": at + timedelta(milliseconds=120),
    }  # fmt: skip
    return Quote(symbol=symbol, **(values | fields))


def bars(start: datetime, closes: list[float], interval: Interval = Interval.MINUTE, **fields: Any) -> Bars:
    """Neighbouring bars with these closes, each with an open 1 lower, a high 2 higher, a low 3 lower, 100 shares."""
    partial = fields.pop("last_is_partial", False)
    rows = [
        Bar(
            symbol=fields.get("symbol", "AAPL"), interval=interval, start=start + i * interval.length, open=close - 1,
            high=close + 2, low=close - 3, close=close, volume=100.0, vendor=fields.get("vendor", "yahoo"),
            partial=partial and i == len(closes) - 1,
        )
        for i, close in enumerate(closes)
    ]  # fmt: skip
    return Bars.of(fields.get("symbol", "AAPL"), interval, fields.get("vendor", "yahoo"), rows)
