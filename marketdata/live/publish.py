"""Announce: number each event, keep what a newcomer needs, and send one group message for the whole batch."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.commands.core import Script

from marketdata import store
from marketdata.cache import client
from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.live.retained import forget, retained

__all__ = ["forget", "publish", "retained"]

KEPT_EVENTS, KEPT_SECONDS = 1000, int(store.ANNOUNCED_KEPT.total_seconds())
"""How many events of a topic that never conflates Redis keeps, and how long after the last one."""

# Numbering, retaining and keeping are one step in Redis, so an older value never replaces a newer one there.
_NUMBER = """
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
  redis.call('DEL', KEYS[2], KEYS[3])
end
local numbers = {epoch}
for i, event in ipairs(cmsgpack.unpack(ARGV[2])) do
  local seq = redis.call('HINCRBY', KEYS[2], event[1], 1)
  local text = event[3] .. ',"epoch":"' .. epoch .. '","seq":' .. seq .. '}'
  if event[2] ~= '' then redis.call('HSET', KEYS[3], event[2], text) end
  if event[4] then
    local stream = ARGV[3] .. epoch .. ':' .. event[1]
    redis.call('XADD', stream, 'MAXLEN', '~', ARGV[4], seq .. '-0', 't', text)
    redis.call('EXPIRE', stream, ARGV[5])
  end
  numbers[i + 1] = seq
end
return numbers
"""


def publish(events: Sequence[Event]) -> None:
    """Send the events, in order, to every socket that subscribed to their topics.

    Those that do not conflate are kept in the database too. Raises redis.RedisError or django.db.DatabaseError: then
    an event may have been sent and may have not, and whoever must be sure announces it again.
    """
    if not events:
        return
    texts = [_text(event) for event in events]
    epoch, *numbers = _number(events, texts)
    tail = b',"epoch":"%s","seq":%%d}' % epoch
    rows = [
        [event.topic, seq, event.conflates, text + tail % seq]
        for event, seq, text in zip(events, numbers, texts, strict=True)
    ]
    batch = {"type": "live.batch", "epoch": epoch.decode(), "sent": time.time(), "events": rows}
    async_to_sync(get_channel_layer().group_send)(topics.GROUP, batch)
    store.save_announced([
        store.Announced(topic, epoch.decode(), seq, str(event.data.get("market", "")), text.decode())
        for event, (topic, seq, conflates, text) in zip(events, rows, strict=True) if not conflates
    ])  # fmt: skip


def _text(event: Event) -> bytes:
    """The message without its last brace: the number follows."""
    said = {"type": event.type, "data": event.data, "timestamp": event.timestamp.astimezone(UTC), "topic": event.topic}
    return _ENCODER.encode(said)[:-1]


def _number(events: Sequence[Event], texts: Sequence[bytes]) -> list[Any]:
    # Redis' msgpack knows no bytes.
    rows = [(e.topic, e.retain or "", text.decode(), not e.conflates) for e, text in zip(events, texts, strict=True)]
    keys = [topics.EPOCH, topics.SEQUENCE, topics.LATEST]
    args: list[Any] = [_epoch(), msgspec.msgpack.encode(rows), topics.STREAM, KEPT_EVENTS, KEPT_SECONDS]
    numbers: list[Any] = _script()(keys=keys, args=args)
    return numbers


def _epoch() -> str:
    """A name for a new numbering that a person can date; that of a later one is greater."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"


@cache
def _script() -> Script:
    return client().register_script(_NUMBER)


_ENCODER = msgspec.json.Encoder()
