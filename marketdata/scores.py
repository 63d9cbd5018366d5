"""What each source did today, counted in Redis by UTC date and kept for the scoreboard."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime

from marketdata.cache import client
from marketdata.live import topics
from marketdata.scoring import Score, bucket, percentile

KEPT = 400 * 86_400
"""Seconds."""
OUTAGE_AFTER = 3
"""Failures in a row that make an outage; it is counted from the first of them."""
COUNTS = ("answers", "errors", "gaps", "disagreements", "outages", "outage_seconds")
_ANSWERED, _PUSHED = "answered", "pushed"


def answered(source: str, seconds: float) -> None:
    """A source answered; an outage is over."""
    _add({f"{source} answers": 1, f"{source} {_ANSWERED} {bucket(seconds)}": 1})
    _well_again(source)


def pushed(source: str, lags: Sequence[float]) -> None:
    """A source pushed quotes that were so many seconds on their way."""
    counts: dict[str, int] = {}
    for lag in lags:
        field = f"{source} {_PUSHED} {bucket(lag)}"
        counts[field] = counts.get(field, 0) + 1
    _add(counts)
    _well_again(f"{source} {_PUSHED}")


def failed(source: str, *, pushing: bool = False) -> None:
    """A call or a connection failed whole."""
    channel = f"{source} {_PUSHED}" if pushing else source
    in_a_row = int(client().hincrby(topics.TROUBLE, channel, 1))  # type: ignore[arg-type]
    client().hsetnx(topics.TROUBLE, f"{channel} since", repr(time.time()))
    _add({f"{source} errors": 1, f"{source} outages": int(in_a_row == OUTAGE_AFTER)})


def left_out(source: str, symbols: int) -> None:
    """A source answered, but not about so many of the symbols that it was asked for."""
    _add({f"{source} gaps": symbols})


def disagreed(source: str) -> None:
    """A source began to say another price than the others."""
    _add({f"{source} disagreements": 1})


def of(day: date) -> dict[str, Score]:
    """The scores of a day by source."""
    found: dict[bytes, bytes] = client().hgetall(_key(day))  # type: ignore[assignment]
    words: dict[str, dict[str, int]] = {}
    for field, value in found.items():
        source, what = field.decode().split(" ", 1)
        words.setdefault(source, {})[what] = int(value)
    return {source: _score(source, day, counts) for source, counts in sorted(words.items())}


def _score(source: str, day: date, counts: dict[str, int]) -> Score:
    answers, pushes = (_histogram(counts, name) for name in (_ANSWERED, _PUSHED))
    return Score(
        source=source, day=day, **{name: counts.get(name, 0) for name in COUNTS}, pushes=sum(pushes.values()),
        latency_p50_ms=percentile(answers, 0.5), latency_p95_ms=percentile(answers, 0.95),
        push_p50_ms=percentile(pushes, 0.5), push_p95_ms=percentile(pushes, 0.95),
    )  # fmt: skip


def _histogram(counts: dict[str, int], name: str) -> dict[int, int]:
    parted = ((what.partition(" "), count) for what, count in counts.items())
    return {int(number): count for (kind, _, number), count in parted if kind == name}


def _well_again(channel: str) -> None:
    in_a_row, since = client().hmget(topics.TROUBLE, [channel, f"{channel} since"])  # type: ignore[misc]
    if in_a_row is None:
        return
    client().hdel(topics.TROUBLE, channel, f"{channel} since")
    if int(in_a_row) >= OUTAGE_AFTER and since:
        _add({f"{channel.split(' ')[0]} outage_seconds": round(time.time() - float(since))})


def _add(counts: dict[str, int]) -> None:
    key = _key(datetime.now(UTC).date())
    pipe = client().pipeline(transaction=False)
    for field, by in counts.items():
        if by:
            pipe.hincrby(key, field, by)
    pipe.expire(key, KEPT)
    pipe.execute()


def _key(day: date) -> str:
    return topics.SCORES + day.isoformat()
