"""Option chains as yfinance tells them, written to a file, with the date they were pulled on each line or in its name.

Yahoo's `volume` is that of the day of the last trade; the quotes carry that time, and who reads them compares.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from marketdata import calendar
from marketdata.chains import OptionChain, OptionQuote, Right
from marketdata.sources import recorded_chain_moment as moments
from marketdata.sources.recorded_chain_table import BadRow, Line, Rejects, day, lines, moment, named, session_day, some
from marketdata.sources.recorded_chain_values import RecordedChain, of_rows
from marketdata.sources.recorded_folder import opened

PULLED = ("datepulled", "pulledat", "pulled", "snapshotdate", "quotedate", "asof", "asofdate", "timestamp", "date")
SYMBOL = ("contractsymbol", "optionsymbol", "occsymbol", "contract", "contractid", "contractname", "symbol")
STRIKE, TRADED = ("strike", "strikeprice"), ("lasttradedate", "lasttrade", "lasttradetime", "lasttradedatetime")
EXPIRY, TYPE = ("expiration", "expirationdate", "expiry", "expirydate"), ("type", "optiontype", "right", "side")
INTEREST, LAST, IV = ("openinterest", "oi"), ("lastprice", "last"), ("impliedvolatility", "iv")
SPOT = ("underlyingprice", "spot", "spotprice", "stockprice", "underlying", "currentprice")
NEEDED = [SYMBOL, STRIKE, ("bid",), ("ask",), ("volume",), INTEREST]
MULTIPLIERS = {"REGULAR": 100, "MINI": 10}
ADJUSTED = frozenset({"adjusted"})
PLACEHOLDER, HIGHEST = 1.1e-5, 5.0
"""Yahoo writes 1.0000000000000003e-05 for a volatility that it does not have, and wild ones where nobody quotes."""
NEAR_CLOSE = timedelta(minutes=20)


def sessions(path: Path, underlying: str, dated: date | None) -> Iterator[RecordedChain]:
    """The chain of each day on which it was pulled, rising; raises BadRecording."""
    rejects, days = Rejects(path.name), defaultdict[date, list[Line]](list)
    with opened(path, errors="replace") as text:
        for line in lines(text, path, NEEDED):
            try:
                days[_pulled(line, dated)].append(line)
            except BadRow as error:
                rejects.add(line, error)
    for one in some(sorted(days), path):
        yield _session(one, days[one], underlying, rejects)


def _pulled(line: Line, dated: date | None) -> date:
    text = line.said(*PULLED)
    if not text and dated:
        return dated
    return session_day(text)


def _session(one: date, rows: list[Line], underlying: str, rejects: Rejects) -> RecordedChain:
    session, taken_at = _moment(one, rows, underlying)
    spot = _spot(rows)
    quotes = of_rows(rows, lambda line: _quote(line, underlying, taken_at, session, spot), rejects, str(one))
    chain = OptionChain(
        underlying=underlying, vendor="yahoo", received_at=taken_at, quotes=quotes, left_out=rejects.of(str(one)),
    )  # fmt: skip
    return RecordedChain(chain, session, taken_at, spot, taken_at if spot else None)


def _moment(one: date, rows: list[Line], underlying: str) -> tuple[date, datetime]:
    """By the time that the lines give, or the last trade of the day; at the close where that is near."""
    session, closed = moments.close(one, underlying)
    times = [at for line in rows if (at := _time(line, PULLED)) and len(line.text(*PULLED)) > len("2025-10-06")]
    if times:
        return moments.held(max(times), underlying)
    traded = [at for line in rows if (at := _time(line, TRADED)) and at <= closed]
    last = max(traded, default=closed)
    if calendar.session_date(last, moments.MARKET) < session:
        return moments.close(moments.before(session), underlying)  # nothing traded yet: pulled before the open
    return session, closed if closed - last <= NEAR_CLOSE + moments.late(underlying) else last


def _time(line: Line, names: tuple[str, ...]) -> datetime | None:
    try:
        return moment(line.text(*names))
    except BadRow:
        return None


def _spot(rows: list[Line]) -> float | None:
    for line in rows:
        try:
            if found := line.price(*SPOT):
                return found
        except BadRow:
            continue
    return None


def _quote(line: Line, underlying: str, at: datetime, session: date, spot: float | None) -> OptionQuote:
    size = line.said("contractsize").upper() or "REGULAR"
    contract = named(line.text(*SYMBOL).upper(), underlying, line.price(*STRIKE), MULTIPLIERS.get(size, 100))
    if (text := line.said(*EXPIRY)) and day(text) != contract.expiry:
        raise BadRow(f"{contract.symbol} comes with an expiry of {text}")
    if (text := line.said(*TYPE).upper()[:1]) and text != ("C" if contract.right is Right.CALL else "P"):
        raise BadRow(f"{contract.symbol} comes as {line.text(*TYPE)!r}")
    bid, ask, last = line.price("bid"), line.price("ask"), line.price(*LAST)
    traded, iv = moment(line.text(*TRADED)), line.fraction(*IV)
    wild = iv is not None and (iv <= PLACEHOLDER or (iv > HIGHEST and not (bid and ask)))
    return OptionQuote(
        contract=contract, vendor="yahoo", received_at=at, bid=bid, ask=ask, last=last if traded else None,
        last_as_of=traded, volume=line.amount("volume"),
        open_interest=line.amount(*INTEREST), open_interest_date=session, iv=None if wild else iv,
        underlying_price=spot, flags=frozenset() if size == "REGULAR" and not contract.adjusted else ADJUSTED,
    )  # fmt: skip
