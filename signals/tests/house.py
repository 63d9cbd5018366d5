"""A simulated market made by hand: bars of a few symbols, and what was learned of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from marketdata import store as market_store
from marketdata.domain import Bars, Interval
from signals import learning, store, wiring
from signals.domain import Horizon
from signals.tests.bars import wandering
from signals.tests.values import CLOSE

MARKET, DAY = "simulated", timedelta(days=1)
LENGTH = 400
SYMBOLS = ("AAPL", "MSFT", "SPY")


def horizon(name: str = "5d") -> Horizon:
    """The horizon of the settings."""
    found = wiring.horizon(name)
    assert found is not None
    return found


def history(symbol: str, length: int = LENGTH, end: datetime = CLOSE, interval: Interval = Interval.DAY) -> Bars:
    """Random bars, each right behind the other, the last one ending at `end`."""
    bars = wandering(symbol, length, seed=sum(symbol.encode()))
    step = int(interval.length.total_seconds())
    start = int(end.timestamp()) - step * np.arange(length, 0, -1)
    return replace(bars, interval=interval, start=start, simulated=True, vendor="simulated")


def cut(bars: Bars, first: int, last: int | None = None) -> Bars:
    """Some of them."""
    columns = ("start", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: getattr(bars, name)[first:last] for name in columns})


def fill(bars: Mapping[str, Bars]) -> None:
    """Store them as a vendor's complete bars."""
    for one in bars.values():
        market_store.save_bars(one, MARKET)


def taught(names: Sequence[str] = ("5d",), market: str = MARKET) -> None:
    """A first version that knows nothing, so that days may be judged."""
    for name in names:
        of = horizon(name)
        state = learning.fresh(wiring.agents(of.interval), of)
        with transaction.atomic():
            store.save_calibration(
                market, name, wiring.agent_set(of.interval), learning.to_json(state), made_at=CLOSE, through=None,
                outcomes=0, is_warm=False,
            )  # fmt: skip
