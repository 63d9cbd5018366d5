"""What a hub asks of the data stores: where topics are now, and what a client missed."""

import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from marketdata import store
from marketdata.cache import aclient
from marketdata.live import retained, topics
from marketdata.live.board import Known, Row

MOST = 1000
"""Messages that are replayed at once; who missed more asks REST."""
_EPOCH = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
_END = "A"
"""Greater than every epoch."""

log = logging.getLogger("live_data_service")


class State(NamedTuple):
    """The epoch and where each topic is; epoch None: nothing was published yet."""

    epoch: str | None
    topics: dict[str, Known]


async def state(names: Sequence[str]) -> State:
    """The present number and retained message of each topic, in one transaction; raises redis.RedisError."""
    keys = [retained.key(name) or "" for name in names]
    async with aclient().pipeline(transaction=True) as pipe:
        pipe.get(topics.EPOCH)
        if names:
            pipe.hmget(topics.SEQUENCE, list(names))
            pipe.hmget(topics.LATEST, keys)
        epoch, *found = await pipe.execute()
    seqs, texts = found or ([], [])
    known = {name: Known(int(seq or 0), text) for name, seq, text in zip(names, seqs, texts, strict=True)}
    return State(epoch.decode() if epoch else None, known)


async def missed(epoch: str, topic: str, since: int) -> list[Row]:
    """The events of a topic after number `since` that are still kept, oldest first; raises redis.RedisError.

    From Redis, and what is no longer there from Postgres.
    """
    entries: Any = await aclient().xrange(retained.stream(epoch, topic), min=f"{since + 1}-0")
    rows = [Row(topic, int(id_.partition(b"-")[0]), False, fields[b"t"]) for id_, fields in entries]
    if rows and rows[0].seq == since + 1:
        return rows
    end = rows[0].seq if rows else since + 1 + MOST
    older = await _announced(topic, (epoch, since + 1), (epoch, end))
    return [*map(_row, older or ()), *rows]


async def earlier(topic: str, epoch: str, since: int, present: str | None) -> list[Row] | None:
    """The events of a topic after number `since` of a past epoch and before the present one (None: has not begun).

    Oldest first, and only of the market that is shown. None: not all of them are kept any more, or nobody knows the
    epoch. Raises redis.RedisError.
    """
    end = present or _END
    if epoch > end or not _EPOCH.fullmatch(epoch):
        return None
    found = await _announced(topic, (epoch, since), (end, 0))
    if found is None or len(found) > MOST or not is_whole(found, epoch, since):
        return None
    if epoch < _oldest() and (not found or found[0].epoch != epoch):
        return None
    market = await _market()
    return [_row(one) for one in found if (one.epoch, one.seq) > (epoch, since) and one.market in ("", market)]


def is_whole(found: Sequence[store.Announced], epoch: str, since: int) -> bool:
    """Whether nothing is missing in the numbers: from `since` in that epoch, from 1 in each later one."""
    of = {name: [one.seq for one in rows] for name, rows in groupby(found, lambda one: one.epoch)}
    first = of.pop(epoch, [])
    begins = first[:1] == [since] if since else first[:1] in ([], [1])
    runs = [(first, since or 1), *((numbers, 1) for numbers in of.values())]
    return begins and all(numbers == list(range(start, start + len(numbers))) for numbers, start in runs)


async def _announced(topic: str, first: tuple[str, int], end: tuple[str, int]) -> list[store.Announced] | None:
    """What Postgres has kept; None while it is away."""
    try:
        found: list[store.Announced] = await database_sync_to_async(store.announced)(topic, first, end, MOST + 2)
    except (DatabaseError, InterfaceError) as error:
        log.warning("what was missed of %s cannot be read now: %s", topic, type(error).__name__)
        return None
    return found


async def _market() -> str:
    if settings.MARKET != "auto":
        return str(settings.MARKET)
    found = await aclient().get(topics.MODE)
    return found.decode() if isinstance(found, bytes) else ""


def _oldest() -> str:
    """Of a numbering that began before this one, all messages may have been forgotten."""
    return f"{datetime.now(UTC) - store.ANNOUNCED_KEPT:%Y%m%dT%H%M%S%f}"


def _row(one: store.Announced) -> Row:
    return Row(one.topic, one.seq, False, one.text.encode())
