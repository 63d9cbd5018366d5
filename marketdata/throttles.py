"""How often one address may ask, counted in Redis for all web processes together."""

import math
import time
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from marketdata.cache import client
from marketdata.live import topics

if TYPE_CHECKING:  # REST framework's views import this class while they are being made
    from rest_framework.views import APIView

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Throttle(BaseThrottle):
    """A sliding window per `throttle_scope` of the view and address (X-Forwarded-For: as NUM_PROXIES says)."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether the view may answer; without Redis it may: a lost counter is no reason to refuse."""
        scope = getattr(view, "throttle_scope", None)
        rate = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].get(scope)
        if not rate:
            return True
        most, period = parse(rate)
        try:
            used = _use(f"{topics.THROTTLE}{scope}:{self.get_ident(request)}", period)
        except redis.RedisError:
            return True
        self._wait = math.ceil(period - time.time() % period)
        return used <= most

    def wait(self) -> float:
        """Seconds until the current window has passed."""
        return self._wait


def parse(rate: str) -> tuple[int, int]:
    """`600/min` -> (600, 60): so many requests in so many seconds."""
    most, _, period = rate.partition("/")
    return int(most), _SECONDS[period[:1]]


def _use(key: str, period: int) -> float:
    """Count this request; the window before counts by the share of it that a sliding window would still see."""
    window, into = divmod(time.time(), period)
    pipe = client().pipeline(transaction=False)
    pipe.incr(f"{key}:{window:.0f}")
    pipe.expire(f"{key}:{window:.0f}", 2 * period)
    pipe.get(f"{key}:{window - 1:.0f}")
    now, _, before = pipe.execute()
    return float(now) + float(before or 0) * (1 - into / period)
