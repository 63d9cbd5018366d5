"""The simulated options at one instant: priced on the surface, quoted on the tick, traded as far as the day has run."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from marketdata.calendar import ALWAYS_OPEN
from marketdata.chains import OptionContract, OptionQuote
from marketdata.sources.simulated_day import STEP, STEPS
from marketdata.sources.simulated_factors import day_of, midnight, number
from marketdata.sources.simulated_path import TICK
from marketdata.sources.simulated_random import generator
from marketdata.sources.simulated_world import World
from options.expiring import LEAST, YEAR, expires_at, years
from options.pricing import Greeks, forward_price, greeks, price
from options.simulated_interest import Activity, activity
from options.simulated_listing import contracts, date_of
from options.simulated_surface import smile, variances, volatility

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
Pair = tuple[Floats, Floats]

_FINE, _COARSE, _FINE_BELOW = 0.01, 0.05, 3.0
_WIDTH, _WIDTH_BY_PRICE, _WIDTH_BY_VEGA = 0.01, 0.01, 0.6
_MOST_SIZE = 200


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The step that shows: its day, its time, and the underlying's price and shares traded so far at each step."""

    world: World
    symbol: str
    day: int
    step: int
    at: datetime
    received_at: datetime
    spots: Floats
    shares: Ints
    rate: float

    @property
    def spot(self) -> float:
        """The last price of the underlying in dollars."""
        return float(self.spots[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of the contracts of one expiry: calls by strike, then puts."""

    contracts: tuple[OptionContract, ...]
    iv: Floats
    greeks: Greeks
    bid: Floats
    ask: Floats
    sizes: Ints
    volume: Ints
    open_interest: Ints
    traded: Ints
    """The step of the last trade of the day; -1: none yet."""
    last: Floats


def moment(world: World, symbol: str, now: datetime, rate: float) -> Moment:
    """The last step at or before an instant, which must not lie before the first simulated day."""
    today = day_of(now)
    step = int((now - midnight(today)).total_seconds()) // STEP
    day = world.day(symbol, today)
    return Moment(
        world, symbol, today, step, midnight(today) + timedelta(seconds=step * STEP), now,
        np.round(day.price[: step + 1] * TICK, 2), day.volume[: step + 1], rate,
    )  # fmt: skip


def table(shown: Moment, expiry: date) -> Table:
    """All contracts of one expiry."""
    trade = activity(shown.world, shown.symbol, expiry, shown.day)
    ladder = trade.ladder
    listed = contracts(shown.symbol, expiry, ladder.increment, ladder.low, ladder.high)
    strikes = np.tile([one.strike for one in listed[: len(listed) // 2]], 2)
    calls = np.arange(len(listed)) < len(listed) // 2
    left = np.array(years(expiry, ALWAYS_OPEN, shown.at))
    forward, sigma = _surface(shown, expiry, left, strikes, shown.spot)
    terms = forward, strikes, left, shown.rate, sigma, calls
    value = _worth(price(*terms), strikes, calls, shown.spot)
    sensitivities = greeks(*terms, shown.spot)
    bid, ask = _quoted(value, sensitivities.vega)
    volume, traded = _volume(shown, trade)
    draw = generator(shown.world.seed, "option book", f"{shown.symbol}|{expiry}", shown.day * STEPS + shown.step)
    return Table(
        listed, sigma, sensitivities, bid, ask, draw.integers(1, _MOST_SIZE, (2, len(listed))), volume,
        trade.open_interest, np.where(volume > 0, traded, -1), _last(shown, expiry, traded, strikes, calls),
    )  # fmt: skip


def _last(shown: Moment, expiry: date, traded: Ints, strikes: Floats, calls: Truths) -> Floats:
    """The prices of the last trades, on the tick: what each contract was worth at the step of its own."""
    since = timedelta(seconds=STEP) / YEAR * (shown.step - traded)
    left = np.maximum((expires_at(expiry, ALWAYS_OPEN) - shown.at) / YEAR + since, LEAST / YEAR)
    spots = shown.spots[traded]
    forward, sigma = _surface(shown, expiry, left, strikes, spots)
    worth = _worth(price(forward, strikes, left, shown.rate, sigma, calls), strikes, calls, spots)
    return np.asarray(np.round(np.maximum(_tick(worth) * np.rint(worth / _tick(worth)), TICK), 2), np.float64)


def _surface(shown: Moment, expiry: date, left: Floats, strikes: Floats, spots: Floats | float) -> Pair:
    """The forward and the volatility of each strike, for one price of the underlying or one for each."""
    days = np.array(number(expiry) - shown.day)
    forward = forward_price(spots, left, shown.rate)
    variance = variances(shown.world, shown.symbol, shown.day, days, left)
    return forward, volatility(smile(shown.world.seed, shown.symbol), variance, left, np.log(strikes / forward))


def _worth(european: Floats, strikes: Floats, calls: Truths, spot: Floats | float) -> Floats:
    """Never below what exercise gives: these are American options, valued as European ones above that."""
    return np.asarray(np.maximum(european, np.where(calls, spot - strikes, strikes - spot)))


def _tick(value: Floats) -> Floats:
    return np.where(value < _FINE_BELOW, _FINE, _COARSE).astype(np.float64)


def _quoted(value: Floats, vega: Floats) -> Pair:
    """Bid (NaN: none) and ask around a value, each on its tick and never past it."""
    half = (_WIDTH + _WIDTH_BY_PRICE * value + _WIDTH_BY_VEGA * vega) / 2
    bid, ask = value - half, value + half
    bid = np.floor(np.maximum(bid, 0) / _tick(bid)) * _tick(bid)
    ask = np.ceil(ask / _tick(ask)) * _tick(ask)
    return np.where(bid > 0, np.round(bid, 2), np.nan), np.round(ask, 2)


def _volume(shown: Moment, trade: Activity) -> tuple[Ints, Ints]:
    """Contracts traded so far and the step of each one's last trade."""
    volume = np.floor(trade.rate * float(shown.shares[-1]) + trade.carried).astype(np.int64)
    wanted = (volume - trade.carried) / np.maximum(trade.rate, 1e-300)
    traded = np.minimum(np.searchsorted(shown.shares, wanted), shown.step)
    for place, one in trade.blocks:
        if one.step <= shown.step:
            volume[place] += one.volume
            traded[place] = max(int(traded[place]), one.step)
    return volume, traded


def quotes(shown: Moment, expiry: date) -> list[OptionQuote]:
    """The contracts of one expiry as a vendor says them."""
    found = table(shown, expiry)
    today, began = date_of(shown.day), midnight(shown.day)
    columns = (
        found.contracts, found.bid.tolist(), found.ask.tolist(), *found.sizes.astype(float).tolist(),
        found.volume.astype(float).tolist(), found.open_interest.astype(float).tolist(), found.traded.tolist(),
        found.last.tolist(), found.iv.tolist(), *((column + 0.0).tolist() for column in found.greeks),
    )  # fmt: skip
    return [
        OptionQuote(
            contract=named, vendor="simulated", feed="simulated", simulated=True, delayed_by=0,
            received_at=shown.received_at, quote_as_of=shown.at, underlying_price=shown.spot,
            bid=bid if bid == bid else None, ask=ask, bid_size=bids if bid == bid else None, ask_size=asks,
            last=last if traded >= 0 else None,
            last_as_of=began + timedelta(seconds=traded * STEP) if traded >= 0 else None,
            volume=volume, open_interest=interest, open_interest_date=today,
            iv=iv, delta=delta, gamma=gamma, vega=vega, theta=theta, rho=rho,
        )
        for named, bid, ask, bids, asks, volume, interest, traded, last, iv, delta, gamma, vega, theta, rho
        in zip(*columns, strict=True)
    ]  # fmt: skip
