"""The alerts of several days of one underlying, each told by what was known before it and judged by the next count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from options.confirming import confirmed
from options.domain import Alert, Analysis, Chain, Floats
from options.expecting import (
    Expected,
    alike,
    before_trading,
    carried,
    days,
    levels,
    nothing,
    turnover,
)  # fmt: skip
from options.rules import BUILT_IN, alerts

GAP = timedelta(days=30)
"""After so long what was learned of an underlying is forgotten."""


@dataclass(slots=True)
class Memory:
    """What earlier sessions tell: of contracts weighted volume and last open interest, of buckets the turnover."""

    own: dict[str, float] = field(default_factory=dict)
    open_interest: dict[str, float] = field(default_factory=dict)
    turnover: Floats | None = None
    dated: date | None = None
    session: date | None = None

    def expected(self, chain: Chain) -> Expected:
        """For the contracts of the next chain."""
        if self.session is not None and chain.session - self.session > GAP:
            self.own, self.open_interest, self.turnover, self.dated = {}, {}, None, None
        blank = nothing(len(chain))
        return Expected(
            own=_aligned(self.own, chain), average=blank.average, deviation=blank.deviation, sessions=blank.sessions,
            turnover=blank.turnover if self.turnover is None else self.turnover,
            open_interest=_aligned(self.open_interest, chain), open_interest_date=self.dated,
        )  # fmt: skip

    def learn(self, analysis: Analysis, expected: Expected) -> None:
        """Take in a session that is over."""
        chain = analysis.chain
        own = carried(expected.own, chain.volume)
        self.own.update(zip(chain.symbol.tolist(), own.tolist(), strict=True))
        self.open_interest.update(zip(chain.symbol.tolist(), chain.open_interest.tolist(), strict=True))
        buckets = alike(chain.strike, chain.is_call, levels(analysis), days(chain.expiry, chain.session))
        today = turnover(chain.volume, chain.open_interest, buckets)
        self.turnover = today if self.turnover is None else carried(self.turnover, today)
        self.session, self.dated = chain.session, chain.open_interest_date


def raised(analyses: Iterable[Analysis]) -> list[list[Alert]]:
    """The alerts of each session of one underlying, in order, with the verdict of the next count of open interest."""
    memory, found = Memory(), list[list[Alert]]()
    before: Chain | None = None
    for analysis in analyses:
        chain = analysis.chain
        if found and before is not None:
            found[-1] = [judged(one, before, chain) for one in found[-1]]
        expected = memory.expected(chain)
        found.append(list(alerts(before_trading(analysis, expected), expected, BUILT_IN)))
        memory.learn(analysis, expected)
        before = chain
    return found


def judged(alert: Alert, own: Chain, following: Chain) -> Alert:
    """By the count of the session's own close: in its own chain, where the vendor tells that, or in the next one."""
    after_trading = own.open_interest_date is not None and own.open_interest_date >= own.session
    told = own if after_trading else following
    rows = np.flatnonzero(told.symbol == alert.symbol)
    count = float(told.open_interest[rows[0]]) if len(rows) else np.nan
    return confirmed(alert, None if np.isnan(count) else count, following.session)


def by_day(analyses: Sequence[Analysis]) -> list[Analysis]:
    """The last chain of each session, in order."""
    return list({one.chain.session: one for one in sorted(analyses, key=lambda one: one.chain.taken_at)}.values())


def _aligned(known: dict[str, float], chain: Chain) -> Floats:
    return np.array([known.get(symbol, np.nan) for symbol in chain.symbol.tolist()], np.float64)
