"""`manage.py evaluate --daily DIR`: what is promised of signals, measured on any folder of daily bars.

Decisions at each close, entry at the next open, exit at the fifth close, 5 basis points for the round trip. An outcome
is learnt from two sessions after it ended. "Warm": history is walked from its first day, and what was said in the first
quarter of it (a year at least) only teaches and is not counted. "Cold": the same days, with nothing learnt before them.
History begins where half of the symbols have a score; what is older teaches as well.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from goldensignals.evaluation import coverage, cutting, daily_files, planting, ranging, telling
from goldensignals.evaluation.goals import Goal, table
from goldensignals.evaluation.leaning import Leans, leans, proven
from marketdata.domain import Bars, Interval
from signals import reliability, walking, wiring
from signals.agents.base import BarAgent
from signals.domain import Horizon
from signals.effective import effective
from signals.panel import Panel
from signals.walking import Walk

FIVE = Horizon(interval=Interval.DAY, bars=5, cost=0.0005)
YEAR, QUARTER = 252, 0.25
"""Sessions, or share of all, that only teach."""
RATE = 0.66
NORMAL_95, NORMAL_80 = 1.959963984540054, 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """All that one folder showed; `since` is the first row that counts."""

    warm: Walk
    cold: Walk
    since: int
    warm_leans: Leans
    cold_leans: Leans
    deviations: coverage.Floats
    planted: planting.Found
    flocking: planting.Found
    ranged: ranging.Ranged
    changed: int


def main(folder: str | Path) -> int:
    """Print the table; 1 where a promise was broken, 2 where there was nothing to measure."""
    began = time.process_time()
    try:
        found = daily_files.read(Path(folder))
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    print(telling.what_was_read(found))
    agents = {name: one for name, one in wiring.agents(Interval.DAY).items() if isinstance(one, BarAgent)}
    if not found.bars:
        return 2
    measured = measure(found.bars, agents, wiring.weights(Interval.DAY))
    goals = judged(measured)
    print(telling.beside(measured.warm_leans, measured.cold_leans, FIVE.bars))
    print(telling.besides(measured.flocking, measured.ranged))
    print(table(goals))
    broken = [goal for goal in goals if not goal.kept]
    print(f"\n{len(goals) - len(broken)} of {len(goals)} kept; {time.process_time() - began:.0f} s of CPU time")
    return 1 if broken else 0


def measure(bars: Mapping[str, Bars], agents: Mapping[str, BarAgent], weights: Mapping[str, float]) -> Measured:
    """Walk these bars warm, cold, cut and planted."""
    step = telling.Steps(6)
    step(f"walking {len(bars)} symbols with {', '.join(agents)}")
    warm = walking.walk(bars, agents, weights, FIVE)
    begin, since = counted(warm.panel)
    step("a cold start")
    cold = walking.through(warm.panel, FIVE, since=since)
    step("intervals and ranges")
    deviations, ranged = coverage.deviations(warm, since), ranging.ranged(warm, since, FIVE.bars)
    step("a planted agent")
    planted = planting.of_a_planted_agent(warm.panel, FIVE, RATE, begin)
    step("planted strong leans")
    flocking = planting.of_strong_leans(warm.panel, FIVE, RATE, begin)
    step("cutting the input")
    changed = cutting.changed(warm, bars, agents, weights, FIVE)
    step.end()
    return Measured(
        warm=warm, cold=cold, since=since, warm_leans=leans(warm, since), cold_leans=leans(cold, since),
        deviations=deviations, planted=planted, flocking=flocking, ranged=ranged, changed=changed,
    )  # fmt: skip


def counted(panel: Panel) -> tuple[int, int]:
    """The row where half of the symbols have a score, and the first one that counts."""
    known = (~np.isnan(panel.consensus)).sum(axis=1)
    begin = int(np.argmax(2 * known >= len(panel.symbols)))
    return begin, begin + max(YEAR, round(QUARTER * (len(panel.rows) - begin)))


def judged(found: Measured) -> list[Goal]:
    """Each promise beside what was measured."""
    warm, planted, ranged = found.warm_leans, found.planted, found.ranged
    sure, days = proven(found.warm, found.since)
    cold_sure, cold_days = proven(found.cold, found.since)
    missed = None if planted.shown is None or planted.hit is None else 100 * abs(planted.shown - planted.hit)
    floor = reliability.noise_floor(warm.confidence, effective(warm.days, FIVE.bars))
    bare = reliability.brier(warm.base, warm.won)
    inner = coverage.held(found.deviations, NORMAL_80)
    return [
        Goal(name="ECE of issued leans, warm, 10 bins of equal mass", high=0.04, note=f"noise floor {floor:.3f}",
             value=reliability.calibration_error(warm.confidence, warm.won)),
        Goal(name="Brier of issued leans, warm", high=0.249, digits=4, note=_bare(bare),
             value=reliability.brier(warm.confidence, warm.won)),
        Goal(name="95 % intervals hold the next quarter's hit rate of a bin, %", low=91, high=98, digits=1,
             value=_percent(coverage.held(found.deviations, NORMAL_95)),
             note=f"80 % intervals: {_percent(inner) or 0:.1f}"),
        Goal(name="proven where nothing is planted, warm, % of symbol-days", high=0.5, digits=2,
             value=100 * sure / max(1, days)),
        Goal(name="proven where nothing is planted, cold, % of symbol-days", high=0.5, digits=2,
             value=100 * cold_sure / max(1, cold_days)),
        Goal(name=f"planted edge of {100 * RATE:.0f} %: proven after sessions", high=300, digits=0,
             value=planted.sessions, note=f"{planted.leans} leans, {100 * planted.hit_rate:.1f} % won"),
        Goal(name="planted edge: confidence shown, points off", value=missed, high=6, digits=1,
             note=_shown(planted)),
        Goal(name="80 % range: coverage, %", value=100 * ranged.coverage, low=77, high=83, digits=1,
             note=f"by year {100 * ranged.years[0]:.0f} to {100 * ranged.years[1]:.0f}"),
        Goal(name="chance of a move over 3 %: Brier skill", value=ranged.skill[0.03], low=0.04,
             note=f"beside each symbol's own past; ECE {ranged.error:.3f}"),
        Goal(name="input cut at three dates: numbers that changed before", value=found.changed, high=0, digits=0),
    ]  # fmt: skip


def _bare(brier: float) -> str:
    """Where the base rate is near one half, nobody without an edge reaches the promise."""
    return f"base rate alone {brier:.4f}" + (": out of reach without an edge" if brier > 0.249 else "")


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _shown(planted: planting.Found) -> str:
    return "" if planted.shown is None or planted.hit is None else f"{planted.shown:.3f} shown, {planted.hit:.3f} won"
