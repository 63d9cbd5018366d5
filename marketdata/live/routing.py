"""The addresses of the sockets."""

from typing import Any

from django.urls import URLPattern, path, re_path

from marketdata.live import consumer


def _socket(kind: type[consumer.Socket]) -> Any:
    return kind.as_asgi()


urlpatterns: list[URLPattern] = [
    path("ws", _socket(consumer.Socket)),
    path("ws/market/<str:symbol>", _socket(consumer.MarketSocket)),
    path("ws/signals", _socket(consumer.SignalsSocket)),
    re_path("", _socket(consumer.NowhereSocket)),
]
