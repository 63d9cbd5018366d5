"""Cboe's export of delayed quotes: some lines about the underlying, then one line for each strike, calls and puts."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from marketdata.chains import OptionChain, OptionQuote
from marketdata.sources import recorded_chain_moment as moments
from marketdata.sources.recorded_chain_table import BadChainFile, Line, Rejects, fields, named, numbered, plain
from marketdata.sources.recorded_chain_values import RecordedChain, of_rows
from marketdata.sources.recorded_folder import opened

NEW_YORK = ZoneInfo("America/New_York")
DELAY = 900
HEAD = 10
"""Lines within which the header must stand."""
FORMS = ("%B %d, %Y at %I:%M %p", "%b %d, %Y at %I:%M %p", "%b %d %Y @ %H:%M", "%B %d %Y @ %H:%M")
SIDE = ("calls", "lastsale", "net", "bid", "ask", "volume", "iv", "delta", "gamma", "openinterest")


def sessions(path: Path, underlying: str, dated: date | None) -> Iterator[RecordedChain]:
    """The one chain of the file; raises BadRecording."""
    rejects = Rejects(path.name)
    with opened(path, errors="replace") as text:
        head = list(islice(text, HEAD))
        place = next((i for i, one in enumerate(head) if plain(one).startswith("expirationdate")), None)
        if place is None:
            raise BadChainFile(f"{path.name} has no line that begins with Expiration Date")
        names = _names(fields(head[place]), path)
        rest = chain([*head[place + 1 :]], text)
        rows = [half for line in numbered(rest, names, place + 1) for half in _halves(line)]
    session, taken_at, stamp = _moment("\n".join(head[:place]), dated, underlying, path)
    spot = _spot("\n".join(head[:place]))
    quotes = of_rows(rows, lambda line: _quote(line, underlying, taken_at, session, spot), rejects, "")
    found = OptionChain(
        underlying=underlying, vendor="cboe", received_at=taken_at, quotes=quotes, left_out=rejects.of(""),
    )  # fmt: skip
    yield RecordedChain(found, session, taken_at, spot, stamp if spot else None)


def _names(header: list[str], path: Path) -> list[str]:
    """The columns, those right of the strike as `puts…`."""
    names = [plain(name) for name in header]
    if "strike" not in names:
        raise BadChainFile(f"{path.name} has no column Strike")
    middle = names.index("strike")
    calls, puts = names[:middle], ["calls" if name == "puts" else name for name in names[middle + 1 :]]
    if missing := [name for name in SIDE if name not in calls or name not in puts]:
        raise BadChainFile(f"{path.name} has no column {', '.join(missing)} on both sides of Strike")
    return [*calls, "strike", *(f"puts{name}" for name in puts)]


def _halves(line: Line) -> Iterator[Line]:
    shared = {"strike": line.text("strike")}
    yield Line(line.number, {**shared, **{name: line.text(name) for name in SIDE}})
    yield Line(line.number, {**shared, **{name: line.text(f"puts{name}") for name in SIDE}})


def _spot(head: str) -> float | None:
    found = re.search(r"Last:\s*([\d.,]+\d)", head) or re.search(r'",\s*([\d]+\.\d+)\s*,', head)
    return float(found[1].replace(",", "")) or None if found else None


def _moment(head: str, dated: date | None, underlying: str, path: Path) -> tuple[date, datetime, datetime]:
    """Session and time of the quotes, and the time of the file (of its date at the close, where it tells no time)."""
    found = re.search(r"([A-Z][a-z]{2,8} \d{1,2},? \d{4} (?:at|@) \d{1,2}:\d\d(?: [AP]M)?)", head)
    for form in FORMS if found else ():
        try:
            stamp = datetime.strptime(found[1], form).replace(tzinfo=NEW_YORK).astimezone(UTC)  # type: ignore[index]
        except ValueError:
            continue
        return *moments.held(stamp, underlying), stamp
    if dated is None:
        raise BadChainFile(f"{path.name} tells no date, neither in its first lines nor in its name")
    session, closed = moments.close(dated, underlying)
    return session, closed, closed


def _quote(line: Line, underlying: str, at: datetime, session: date, spot: float | None) -> OptionQuote:
    return OptionQuote(
        contract=named(line.text("calls").upper(), underlying, line.price("strike")), vendor="cboe", received_at=at,
        bid=line.price("bid"), ask=line.price("ask"), last=line.price("lastsale"), volume=line.amount("volume"),
        open_interest=line.amount("openinterest"), open_interest_date=session, iv=line.fraction("iv"),
        delta=line.greek("delta"), gamma=line.greek("gamma"), underlying_price=spot, delayed_by=DELAY,
    )  # fmt: skip
