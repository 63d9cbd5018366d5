"""The look-ahead proof: every agent of the house passes; one that peeks is caught wherever it speaks or is silent."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from django.conf import settings

from marketdata.domain import Bars, Interval
from signals import lookahead
from signals.agents.base import BOTH, BarAgent, opine
from signals.domain import MarketView, Opinion
from signals.roster import roster, seated
from signals.tests.bars import wandering

BARS = wandering("AAA", 400, 3)


@dataclass(frozen=True, slots=True)
class Peeking:
    """Knows the next close; `from_score`: only where it would say little, or only where it would say much."""

    id: ClassVar[str] = "peeking"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    loud: bool = True
    quiet: bool = True

    def scores(self, bars: Bars) -> np.ndarray:
        """The sign of the next change, hidden among honest scores."""
        honest = np.sin(np.arange(len(bars)) / 7.0) * 0.5
        after = np.append(bars.close[1:], np.nan) / bars.close - 1
        told = np.nan_to_num(np.sign(after) * 1e-12)
        loud = np.abs(honest) >= lookahead.FIRED
        return honest + np.where(loud, told * self.loud, told * self.quiet)

    def opinion(self, view: MarketView) -> Opinion:
        """The last of them."""
        return opine(self, self.scores(view.bars), lambda score: ())


@pytest.mark.parametrize(("loud", "quiet"), [(True, True), (True, False), (False, True)])
def test_a_planted_leak_is_caught_in_fired_and_in_silent_bars(loud: bool, quiet: bool) -> None:
    found = list(lookahead.leaks(Peeking(loud=loud, quiet=quiet), BARS))
    assert found
    assert {abs(one.seen) >= lookahead.FIRED for one in found} == {
        kind for kind, on in ((True, loud), (False, quiet)) if on
    }
    assert not list(lookahead.leaks(Peeking(loud=False, quiet=False), BARS))


def test_an_agent_whose_opinion_is_not_its_score_is_caught() -> None:
    class Twofaced(Peeking):
        def opinion(self, view: MarketView) -> Opinion:
            return replace(super().opinion(view), score=0.9)

    assert list(lookahead.leaks(Twofaced(loud=False, quiet=False), BARS))


def test_an_agent_that_fails_has_no_opinion_and_stops_no_proof() -> None:
    class Failing(Peeking):
        def scores(self, bars: Bars) -> np.ndarray:
            raise ZeroDivisionError("no bars")

    class Shorter(Peeking):
        def scores(self, bars: Bars) -> np.ndarray:
            if len(bars) < len(BARS):
                raise ZeroDivisionError("too few")
            return super().scores(bars)

    assert not list(lookahead.leaks(Failing(), BARS))
    found = list(lookahead.leaks(Shorter(loud=False, quiet=False), BARS))
    assert found
    assert np.isnan([one.cut for one in found]).all()


@pytest.mark.parametrize("interval", [Interval.DAY, Interval.MINUTE])
def test_no_agent_of_the_house_looks_ahead(interval: Interval) -> None:
    bars = replace(BARS, interval=interval, simulated=True)
    if interval is Interval.MINUTE:
        bars = replace(bars, start=BARS.start[0] + 60 * np.arange(len(bars)))
    agents = [one for one in seated(roster(settings.SIGNALS_AGENTS), interval)[0] if isinstance(one, BarAgent)]
    assert len(agents) >= 8
    assert [leak for agent in agents for leak in lookahead.leaks(agent, bars, 10)] == []
