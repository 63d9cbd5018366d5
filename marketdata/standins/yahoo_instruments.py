"""What the Yahoo stand-in trades: a few instruments and, for any instant, a made-up price that moves."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of the table: how Yahoo would describe it, the middle of its price, when it trades (local time)."""

    symbol: str
    quote_type: str
    middle: float
    currency: str = "USD"
    exchange: str = "NMS"
    zone: str = "America/New_York"
    opens: time = time(9, 30)
    closes: time = time(16, 0)
    weekends: bool = False
    delayed: int = 0
    digits: int = 2
    splits: tuple[tuple[date, float], ...] = ()
    dividends: tuple[tuple[date, float], ...] = ()

    def price(self, at: float) -> float:
        """The price at an epoch second: waves of an hour, five minutes and seventeen seconds around the middle."""
        # The same at every vendor, however it spells the symbol.
        phase = crc32(re.sub(r"=X$|[^A-Z0-9]", "", self.symbol).encode()) % 1000
        wave = (0.010, 3600 * 7), (0.004, 301), (0.0008, 17)
        return self.middle * math.exp(sum(size * math.sin(2 * math.pi * at / long + phase) for size, long in wave))

    def session(self, day: date) -> tuple[int, int] | None:
        """Open and close of that local date in epoch seconds; None on a day without trading."""
        if day.weekday() > 4 and not self.weekends:
            return None
        zone = ZoneInfo(self.zone)
        opens = datetime.combine(day, self.opens, zone)
        all_day = self.opens == self.closes
        closes = datetime.combine(day + timedelta(days=all_day), self.closes, zone)
        return int(opens.timestamp()), int(closes.timestamp())

    def day(self, at: float) -> date:
        """The local date of an instant."""
        return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(self.zone)).date()


MIDNIGHT = time(0)
_SHARES = {
    "AAPL": 210.0, "GOOGL": 170.0, "TSLA": 250.0, "META": 560.0, "AMZN": 190.0, "MSFT": 420.0,
    "BRK-B": 450.0, "IBM": 220.0, "BAC": 40.0,
}  # fmt: skip
TABLE = {
    one.symbol: one
    for one in (
        *(Instrument(symbol, "EQUITY", middle) for symbol, middle in _SHARES.items()),
        Instrument(
            "NVDA",
            "EQUITY",
            130.0,
            splits=((date(2021, 7, 20), 4.0), (date(2024, 6, 10), 10.0)),
            dividends=((date(2024, 3, 5), 0.004), (date(2024, 6, 11), 0.01)),
        ),
        Instrument("SPY", "ETF", 560.0, exchange="PCX"),
        Instrument("QQQ", "ETF", 480.0, exchange="NGM"),
        Instrument("^GSPC", "INDEX", 5600.0, exchange="SNP"),
        Instrument("OCDO.L", "EQUITY", 310.0, "GBp", "LSE", "Europe/London", time(8), time(16, 30), delayed=15),
        Instrument("BTC-USD", "CRYPTOCURRENCY", 60000.0, "USD", "CCC", "UTC", MIDNIGHT, MIDNIGHT, True),
        Instrument("EURUSD=X", "CURRENCY", 1.09, "USD", "CCY", "Europe/London", MIDNIGHT, MIDNIGHT, digits=5),
    )
}
