"""One per process: a single subscription to the channel layer, fanned out to every socket of the process."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from redis import RedisError

from marketdata.live import replay
from marketdata.live.audience import Audiences
from marketdata.live.board import Board, Known, Row
from marketdata.live.clients import Client
from marketdata.live.figures import Figures
from marketdata.live.joining import Joined, join
from marketdata.live.rounds import Rounds

ON_THE_WAY = 1.0
"""Seconds that a message may take from its numbering in Redis to this process before it counts as lost."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One open socket, as the inventory shows it."""

    id: int
    address: str
    path: str
    user: str | None
    since: float
    topics: tuple[str, ...]
    delivered: int
    dropped: int
    waiting: int


class Hub:
    """The clients of this process, what they listen to, and what is known of each topic."""

    def __init__(self) -> None:
        self.board, self.audiences, self.figures = Board(), Audiences(), Figures()
        self.clients: dict[int, Client] = {}
        self._rounds: Rounds | None = None
        self._repairs: dict[str, asyncio.Task[None]] = {}

    def connections(self) -> list[Connection]:
        """The open sockets, oldest first."""
        return [
            Connection(
                one.id,
                one.address,
                one.path,
                one.user,
                one.since,
                tuple(sorted(one.topics)),
                one.delivered,
                one.dropped,
                len(one.waiting),
            )
            for one in list(self.clients.values())
        ]

    def enter(self, client: Client) -> None:
        """A socket was accepted."""
        self._awake()
        self.clients[client.id] = client
        self.figures.connected += 1

    def leave(self, client: Client) -> None:
        """A socket is gone."""
        self.audiences.move(client, frozenset())
        self.clients.pop(client.id, None)

    async def subscribe(
        self, client: Client, topics: Sequence[str], resume: Mapping[str, int], epoch: str | None
    ) -> list[Joined]:
        """Send snapshots (or what was missed) and join; raises redis.RedisError or OSError while Redis is away."""
        await self._awake().listening()
        return await join(self, client, topics, resume, epoch)

    def unsubscribe(self, client: Client, topics: Sequence[str]) -> list[str]:
        """Send no more of these topics; returns those that were listened to."""
        left = [topic for topic in topics if topic in client.topics]
        self.audiences.move(client, client.topics.difference(left))
        return left

    def receive(self, batch: Mapping[str, Any]) -> None:
        """Pass on a batch that `publish` sent."""
        self.board.enter(batch["epoch"], self.audiences.topics())
        self.pass_on([Row(*row) for row in batch["events"]], sent=batch["sent"])

    def pass_on(self, rows: Sequence[Row], *, sent: float | None = None, gaps: bool = False) -> None:
        """Give what is new to whom it concerns; `sent` is the epoch second of the publishing."""
        fresh, holes = self.board.accept(rows, gaps)

        def noted(deliveries: int) -> None:
            if sent is not None:
                self.figures.latency.note(max(0.0, time.time() - sent), deliveries)

        self.audiences.deliver(fresh, noted)
        for topic in holes - self._repairs.keys():
            self._repairs[topic] = task = asyncio.ensure_future(self._repair(topic))
            task.add_done_callback(partial(self._repaired, topic))

    async def resync(self) -> None:
        """Compare with Redis, whatever was lost on the way; raises redis.RedisError or OSError."""
        names = [topic for topic in self.audiences.topics() if topic not in self._repairs]
        found, present = await replay.state(names), self.board.epoch
        if not self._behind(found):
            return
        # What Redis has numbered may still be on its way here, and with it more than the last message of each topic.
        await asyncio.sleep(ON_THE_WAY)
        if self.board.epoch != present:
            return
        self.board.enter(found.epoch, self.audiences.topics())
        behind = self._behind(found)
        self.figures.resyncs += bool(behind)
        self.pass_on([Row(name, known.seq, True, known.text) for name, known in behind.items() if known.text])
        for name, known in behind.items():
            if known.text is None and found.epoch:
                self.pass_on(await replay.missed(found.epoch, name, self.board.seq(name)), gaps=True)

    def _behind(self, found: replay.State) -> dict[str, Known]:
        """The topics of which Redis knows more than we, all of them if it counts anew."""
        known = self.board.seq if found.epoch == self.board.epoch else (lambda _: 0)
        return {name: there for name, there in found.topics.items() if there.seq > known(name)}

    def _awake(self) -> Rounds:
        if self._rounds is None:
            self._rounds = Rounds(self)
        return self._rounds

    def _repaired(self, topic: str, _: object) -> None:
        del self._repairs[topic]

    async def _repair(self, topic: str) -> None:
        epoch = self.board.epoch
        try:
            if epoch:
                self.pass_on(await replay.missed(epoch, topic, self.board.seq(topic)), gaps=True)
        except (OSError, RedisError):
            return  # the next resync finds the same hole


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()
_latest = Hub()


def hub() -> Hub:
    """The hub of the running event loop; outside one (a view in a thread) the hub that serves this process."""
    global _latest
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _latest
    if loop not in _hubs:
        _hubs[loop] = _latest = Hub()
    return _hubs[loop]
