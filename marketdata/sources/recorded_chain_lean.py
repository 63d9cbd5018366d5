"""A universe file of QuantConnect Lean: one line for each contract and session, the middle of bid and ask as OHLC.

The line without an expiry is the underlying's. The date of a line is taken as its session. Its open interest is that
after the line's own volume was traded: in the files of AAPL of June 2014 it differs from that of the date before by no
more than the line's volume in 98.8 % of the contracts that traded 100 or more, from that of the date after in 91 %.
Its quotes are those of the date's close: parity of calls and puts comes within 0.1 % of Apple's close of that date.
The underlying's line lags: mostly it holds the close of the session before.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from marketdata.chains import OptionChain, OptionQuote
from marketdata.sources import recorded_chain_moment as moments
from marketdata.sources.recorded_chain_table import (
    BadRow,
    Line,
    Rejects,
    day,
    lines,
    named,
    plain_root,
    session_day,
    some,
)
from marketdata.sources.recorded_chain_values import RecordedChain, of_rows
from marketdata.sources.recorded_folder import opened

NEEDED = [("date",), ("expiry",), ("strike",), ("right",), ("close",), ("openinterest",)]


def sessions(path: Path, underlying: str) -> Iterator[RecordedChain]:
    """The chain of each date, rising; raises BadRecording."""
    rejects, days = Rejects(path.name), dict[date, list[Line]]()
    with opened(path, errors="replace") as text:
        for line in lines(text, path, NEEDED):
            try:
                days.setdefault(session_day(line.text("date")), []).append(line)
            except BadRow as error:
                rejects.add(line, error)
    for one in some(sorted(days), path):
        yield _session(one, days[one], underlying, rejects)


def _session(one: date, rows: list[Line], underlying: str, rejects: Rejects) -> RecordedChain:
    session, taken_at = moments.close(one, underlying)
    spot: float | None = None
    below = [line for line in rows if not line.said("expiry")]
    for line in below:
        try:
            spot = line.price("close")
        except BadRow as error:
            rejects.add(line, error, str(one))
    quotes = of_rows(
        (line for line in rows if line.said("expiry")),
        lambda line: _quote(line, underlying, taken_at, session, spot), rejects, str(one),
    )  # fmt: skip
    chain = OptionChain(
        underlying=underlying, vendor="lean", received_at=taken_at, quotes=quotes, left_out=rejects.of(str(one)),
    )  # fmt: skip
    return RecordedChain(chain, session, taken_at, spot, taken_at if spot else None)


def _quote(line: Line, underlying: str, at: datetime, session: date, spot: float | None) -> OptionQuote:
    strike, right = line.price("strike"), line.text("right").upper()[:1]
    if strike is None or right not in ("C", "P"):
        raise BadRow("there is no strike or no right (C or P)")
    symbol = f"{plain_root(underlying)}{day(line.text('expiry')):%y%m%d}{right}{round(strike * 1000):08d}"
    iv = line.fraction("impliedvolatility")
    return OptionQuote(
        contract=named(symbol, underlying, strike), vendor="lean", received_at=at, mid=line.price("close"),
        volume=line.amount("volume"), open_interest=line.amount("openinterest"),
        open_interest_date=moments.after(session), iv=iv,
        delta=line.greek("delta") if iv else None, gamma=line.greek("gamma") if iv else None,
        vega=line.greek("vega") if iv else None, theta=line.greek("theta") if iv else None,
        rho=line.greek("rho") if iv else None, underlying_price=spot, flags=frozenset({"mid only"}),
    )  # fmt: skip
