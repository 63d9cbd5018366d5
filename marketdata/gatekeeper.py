"""The gate of the whole service: each vendor's budget and breakers, shared by all processes, and the alarms."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import redis

from marketdata import alarms, breaker
from marketdata.budget import Budget
from marketdata.cache import client
from marketdata.gate import Entry
from marketdata.live import topics
from marketdata.sources.base import (
    AuthFailed,
    BudgetSpent,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
)
from marketdata.sources.spending import Spend
from marketdata.symbols import Kind, kind

PAUSE = 15.0
"""Seconds that a source is left alone after some failures; the same after each failed probe."""
LONGEST = 900.0
"""Seconds to which the pause of a vendor grows that limits us each time it is asked again."""
DAY = 86_400.0
"""Seconds until a plan is asked again whether it includes something now."""
FOR_EVER = 3650 * DAY
ENTITLED_FOR = 3600
"""Seconds for which one refusal proves nothing against the plan, because it gave the like before."""

WITHOUT_REDIS = "Redis cannot be reached, and with it the count of what the vendor may still be sent"


class Gatekeeper:
    """`keys`: source -> its name with a fingerprint of its configuration: a new one begins with closed breakers."""

    def __init__(self, keys: Mapping[str, str], budgets: Mapping[str, Budget]) -> None:
        self._keys = keys
        self._budgets = budgets
        self._entitled: dict[str, float] = {}
        self._fine: set[str] = set()

    def enter(self, source: str, what: Capability, symbols: Sequence[str]) -> Entry:
        """Open breakers refuse; a breaker on probation puts its source at the end of the line."""
        of_source = self._names(source, what)
        kinds = sorted({kind(symbol) for symbol in symbols})
        try:
            found = breaker.conditions([*of_source, *(f"{of_source[1]}:{one}" for one in kinds)])
        except redis.RedisError:
            return Entry(Unavailable(WITHOUT_REDIS))
        for one in found[:2]:
            if one.is_open:
                return Entry(one.error or Unavailable(f"{source} is left alone for a while"))
        lacking = {one: state.error for one, state in zip(kinds, found[2:], strict=True) if not state.is_closed}
        refused = {symbol: error for symbol in symbols if (error := lacking.get(kind(symbol)))}
        return Entry(refused=refused, probation=not all(one.is_closed for one in found[:2]))

    def spender(self, source: str, what: Capability) -> Spend:
        """The vendor's budget; raises Unavailable where nobody can tell what is left of it."""
        return partial(self._spend, source, what)

    def tell(self, source: str, what: Capability, symbols: Sequence[str], error: SourceError | None) -> None:
        """As the table of errors has it: who is left alone, for how long, and what is an alarm."""
        with suppress(redis.RedisError):
            match error:
                case None | UnknownSymbol() | NoData():
                    self._answered(source, what, symbols if error is None else ())
                case BudgetSpent() | Unsupported():
                    pass
                case SourceError(of_one_symbol=True):
                    pass
                case NotEntitled():
                    self._refused(source, what, symbols, error)
                case _:
                    self._failed(source, what, symbols, error)

    def on_probation(self) -> list[tuple[str, str, breaker.Condition]]:
        """Source, what of it (`quotes`, `quotes:crypto`, or empty for all) and condition of breakers not closed."""
        owners = {key: source for source, key in self._keys.items()}
        parted = [(one.name.split(":", 2), one) for one in breaker.tripped()]
        return [
            (owners[":".join(name[:2])], "".join(name[2:]), one) for name, one in parted if ":".join(name[:2]) in owners
        ]

    def forgive(self, source: str) -> None:
        """Somebody says that the source may be asked again."""
        for owner, _, one in self.on_probation():
            if owner == source:
                breaker.forget(one.name)
        for name in alarms.sounding():
            if name.split(" ")[0] == source:
                alarms.end(name)

    def budget(self, source: str) -> Budget | None:
        """The source's budget; None where it has no limits."""
        return self._budgets.get(source)

    def _names(self, source: str, what: Capability) -> list[str]:
        key = self._keys.get(source, source)
        return [key, f"{key}:{what}"]

    def _spend(self, source: str, what: Capability, cost: int) -> None:
        budget = self._budgets.get(source)
        if budget is None:
            return
        try:
            shares = f"{self._names(source, Capability.QUOTES)[1]}:{Kind.SHARE}"
            whole = what is not Capability.QUOTES and not breaker.conditions([shares])[0].is_closed
            budget.spend(what, cost, whole)
        except redis.RedisError:
            raise Unavailable(WITHOUT_REDIS) from None

    def _answered(self, source: str, what: Capability, symbols: Sequence[str]) -> None:
        of_source = self._names(source, what)
        of_kinds = [f"{of_source[1]}:{one}" for one in sorted({kind(symbol) for symbol in symbols})]
        self._note_entitled(of_kinds)
        for one in breaker.conditions([*of_source, *of_kinds]):
            if not one.is_closed and not one.is_open:
                breaker.succeeded(one.name)
                self._fine.discard(f"{source} {what}")
        if f"{source} {what}" not in self._fine:
            self._end_alarms(source, what)

    def _end_alarms(self, source: str, what: Capability) -> None:
        whole, part = breaker.conditions(self._names(source, what))
        if whole.is_closed and part.is_closed:
            self._fine.add(f"{source} {what}")
            for name in (f"{source} AuthFailed", f"{source} RateLimited", f"{source} {what}"):
                alarms.end(name)

    def _note_entitled(self, names: Iterable[str]) -> None:
        now = time.monotonic()
        for name in names:
            if self._entitled.get(name, 0.0) < now:
                client().set(topics.ENTITLED + name, b"", ex=ENTITLED_FOR)
                self._entitled[name] = now + ENTITLED_FOR / 2

    def _refused(self, source: str, what: Capability, symbols: Sequence[str], error: SourceError) -> None:
        """The plan lacks this kind of instrument, unless it had it a moment ago: then it lacks this one symbol."""
        for one in sorted({kind(symbol) for symbol in symbols}):
            name = f"{self._names(source, what)[1]}:{one}"
            if not client().exists(topics.ENTITLED + name):
                breaker.failed(name, error, DAY, at_once=True, symbol=symbols[0])

    def _failed(self, source: str, what: Capability, symbols: Sequence[str], error: SourceError) -> None:
        whole, part = self._names(source, what)
        symbol = symbols[0] if symbols else ""
        self._fine.discard(f"{source} {what}")
        if isinstance(error, AuthFailed | RateLimited):
            pause = _pause(error, breaker.doublings(whole)) if isinstance(error, RateLimited) else FOR_EVER
            breaker.failed(whole, error, pause, at_once=True, symbol=symbol)
            alarms.sound(f"{source} {type(error).__name__}", str(error), error.remedy)
            return
        if not breaker.conditions([whole])[0].is_closed:
            breaker.failed(whole, error, PAUSE, at_once=True, symbol=symbol)
        breaker.failed(part, error, PAUSE, at_once=False, symbol=symbol)
        if breaker.conditions([part])[0].is_open:
            alarms.sound(f"{source} {what}", f"{type(error).__name__}: {error}", error.remedy)


def _pause(error: RateLimited, before: int) -> float:
    """What the vendor asks for, doubled each time that it asks again, but not over LONGEST unless it says so."""
    return max(error.retry_after, min(LONGEST, error.retry_after * 2 ** min(before, 16)))
