"""The door of a socket: accept, refuse with a code that a browser can read, and hand each command on."""

from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings

from marketdata.live import limits, problems, protocol, topics
from marketdata.live.clients import Client
from marketdata.live.commands import Commands
from marketdata.live.frames import EXTENSION
from marketdata.live.hub import hub
from marketdata.live.pipes import PlainPipe, PreparedPipe
from marketdata.live.problems import Problem
from marketdata.live.protocol import Subscribe
from marketdata.symbols import InvalidSymbol, canonical

BATCHES = "goldensignals.batch"
"""The subprotocol of clients that want a JSON array per frame."""


class Socket(AsyncConsumer):  # type: ignore[misc]
    """`/ws`: a client that says what it wants. The hub writes to it, so it needs no channel of its own."""

    channel_layer_alias = "none"
    client: Client | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket; however it ends, nothing of it stays behind."""
        self.address = (scope.get("client") or [""])[0]
        self.admitted = limits.admit(self.address)
        try:
            await super().__call__(scope, receive, send)
        finally:
            limits.dismiss(self.address)
            if self.client is not None:
                self.commands.close()
                hub().leave(self.client)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' visit to the database thread for each message: a socket uses none."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Accept first: a browser sees a refused handshake only as 1006."""
        batches = BATCHES in self.scope.get("subprotocols", ())
        await self.send({"type": "websocket.accept", "subprotocol": BATCHES if batches else None})
        frames = (self.scope.get("extensions") or {}).get(EXTENSION)
        pipe = PreparedPipe(frames, batches) if frames else PlainPipe(self.send, batches)
        self.client = Client(pipe, hub().figures, self.address, self.scope["path"])
        self.commands = Commands(self.client, self.scope.get("authenticate"), self.opened)
        self.rate = limits.Rate(settings.WS_MAX_MESSAGES_PER_SECOND)
        hub().enter(self.client)
        if refusal := self._refusal():
            self.commands.refuse(*refusal)
        else:
            await self.commands.begin(self.scope.get("identity"))

    async def opened(self) -> None:
        """What this address does by itself before the client says anything."""

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Answer each message of the frame in order."""
        if self.client is None or self.client.ended is not None:
            return
        text = message.get("text")
        if text is None:
            said: list[Any] = [Problem("binary_not_spoken", "Send JSON in text frames.")]
        else:
            said = protocol.parse(text, settings.WS_MAX_MESSAGE_BYTES)
        if not self.rate.allows(len(said)):
            title = f"More than {settings.WS_MAX_MESSAGES_PER_SECOND:g} messages a second. Come back and say less."
            self.commands.refuse(Problem("flood", title, retryable=True), problems.FLOOD)
            return
        for command in said:
            await self.commands.do(command)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """The socket is closed."""
        raise StopConsumer

    def _refusal(self) -> tuple[Problem, int] | None:
        if not limits.origin_allowed(dict(self.scope.get("headers", ()))):
            title = "Pages of this origin may not connect. Add it to WS_ALLOWED_ORIGINS."
            return Problem("origin_not_allowed", title), problems.FORBIDDEN
        if not self.admitted:
            title = f"More than {settings.WS_MAX_SOCKETS_PER_ADDRESS} sockets of one address. Close some."
            return Problem("too_many_sockets", title, retryable=True), problems.FLOOD
        return None


class SubscribedSocket(Socket):
    """A socket whose address says what it wants; the client may ask for more."""

    async def begin_with(self, symbols: dict[str, str | None]) -> None:
        """Subscribe as if the client had asked; close if that is not possible."""
        problem = await self.commands.subscribe(Subscribe(symbols))
        if problem is not None and self.client is not None:
            self.client.end(problems.TRY_LATER if problem.retryable else problems.UNKNOWN, problem.code)


class MarketSocket(SubscribedSocket):
    """`/ws/market/{symbol}`: the quotes of one symbol."""

    async def opened(self) -> None:
        """Subscribe to the symbol of the address."""
        try:
            symbol = canonical(self.scope["url_route"]["kwargs"]["symbol"])
        except InvalidSymbol as error:
            self.commands.refuse(Problem("invalid_symbol", str(error)), problems.UNKNOWN)
        else:
            await self.begin_with({topics.market(symbol): symbol})


class SignalsSocket(SubscribedSocket):
    """`/ws/signals`: the signals of all symbols."""

    async def opened(self) -> None:
        """Subscribe to the signals."""
        await self.begin_with({topics.SIGNALS: None})


class NowhereSocket(Socket):
    """Any other address."""

    async def opened(self) -> None:
        """Say so and close."""
        title = "There is no socket at this address. There are /ws, /ws/market/{symbol} and /ws/signals."
        self.commands.refuse(Problem("unknown_address", title), problems.UNKNOWN)
