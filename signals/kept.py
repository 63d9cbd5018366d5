"""What was let go, for the doors that are asked for it: they say so, and why."""

from datetime import datetime

from marketdata.sources.base import Unsupported
from signals import spans, store
from signals.chaining import Entry
from signals.domain import LetGo


class NoLongerKept(Unsupported):
    """It was here, and was let go."""

    remedy = (
        "What nobody was told of is kept for SIGNALS_MINUTE_DAYS days where it is about minutes (0: for ever), and"
        " cannot be had again. What was told, all days (as 5d), every outcome and the ledger stay."
    )


def let_go_with(entry: Entry) -> LetGo | None:
    """The record that names the decision of this entry, if it was let go."""
    return next((one for one in store.let_go(number=entry.seq) if spans.has(one.entries, entry.seq)), None)


def is_of_minutes(horizon: str) -> bool:
    """Whether a horizon is one whose evidence is let go; "" stands for all."""
    return not horizon or horizon.endswith("m")


def refuse_what_was_let_go(market: str, start: datetime, end: datetime, horizon: str) -> None:
    """NoLongerKept where decisions with `at` in [start, end) were let go."""
    found = [one for one in store.let_go(market) if one.first < end and start < one.before]
    if found and is_of_minutes(horizon):
        until = max(one.before for one in found).isoformat()
        raise NoLongerKept(
            f"{sum(one.count for one in found)} decisions on minutes from before {until}, and the bars that were seen"
            " for them, were let go: they cannot be replayed. Replay later dates, or days alone (--horizon 5d)"
        )
