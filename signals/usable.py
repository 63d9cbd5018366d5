"""Whether the settings of this floor can be used: asked once, before anything starts."""

from collections import Counter

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketdata.domain import Interval
from marketdata.symbols import canonical
from signals import gates, wiring
from signals.domain import Horizon

MOST = {Interval.DAY: 120, Interval.MINUTE: 390}
"""Bars of a horizon: what is longer would be overdue before it ends, and never graded."""
UNITS = {Interval.DAY: "sessions", Interval.MINUTE: "minutes"}


def check() -> None:
    """Build all that the settings name; raises ImproperlyConfigured for the first that cannot be used, InvalidSymbol
    for what is no symbol."""
    for text in settings.SIGNALS_UNIVERSE:
        canonical(text)
    horizons = wiring.horizons()
    for name, times in Counter(one.name for one in horizons).items():
        if times > 1:
            raise ImproperlyConfigured(f"SIGNALS_HORIZONS names {name} {times} times. Name each horizon once.")
    for horizon in horizons:
        _check(horizon)


def _check(horizon: Horizon) -> None:
    most = MOST[horizon.interval]
    if horizon.bars > most:
        limit = f"at most {most} {UNITS[horizon.interval]}"
        raise ImproperlyConfigured(f"SIGNALS_HORIZONS has {horizon.name}: a signal looks {limit} ahead.")
    wiring.agents(horizon.interval)
    try:
        gates.read(horizon.interval, settings.SIGNALS_GATES)
    except (TypeError, KeyError, AttributeError) as error:
        told = f"SIGNALS_GATES, for bars of {horizon.interval.value}: {error}"
        raise ImproperlyConfigured(f"{told}. Give each field of signals.gates.Limits once.") from error
