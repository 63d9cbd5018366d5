"""The simulated market: any symbol, any day since 2015, the same numbers for the same seed; it never closes.

Everything is drawn from (seed, symbol, day) alone, so no history has to be kept and nothing depends on what was asked
before. What is shown at an instant comes from steps at or before that instant. Every value says that it is simulated.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources import simulated_bars, simulated_quote
from marketdata.sources.base import Capability, SourceError, UnknownSymbol
from marketdata.sources.simulated_edge import Truth
from marketdata.sources.simulated_factors import BLOCK, number
from marketdata.sources.simulated_world import World
from marketdata.symbols import InvalidSymbol, canonical


class Simulated:
    """A source of simulated quotes and bars.

    `edge` plants a momentum edge (simulated_edge.py; 0: none); `clock` tells the present.
    """

    name = "simulated"
    capabilities = frozenset({Capability.QUOTES, Capability.BARS})
    simulated = True

    def __init__(self, seed: int = 7, edge: float = 0.0, clock: Callable[[], datetime] | None = None) -> None:
        self._world = World(seed, edge)
        self._clock = clock or (lambda: datetime.now(UTC))

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        """The state of each symbol at the last five-second step."""
        now = self._clock()
        return {symbol: self._quote(symbol, now) for symbol in symbols}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that start in [start, end), up to now; the running one holds only what has happened."""
        if not self.knows(symbol):
            raise UnknownSymbol(f"{symbol!r} is not a symbol")
        return simulated_bars.bars(self._world, symbol, interval, start, end, self._clock())

    def knows(self, symbol: str) -> bool:
        """Every well-formed symbol exists here."""
        try:
            return canonical(symbol) == symbol
        except InvalidSymbol:
            return False

    def truth(self, symbol: str, day: date) -> Truth:
        """What was planted into a day, known only to the maker of this market (expected return as a fraction)."""
        days, i = self._world.block(symbol, number(day) // BLOCK), number(day) % BLOCK
        direction, sd = int(days.memory.direction[i]), float(days.sd[i])
        return Truth(symbol=symbol, day=day, direction=direction, drift=self._world.edge * direction * sd, sd=sd)

    def close(self) -> None:
        """Nothing to let go of."""

    def _quote(self, symbol: str, now: datetime) -> Quote | SourceError:
        if not self.knows(symbol):
            return UnknownSymbol(f"{symbol!r} is not a symbol")
        try:
            return simulated_quote.quote(self._world, symbol, now)
        except SourceError as error:
            return error
