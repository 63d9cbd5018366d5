"""The table of bars as it is to be read: its prices and volumes times the factors of splits and dividends.

A bar is stored as its vendor gave it, with the date up to which splits were in it (`basis`), so a split that happens
later changes no row: the factors of all splits since are applied on the way out, and can be taken out again.
"""

from collections.abc import Sequence
from typing import Any

from marketdata.actions import Action, Adjust, Kind, Steps
from marketdata.domain import Interval


def adjusted(adjust: Adjust) -> str:
    """SQL that stands for the table; it wants the parameters of `steps`."""
    price, volume = _FACTORS[adjust]
    told = str(adjust is not Adjust.NONE).lower()
    return f"""(
    SELECT symbol, "interval", market, start, open * price AS open, high * price AS high, low * price AS low,
           close * price AS close, volume / shares AS volume, vendor, {told} AS adjusted, simulated, partial
    FROM bar, LATERAL (SELECT (start AT TIME ZONE %(zone)s)::date AS day) of_day,
         LATERAL (SELECT {price} AS price, {volume} AS shares) factors
) bar"""


def steps(actions: Sequence[Action], stored: Interval) -> dict[str, Any]:
    """The parameters: the factors of each kind, and the time zone in which a bar has its date."""
    splits, dividends = Steps.of(actions, Kind.SPLIT), Steps.of(actions, Kind.DIVIDEND)
    return {
        "split_dates": list(splits.dates), "split_factors": list(splits.factors),
        "dividend_dates": list(dividends.dates), "dividend_factors": list(dividends.factors),
        "zone": "UTC" if stored is Interval.DAY else "America/New_York",
    }  # fmt: skip


def _step(kind: str, day: str) -> str:
    return f"(%({kind}_factors)s::float8[])[width_bucket({day}, %({kind}_dates)s::date[]) + 1]"


_TO_COME = _step("split", "greatest(day, basis)")
"""greatest() passes over an absent basis."""
_FACTORS = {
    Adjust.NONE: (f"{_TO_COME} / {_step('split', 'day')}",) * 2,
    Adjust.SPLITS: (_TO_COME,) * 2,
    Adjust.ALL: (f"{_TO_COME} * {_step('dividend', 'day')}", _TO_COME),
}
