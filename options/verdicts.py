"""The next session's open interest put to the alerts that wait for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from marketdata import calendar
from options import store
from options.confirming import confirmed, is_newer
from options.domain import Alert

_NAMES = ("root", "expiry", "strike", "is_call", "volume", "open_interest", "open_interest_date", "taken_at",
          "still_since")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Count:
    """What a session's last chain says of one contract."""

    volume: float | None
    open_interest: float | None
    dated: date | None
    taken_at: datetime
    still_since: datetime


def confirm(market: str, today: date, underlying: str | None = None, settled: bool = False) -> list[Alert]:
    """Judge the alerts up to the session `today` whose next count of open interest is in; returns those judged.

    A count that may still flicker waits, unless the session it came in is over, or it is `settled` (read from a file).
    """
    waiting: defaultdict[tuple[str, date], list[Alert]] = defaultdict(list)
    for one in store.pending(market, today + timedelta(days=1), underlying):
        waiting[one.underlying, one.session].append(one)
    return [one for (name, session), those in waiting.items() for one in _confirm(name, session, those, today, settled)]


def _confirm(underlying: str, session: date, those: Sequence[Alert], today: date, settled: bool) -> list[Alert]:
    market = those[0].market
    then = _counts(underlying, market, session)
    if _is_after_trading(then, session):
        day, now, differs, final = _next(session, market), then, True, True
        began: dict[str, _Count] = {}
    elif later := next((one for one in store.sessions(underlying, market) if session < one <= today), None):
        day, now, began, final = later, _counts(underlying, market, later), then, settled or today > later
        differs = any(one in now and now[one].open_interest != count.open_interest for one, count in then.items())
    else:
        return []
    judged = (
        _judged(_settled(one, began.get(one.symbol)), then.get(one.symbol), now.get(one.symbol), day, differs, final)
        for one in those
    )
    return store.judge([one for one in judged if one is not None])


def _settled(alert: Alert, began: _Count | None) -> Alert:
    """With the count that its session ended with: in the morning it may still have been that of the day before."""
    return alert if began is None else replace(alert, open_interest=began.open_interest)


def _is_after_trading(counts: dict[str, _Count], session: date) -> bool:
    """Whether the vendor tells the open interest of the session's own close: it is that of the next morning."""
    return any(one.dated is not None and one.dated >= session for one in counts.values())


def _next(session: date, market: str) -> date:
    return calendar.sessions(session + timedelta(days=1), session + timedelta(days=10), market)[0]


def _judged(
    alert: Alert, then: _Count | None, now: _Count | None, day: date, differs: bool, final: bool
) -> Alert | None:
    """The alert with its verdict, or None where it has to wait."""
    volume = then.volume if then else None
    if alert.expiry <= alert.session:
        return confirmed(alert, None, day, volume)
    if now is None:
        return confirmed(alert, None, day, volume) if final else None
    if not final and not is_newer(alert.open_interest_date, now.dated, now.taken_at, now.still_since, differs):
        return None
    before = alert.open_interest_date
    of_one_date = before is not None and now.dated is not None and now.dated <= before
    return confirmed(alert, None if of_one_date else now.open_interest, day, volume)


def _counts(underlying: str, market: str, session: date) -> dict[str, _Count]:
    found: dict[str, _Count] = {}
    for row in store.of_session(underlying, market, session, _NAMES):
        for symbol, volume, interest in zip(
            store.symbols(row).tolist(), row["volume"].tolist(), row["open_interest"].tolist(), strict=True
        ):
            found[symbol] = _count(row, volume, interest)
    return found


def _count(row: dict[str, Any], volume: float, interest: float) -> _Count:
    traded, held = (None if np.isnan(one) else one for one in (volume, interest))
    return _Count(traded, held, row["open_interest_date"], row["taken_at"], row["still_since"])
