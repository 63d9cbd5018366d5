"""How much one client, one address and one web page of another site may do."""

import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

BURST = 5
"""Seconds' worth of messages that may come at once: a page that opens subscribes to all it shows."""


class Rate:
    """A token bucket for the messages of one socket."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left, self._at = BURST * per_second, time.monotonic()

    def allows(self, messages: int) -> bool:
        """Take so many from the bucket; false if there are not enough."""
        now = time.monotonic()
        self._left = min(BURST * self._per_second, self._left + (now - self._at) * self._per_second) - messages
        self._at = now
        return self._left >= 0


sockets: Counter[str] = Counter()
"""Open sockets of this process by address."""


def admit(address: str) -> bool:
    """Count a socket of this address; false if it has too many already."""
    sockets[address] += 1
    return bool(sockets[address] <= settings.WS_MAX_SOCKETS_PER_ADDRESS)


def dismiss(address: str) -> None:
    """A socket of this address is gone."""
    sockets[address] -= 1
    if sockets[address] <= 0:
        del sockets[address]


def origin_allowed(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a page of this origin may open a socket: our own host's, one of WS_ALLOWED_ORIGINS, or no page at all."""
    origin, host = (headers.get(name, b"").decode("latin-1").lower() for name in (b"origin", b"host"))
    if not origin:
        return True
    allowed = [one.lower().rstrip("/") for one in settings.WS_ALLOWED_ORIGINS]
    if "*" in allowed or origin in allowed:
        return True
    try:
        own, name = urlsplit(origin), urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    # A name that an attacker points at us (DNS rebinding) is the page's own host too, but none that we answer to.
    shown = f"[{name}]" if ":" in name else name
    return own.netloc == host and bool(validate_host(shown, settings.ALLOWED_HOSTS))
