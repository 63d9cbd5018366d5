"""A source of chains that does as it is told and remembers what it was asked for."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from marketdata.chains import OptionChain
from marketdata.sources.base import Capability, SourceError
from marketdata.tests.sources import Told
from options.tests.vendor_chains import answer

WEEKS = 15


class Listed(Told):
    """Lists weekly expiries from tomorrow on; raises `failure` where it has one."""

    capabilities = frozenset({Capability.OPTIONS})

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        super().__init__(name)
        self.clock = clock
        self.failure: SourceError | None = None
        self.listings = 0
        self.ranges: list[tuple[date, date]] = []

    @property
    def listed(self) -> list[date]:
        """Its expiries."""
        return [self.clock().date() + timedelta(days=1 + 7 * week) for week in range(WEEKS)]

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        self.listings += 1
        return tuple(self.listed)

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        self.ranges.append((first, last))
        if self.failure:
            raise self.failure
        return answer(self.clock(), [one for one in self.listed if first <= one <= last])
