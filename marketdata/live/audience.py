"""Who listens to what: clients with the same subscriptions and the same kind of socket get the same bytes."""

import logging
from collections.abc import Callable, Iterable, Sequence

from marketdata.live.clients import Client
from marketdata.live.outbox import Message
from marketdata.live.pipes import Pack
from marketdata.live.problems import BROKEN

log = logging.getLogger("live_data_service")


class Audience:
    """The clients of one set of topics and one way of packing."""

    def __init__(self, topics: frozenset[str], pack: Pack) -> None:
        self.topics, self.pack = topics, pack
        self.clients: set[Client] = set()
        self.inbox: list[Message] = []

    def deliver(self) -> int:
        """Give all clients what came in; the number of messages times clients."""
        messages, self.inbox = self.inbox, []
        payload = self.pack(messages)
        for client in tuple(self.clients):
            try:
                client.give(payload, messages)
            except Exception:
                # Whatever one socket does, the others get their quotes.
                log.exception("client %d could not be served", client.id)
                client.end(BROKEN, "internal error")
        return len(messages) * len(self.clients)


class Audiences:
    """All audiences, and which of them listen to a topic."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[frozenset[str], Pack], Audience] = {}
        self._by_topic: dict[str, set[Audience]] = {}

    def topics(self) -> Iterable[str]:
        """Every topic that somebody listens to."""
        return self._by_topic.keys()

    def move(self, client: Client, topics: frozenset[str]) -> None:
        """Put the client among those who listen to exactly these topics."""
        if client.topics:
            self._take_out(client)
        client.topics = topics
        if topics:
            self._audience(topics, client.pipe.pack).clients.add(client)

    def deliver(self, messages: Sequence[Message], noted: Callable[[int], None]) -> None:
        """Give each message to all who listen to its topic; each client gets one write."""
        touched: dict[Audience, None] = {}
        for message in messages:
            for audience in self._by_topic.get(message.topic, ()):
                audience.inbox.append(message)
                touched[audience] = None
        for audience in touched:
            noted(audience.deliver())

    def _audience(self, topics: frozenset[str], pack: Pack) -> Audience:
        if (topics, pack) not in self._by_kind:
            audience = self._by_kind[topics, pack] = Audience(topics, pack)
            for topic in topics:
                self._by_topic.setdefault(topic, set()).add(audience)
        return self._by_kind[topics, pack]

    def _take_out(self, client: Client) -> None:
        audience = self._by_kind[client.topics, client.pipe.pack]
        audience.clients.discard(client)
        if audience.clients:
            return
        del self._by_kind[client.topics, client.pipe.pack]
        for topic in audience.topics:
            self._by_topic[topic].discard(audience)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
