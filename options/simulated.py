"""The simulated market with options: the chains of any symbol at any instant, the same numbers for the same seed.

Its surface has no arbitrage, its open interest follows from its volume, and its block prints are planted: what came of
each is known beforehand. Every value says that it is simulated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketdata.chains import OptionChain
from marketdata.sources import simulated
from marketdata.sources.base import Capability, NoData, UnknownSymbol
from marketdata.sources.simulated_day import STEP
from marketdata.sources.simulated_factors import ORIGIN, day_of, midnight, number
from options import simulated_listing
from options.simulated_blocks import WEEK, prints
from options.simulated_chain import moment, quotes
from options.simulated_listing import contracts

RATE = 0.04
"""Per year, continuous; the simulated underlyings pay no dividends."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A block print: `volume` contracts at once, of which `opened` are open interest the next day."""

    symbol: str
    expiry: date
    at: datetime
    volume: int
    opened: int


class Simulated(simulated.Simulated):
    """The simulated source, with option chains for symbols that have an OCC root."""

    capabilities = simulated.Simulated.capabilities | {Capability.OPTIONS}

    def __init__(
        self, seed: int = 7, edge: float = 0.0, clock: Callable[[], datetime] | None = None, rate: float = RATE
    ) -> None:
        super().__init__(seed, edge, clock)
        self._rate = rate

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """Eight weeks of Fridays, third Fridays for a year, those of January for two and a half; rising."""
        return simulated_listing.expiries(self._listing_day(symbol, self._clock()))

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """The contracts that expire from `first` to `last`, at the last five-second step; raises NoData for none."""
        now = self._clock()
        chosen = [one for one in simulated_listing.expiries(self._listing_day(symbol, now)) if first <= one <= last]
        if not chosen:
            raise NoData(f"the simulated market has no option of {symbol} that expires from {first} to {last}")
        shown = moment(self._world, symbol, now, self._rate)
        rows = tuple(quote for expiry in chosen for quote in quotes(shown, expiry))
        return OptionChain(underlying=symbol, vendor=self.name, received_at=now, quotes=rows)

    def planted(self, symbol: str, day: date) -> tuple[Planted, ...]:
        """The blocks planted into a day, by time: known only to the maker of this market."""
        today = number(day)
        return tuple(
            Planted(
                symbol=contracts(symbol, one.expiry, one.increment, one.rung, one.rung)[0 if one.is_call else 1].symbol,
                expiry=one.expiry, at=midnight(today) + timedelta(seconds=STEP * one.step), volume=one.volume,
                opened=one.opened,
            )
            for one in prints(self._world, symbol, today // WEEK) if one.day == today
        )  # fmt: skip

    def _listing_day(self, symbol: str, now: datetime) -> date:
        if not self.knows(symbol):
            raise UnknownSymbol(f"{symbol!r} is not a symbol")
        if simulated_listing.root(symbol) is None:
            raise NoData(f"no options are simulated on {symbol}: their root is one to five letters")
        if day_of(now) < 0:
            raise NoData(f"the simulated market begins on {ORIGIN}")
        return simulated_listing.date_of(day_of(now))
