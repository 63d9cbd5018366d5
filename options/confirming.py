"""What the next session's open interest says of an alert, and how often it said yes.

Volume is trading; open interest, which is counted once a day after the close, tells whether positions were opened by
it. An alert is OPENED when the next count rose by at least half of the session's volume, CLOSED when it fell by as
much, and UNCLEAR in between, or where nobody will ever know: the contract has expired or changed, or had no count.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from options.domain import Alert, Confirmation, Verdict
from options.wilson import wilson

HALF = 0.5
STEADY = timedelta(minutes=30)
"""For so long a count must stand still: around its change vendors give the old one and the new one by turns."""


def confirmed(alert: Alert, next_open_interest: float | None, day: date, volume: float | None = None) -> Alert:
    """The alert with its verdict; `day` is the session whose open interest it is, `volume` the whole session's.

    Raises ValueError where that session is not a later one: counts of one date are never compared.
    """
    if day <= alert.session:
        raise ValueError(f"{alert.id}: the open interest of {day} cannot confirm the session of {alert.session}")
    traded = max(alert.volume, volume or 0.0)
    known = next_open_interest is not None and alert.open_interest is not None
    change = next_open_interest - alert.open_interest if known else None  # type: ignore[operator]
    return replace(
        alert, volume=traded, next_open_interest=next_open_interest, change=change, confirmed_at=day,
        verdict=_verdict(change, traded),
    )  # fmt: skip


def _verdict(change: float | None, volume: float) -> Verdict:
    if change is None or not volume:
        return Verdict.UNCLEAR
    if change >= HALF * volume:
        return Verdict.OPENED
    return Verdict.CLOSED if change <= -HALF * volume else Verdict.UNCLEAR


def is_newer(before: date | None, after: date | None, taken_at: datetime, still_since: datetime, differs: bool) -> bool:
    """Whether a count is a later one than that of the alert, and not one that flickers.

    `before`, `after`: the dates of the two counts (None: nobody knows). Where both are known the second must be later.
    Dates are often but assumed: besides, the counts of the chain must differ at all from those of the session before,
    and have stood still for 30 minutes at `taken_at`.
    """
    if before is not None and after is not None and after <= before:
        return False
    return differs and taken_at - still_since >= STEADY


def moved(alert: Alert, middle: float | None, at: datetime) -> Alert:
    """The alert with its best and worst move, after a look at the contract's price (dollars per share)."""
    if middle is None or at <= alert.raised_at or not alert.price:
        return alert
    move = middle / alert.price - 1
    best = move if alert.best is None else max(alert.best, move)
    worst = move if alert.worst is None else min(alert.worst, move)
    return replace(alert, best=best, worst=worst)


def rates(alerts: Iterable[Alert]) -> tuple[Confirmation, ...]:
    """For each rule and version, by name: its verdicts, and the share that opened among those that are known."""
    verdicts: dict[tuple[str, int], list[Verdict]] = {}
    for one in alerts:
        verdicts.setdefault((one.rule, one.version), []).append(one.verdict)
    counts = {rule: {verdict: found.count(verdict) for verdict in Verdict} for rule, found in verdicts.items()}
    return tuple(confirmation(*rule, counts[rule]) for rule in sorted(counts))


def confirmation(rule: str, version: int, counts: dict[Verdict, int]) -> Confirmation:
    """From the number of alerts by verdict."""
    opened, closed, unclear, pending = (
        counts.get(one, 0) for one in (Verdict.OPENED, Verdict.CLOSED, Verdict.UNCLEAR, Verdict.PENDING)
    )
    known = opened + closed + unclear
    low, high = wilson(opened / known, known) if known else (None, None)
    return Confirmation(
        rule=rule, version=version, alerts=known + pending, opened=opened, closed=closed, unclear=unclear,
        pending=pending, share=opened / known if known else None, low=low, high=high,
    )  # fmt: skip
