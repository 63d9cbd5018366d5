"""Barchart's download of one expiry: the underlying's price is in the moneyness, the time in the last line."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from marketdata.chains import OptionChain, OptionQuote
from marketdata.sources import recorded_chain_moment as moments
from marketdata.sources.recorded_chain_table import (
    ABSENT,
    BadChainFile,
    BadRow,
    Line,
    Rejects,
    day,
    lines,
    named,
    plain_root,
)
from marketdata.sources.recorded_chain_values import RecordedChain, of_rows
from marketdata.sources.recorded_folder import opened

DELAY = 900
NEEDED = [("strike",), ("bid",), ("ask",), ("volume",), ("openint", "openinterest"), ("type",)]
EXPIRY = re.compile(r"exp[-_]?(\d{4}-\d\d-\d\d)")
FOOTER = re.compile(r"as of (\d\d-\d\d-\d{4}) (\d{1,2}:\d\d[ap]m) ([ECMP])[DS]?T")
ZONES = {"E": "America/New_York", "C": "America/Chicago", "M": "America/Denver", "P": "America/Los_Angeles"}
NEAR = 0.5
"""Moneyness up to which a line tells the underlying's price to the cent."""


def sessions(path: Path, underlying: str, dated: date | None) -> Iterator[RecordedChain]:
    """The one chain of the file; raises BadRecording."""
    rejects = Rejects(path.name)
    expiry = EXPIRY.search(path.name)
    if expiry is None:
        raise BadChainFile(
            f"{path.name} does not tell its expiry: call it like barchart_AMD_2025-10-22_exp2025-12-19.csv"
        )
    with opened(path, errors="replace") as text:
        rows = list(lines(text, path, NEEDED))
    footer = next((found for line in rows if (found := FOOTER.search(line.text("strike")))), None)
    rows = [line for line in rows if not line.text("strike").startswith("Downloaded")]
    session, taken_at, stamp = _moment(footer, dated, underlying, path)
    spot = _spot(rows)
    expires = day(expiry[1])
    quotes = of_rows(rows, lambda line: _quote(line, underlying, expires, taken_at, session, spot), rejects, "")
    chain = OptionChain(
        underlying=underlying, vendor="barchart", received_at=taken_at, quotes=quotes, left_out=rejects.of(""),
    )  # fmt: skip
    yield RecordedChain(chain, session, taken_at, spot, stamp if spot else None)


def _moment(
    footer: re.Match[str] | None, dated: date | None, underlying: str, path: Path
) -> tuple[date, datetime, datetime]:
    if footer:
        zone = ZoneInfo(ZONES[footer[3]])
        stamp = (
            datetime.strptime(f"{footer[1]} {footer[2].upper()}", "%m-%d-%Y %I:%M%p")
            .replace(tzinfo=zone)
            .astimezone(UTC)
        )
        return *moments.held(stamp, underlying), stamp
    if dated is None:
        raise BadChainFile(f"{path.name} tells no date, neither in its last line nor in its name")
    session, closed = moments.close(dated, underlying)
    return session, closed, closed


def _spot(rows: list[Line]) -> float | None:
    """The price that the moneyness of the lines near it says: (S − K) / S of a call, (K − S) / S of a put."""
    said: list[float] = []
    for line in rows:
        try:
            strike, moneyness = line.price("strike"), line.greek("moneyness")
        except BadRow:
            continue
        if strike and moneyness is not None and abs(moneyness) <= NEAR * 100:
            sign = -1 if line.text("type").lower().startswith("p") else 1
            said.append(strike / (1 - sign * moneyness / 100))
    return round(median(said), 2) if said else None


def _quote(line: Line, underlying: str, expiry: date, at: datetime, session: date, spot: float | None) -> OptionQuote:
    strike, right = line.price("strike"), line.text("type").upper()[:1]
    if strike is None or right not in ("C", "P"):
        raise BadRow("there is no strike or no type (Call or Put)")
    symbol = f"{plain_root(underlying)}{expiry:%y%m%d}{right}{round(strike * 1000):08d}"
    iv = line.fraction("iv", "impliedvolatility", "volatility", "impvol")
    last = line.price("last")
    return OptionQuote(
        contract=named(symbol, underlying, strike), vendor="barchart", received_at=at, bid=line.price("bid"),
        ask=line.price("ask"), last=last, last_as_of=_traded(line.text("lasttrade", "time"), session) if last else None,
        volume=line.amount("volume"), open_interest=line.amount("openint", "openinterest"),
        open_interest_date=session, iv=iv, delta=line.greek("delta") if iv else None,
        gamma=line.greek("gamma") if iv else None, underlying_price=spot, delayed_by=DELAY,
    )  # fmt: skip


def _traded(text: str, session: date) -> datetime | None:
    """`12:27 ET` is of the session, `10/08/25` an older day (taken as its 16:00)."""
    if text.lower() in ABSENT:
        return None
    new_york = ZoneInfo(ZONES["E"])
    if clock := re.fullmatch(r"(\d{1,2}):(\d\d) ET", text):
        return datetime.combine(session, time(int(clock[1]), int(clock[2])), new_york).astimezone(UTC)
    return datetime.combine(day(text), time(16), new_york).astimezone(UTC)
