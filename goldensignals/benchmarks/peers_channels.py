"""The peer that everybody writes first: a plain Channels consumer, one group per symbol, served by Daphne."""

from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

django.setup()


class Quotes(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """As in the tutorial: a group is joined for each symbol, each quote is sent as it comes."""

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        """Subscribe and acknowledge."""
        self.symbols = content["data"]["symbols"]
        for symbol in self.symbols:
            await self.channel_layer.group_add(f"quotes.{symbol}", self.channel_name)
        await self.send_json({"type": "ack", "id": content["id"]})

    async def quote(self, event: dict[str, Any]) -> None:
        """Send one quote."""
        await self.send_json(event["message"])


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws", Quotes.as_asgi())])})
