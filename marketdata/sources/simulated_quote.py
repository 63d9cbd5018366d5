"""What the simulated market shows of a symbol at one instant."""

from datetime import datetime, timedelta

from marketdata.domain import Quote, Session
from marketdata.sources.base import NoData
from marketdata.sources.simulated_day import STEP, Outline
from marketdata.sources.simulated_factors import ORIGIN, day_of, midnight
from marketdata.sources.simulated_path import TICK
from marketdata.sources.simulated_world import World

_SPREAD_BY_DEVIATION = 0.01
_WIDE_STEPS = 20 * 60 // STEP
_LOT = 100


def quote(world: World, symbol: str, now: datetime) -> Quote:
    """The quote at the last step at or before `now`; the price is a trade at its bid or at its ask."""
    number = day_of(now)
    if number < 0:
        raise NoData(f"the simulated market begins on {ORIGIN}")
    began = midnight(number)
    step = int((now - began).total_seconds()) // STEP
    day, outline = world.day(symbol, number), world.outline(symbol, number)
    so_far, price, dice = day.price[: step + 1], int(day.price[step]), int(day.dice[step])
    bid = max(1, price - (dice >> 8 & 1) * _spread(outline, step))
    at = began + timedelta(seconds=step * STEP)
    return Quote(
        symbol=symbol, vendor="simulated", feed="simulated", simulated=True, currency="USD", delayed_by=0,
        session=Session.ALWAYS, as_of=at, quote_as_of=at, received_at=now,
        price=dollars(price), bid=dollars(bid), ask=dollars(bid + _spread(outline, step)),
        bid_size=float(_LOT * (1 + (dice & 15))), ask_size=float(_LOT * (1 + (dice >> 4 & 15))),
        open=dollars(outline.open), high=dollars(int(so_far.max())), low=dollars(int(so_far.min())),
        previous_close=_previous_close(world, symbol, number), volume=float(day.volume[step]),
    )  # fmt: skip


def dollars(ticks: int) -> float:
    """The price of a number of ticks, as the nearest float to its two decimals."""
    return round(ticks * TICK, 2)


def _spread(outline: Outline, step: int) -> int:
    """Ticks between bid and ask: in proportion to the day's volatility, twice that in the first 20 minutes."""
    return max(1, round(_SPREAD_BY_DEVIATION * outline.sd * (2 if step < _WIDE_STEPS else 1)))


def _previous_close(world: World, symbol: str, number: int) -> float | None:
    return dollars(world.outline(symbol, number - 1).close) if number > 0 else None
