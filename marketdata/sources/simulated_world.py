"""The simulated days of all symbols under one seed, made when first asked for and kept for a while."""

from collections import OrderedDict
from threading import Lock

from marketdata.sources.simulated_day import Day, Outline, day
from marketdata.sources.simulated_factors import BLOCK
from marketdata.sources.simulated_path import OVERNIGHT, Block, block

_KEPT_DAYS = 512


class World:
    """What happens to every symbol on every day: it knows how a day ends, so readers cut what they show at now."""

    def __init__(self, seed: int, edge: float) -> None:
        self.seed = int(seed)
        self.edge = float(edge)
        self._days: OrderedDict[tuple[str, int], Day] = OrderedDict()
        self._lock = Lock()

    def block(self, symbol: str, index: int) -> Block:
        """The daily bars of days [512 × index, 512 × (index + 1))."""
        return block(self.seed, self.edge, symbol, index)

    def outline(self, symbol: str, number: int) -> Outline:
        """What one day comes to."""
        days, i = self.block(symbol, number // BLOCK), number % BLOCK
        opened = int(days.open[i])
        return Outline(
            open=opened,
            high=int(days.high[i]),
            low=int(days.low[i]),
            close=int(days.close[i]),
            volume=int(days.volume[i]),
            sd=float(days.sd[i]) * (1 - OVERNIGHT) ** 0.5 * opened,
        )

    def day(self, symbol: str, number: int) -> Day:
        """The steps of one day."""
        key = symbol, number
        with self._lock:
            if key in self._days:
                self._days.move_to_end(key)
                return self._days[key]
        made = day(self.seed, symbol, number, self.outline(symbol, number))
        with self._lock:
            self._days[key] = made
            while len(self._days) > _KEPT_DAYS:
                self._days.popitem(last=False)
        return made
