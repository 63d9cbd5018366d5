"""What each command does for one client."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from redis import RedisError

from marketdata import wiring
from marketdata.live import answering, problems, rounds
from marketdata.live.clients import Client
from marketdata.live.hub import hub
from marketdata.live.identity import Authenticate, Expired, Identity, NotProven
from marketdata.live.outbox import Message
from marketdata.live.problems import Id, Problem
from marketdata.live.protocol import Authenticate as Token
from marketdata.live.protocol import Command, Ping, Request, Subscribe, Unsubscribe

PROVE_WITHIN = 10.0
"""Seconds to authenticate in where that is required."""

_known: set[str] = set()


class Commands:
    """The commands of one client; `opened` is called once it may see anything."""

    def __init__(self, client: Client, prove: Authenticate | None, opened: Callable[[], Awaitable[None]]) -> None:
        self._client, self._prove, self._opened = client, prove, opened
        self._admitted = False
        self._alarm: asyncio.TimerHandle | None = None

    async def begin(self, identity: Identity | NotProven | None) -> None:
        """Let the client in, or wait for its token if one is required; a bad proof is never taken for none."""
        if isinstance(identity, NotProven):
            self._not_proven(identity)
        elif identity is not None:
            await self._proven(identity)
        elif settings.WS_AUTH_REQUIRED:
            late = Problem(
                "unauthorized", 'No token came. Send {"type": "authenticate", "data": {"token": "…"}} first.'
            )
            self._set_alarm(PROVE_WITHIN, late)
        else:
            await self._admit()

    async def do(self, command: Command | Problem) -> None:
        """Carry out one command, or tell the client what is wrong with it."""
        match command:
            case Problem():
                self.say(command.message())
            case Ping():
                self.say({"type": "pong", "timestamp": datetime.now(UTC), "t": command.t}, command.id)
            case Token():
                await self._authenticate(command)
            case _ if not self._admitted:
                self.say(Problem("unauthorized", "Authenticate first.", id=command.id).message())
            case Subscribe():
                await self.subscribe(command)
            case Unsubscribe():
                left = hub().unsubscribe(self._client, command.topics)
                self._ack(command.id, [{"topic": topic} for topic in left])
            case Request():
                await self._answer(command)

    async def subscribe(self, command: Subscribe) -> Problem | None:
        """Snapshots, then the ack, then updates; returns the last problem if nothing of it could be done."""
        unknown = await _unknown(symbol for symbol in command.symbols.values() if symbol is not None)
        refused = [*command.refused, *(_unknown_symbol(symbol, command.id) for symbol in sorted(unknown))]
        for problem in refused:
            self.say(problem.message())
        topics = [topic for topic, symbol in command.symbols.items() if symbol not in unknown]
        failed = await self._join(topics, command) if topics else None
        if failed is not None:
            self.say(failed.message())
        return failed or (None if topics else refused[-1])

    async def _answer(self, command: Request) -> None:
        try:
            data = await answering.answer(command.action)
        except (RedisError, OSError, DatabaseError, InterfaceError):
            self.say(problems.unavailable(command.id).message())
        else:
            self.say({"type": command.action, "timestamp": datetime.now(UTC), "data": data}, command.id)

    async def _join(self, topics: list[str], command: Subscribe) -> Problem | None:
        if len(self._client.topics.union(topics)) > settings.WS_MAX_SUBSCRIPTIONS:
            title = f"A socket may have {settings.WS_MAX_SUBSCRIPTIONS} subscriptions. Leave some, or open another."
            return Problem("too_many_subscriptions", title, id=command.id)
        try:
            await rounds.want(topics)
            joined = await hub().subscribe(self._client, topics, command.resume, command.epoch)
        except (RedisError, OSError):
            return problems.unavailable(command.id)
        self._ack(command.id, [one.message() for one in joined])
        return None

    def say(self, said: Mapping[str, Any], id_: Id = None) -> None:
        """Send the client one message."""
        named = said if id_ is None else {**said, "id": id_}
        self._client.say(Message("", msgspec.json.encode(named)))

    def refuse(self, problem: Problem, code: int) -> None:
        """Say why, and close."""
        self.say(problem.message())
        self._client.end(code, problem.code)

    def close(self) -> None:
        """The client is gone."""
        if self._alarm is not None:
            self._alarm.cancel()

    async def _authenticate(self, command: Token) -> None:
        if self._prove is None:
            self.say(Problem("unauthorized", "This server knows no tokens.", id=command.id).message())
            return
        try:
            identity = await self._prove(command.token)
        except NotProven as error:
            self._not_proven(error, command.id)
            return
        expires = None if identity.expires is None else datetime.fromtimestamp(identity.expires, UTC)
        await self._proven(identity)
        self.say({"type": "authenticated", "data": {"user": identity.user, "expires": expires}}, command.id)

    async def _proven(self, identity: Identity) -> None:
        self._client.user = identity.user
        self.close()
        if identity.expires is not None:
            title = "The token has expired. Authenticate with a new one before that, and the socket stays."
            self._set_alarm(identity.expires - time.time(), Problem("token_expired", title))
        await self._admit()

    async def _admit(self) -> None:
        if not self._admitted:
            self._admitted = True
            await self._opened()

    def _not_proven(self, error: NotProven, id_: Id = None) -> None:
        code = "token_expired" if isinstance(error, Expired) else "invalid_token"
        title = "The token has expired." if isinstance(error, Expired) else "The token is not valid."
        self.refuse(Problem(code, f"{title} Get a new one and connect again.", id=id_), problems.UNAUTHORIZED)

    def _set_alarm(self, seconds: float, problem: Problem) -> None:
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(max(0.0, seconds), self.refuse, problem, problems.UNAUTHORIZED)

    def _ack(self, id_: Id, topics: list[dict[str, Any]]) -> None:
        if id_ is not None:
            self.say({"type": "ack", "data": {"topics": topics}}, id_)


def _unknown_symbol(symbol: str, id_: Id) -> Problem:
    return Problem("unknown_symbol", f"{symbol} is not known here.", id=id_, symbol=symbol)


async def _unknown(symbols: Iterable[str]) -> set[str]:
    new = [symbol for symbol in symbols if symbol not in _known]
    if not new:
        return set()
    unknown: set[str] = await database_sync_to_async(_not_known)(new)
    _known.update(symbol for symbol in new if symbol not in unknown)
    return unknown


def _not_known(symbols: list[str]) -> set[str]:
    return {symbol for symbol in symbols if not wiring.knows(symbol)}
