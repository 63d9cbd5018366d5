"""How a source pays for its requests: it calls `request()` before each, and whoever asked it says what that costs."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Spend = Callable[[int], None]
"""Takes so many requests (or the vendor's weights) out of a budget; raises BudgetSpent where it holds too few."""


def free(cost: int) -> None:
    """What is not limited."""


_spend: ContextVar[Spend] = ContextVar("spend", default=free)


def request(cost: int = 1) -> None:
    """A source is about to send a request, in the thread in which it was asked; raises BudgetSpent."""
    _spend.get()(cost)


def paid(ask: Callable[[], T], spend: Spend, in_hand: int = 1) -> T:
    """Ask a source whose requests beyond the `in_hand` that are paid already are paid by `spend`."""
    left = in_hand

    def pay(cost: int) -> None:
        nonlocal left
        due, left = max(0, cost - left), max(0, left - cost)
        if due:
            spend(due)

    token = _spend.set(pay)
    try:
        return ask()
    finally:
        _spend.reset(token)
