"""How many requests each vendor may be sent: counted in Redis, by vendor and key, for all processes together."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from limits import RateLimitItem, RateLimitItemPerSecond, parse_many
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from marketdata.cache import client
from marketdata.live import topics
from marketdata.sources.base import BudgetSpent, Capability

ARRIVES = 1
"""Seconds that a request may be on its way: by so much our windows are longer than the vendor's."""
BACKFILL, REST = Fraction(1, 3), Fraction(1, 2)
"""The shares of a budget that bars may take, and that bars, chains, news and books may take together."""


@dataclass(frozen=True, slots=True)
class Used:
    """How much of one limit is left: `amount` requests in `window` seconds."""

    limit: str
    amount: int
    window: int
    left: int


class Budget:
    """The limits of one vendor and key, such as `200/minute; 10/second`; an empty text is no limit, others ValueError.

    Quotes come first: the other capabilities leave them their share, unless `whole`. Where only some capabilities are
    `limited`, the others cost nothing, and there is nobody to leave a share to.
    """

    def __init__(self, owner: str, limits: str, limited: Collection[str] = ()) -> None:
        self._owner, self._limited = owner, limited
        self._items = [(str(item), _longer(item)) for item in parse_many(limits)] if limits.strip() else []
        if any(item.amount < 1 or item.get_expiry() < 1 for _, item in self._items):
            raise ValueError(f"{limits!r} allows no request at all")

    def spend(self, what: Capability, cost: int, whole: bool = False) -> None:
        """Take requests (or the vendor's weights); raises BudgetSpent and takes nothing where there are too few."""
        if self._limited and what not in self._limited:
            return
        whole = whole or bool(self._limited)
        wanted = [(item, name) for _, every in self._items for item, name in _shares(every, what, whole)]
        for item, name in wanted:
            if not _limiter().test(item, self._owner, name, cost=cost):
                raise self._spent(item, name)
        for item, name in wanted:
            if not _limiter().hit(item, self._owner, name, cost=cost):
                raise self._spent(item, name)

    def used(self) -> Sequence[Used]:
        """What is left of each limit."""
        return [
            Used(text, item.amount, item.get_expiry(), _limiter().get_window_stats(item, self._owner, "all").remaining)
            for text, item in self._items
        ]

    def _spent(self, item: RateLimitItem, name: str) -> BudgetSpent:
        wait = max(1.0, _limiter().get_window_stats(item, self._owner, name).reset_time - time.time())
        whom = "all" if name == "all" else f"{name}, after what is kept for more urgent ones,"
        return BudgetSpent(
            f"the budget of {self._owner.partition(':')[0]} ({item.amount} requests in {item.get_expiry()} s for {whom}"
            f" is spent)", wait,
        )  # fmt: skip


def _shares(every: RateLimitItem, what: Capability, whole: bool) -> list[tuple[RateLimitItem, str]]:
    """What a request counts against, the narrowest first."""
    shares = [(every, "all")]
    if what is not Capability.QUOTES and not whole:
        shares.insert(0, (_part(every, REST), "rest"))
    if what is Capability.BARS and not whole:
        shares.insert(0, (_part(every, BACKFILL), "bars"))
    return shares


def _part(item: RateLimitItem, share: Fraction) -> RateLimitItem:
    return RateLimitItemPerSecond(max(1, int(item.amount * share)), item.get_expiry(), topics.BUDGET)


def _longer(item: RateLimitItem) -> RateLimitItem:
    return RateLimitItemPerSecond(item.amount, item.get_expiry() + ARRIVES, topics.BUDGET)


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = RedisStorage("redis://", client().connection_pool, key_prefix=topics.BUDGET)
    return MovingWindowRateLimiter(storage)
