"""Minutes of the past decided again, one after the other, as the judge decides and learns live. Pure.

Days are walked in columns (`walking`). A view of minutes holds its last bars only, and what an average of them says
depends on where they begin: so here each minute is seen as it would have been seen then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars
from signals import hashing, learning, ranges, scoring
from signals.calibration import bins
from signals.domain import Action, Calibrated, ExpectedRange, Horizon, Lean, Outcome
from signals.learning import State
from signals.orchestrator import lean_of
from signals.panel import Scoring, consensus

DELAY = 1
"""Bars between a close and the first open at which its decision may be entered: by the time that the bar has come and
is judged, the next one has opened, and a price from before the decision is nobody's."""
COLUMNS = ("open", "high", "low", "close", "volume")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """What the agents said of each judged bar of a symbol (R of them, rising): `scores` agent -> (R), NaN: none.

    `spread`: the forecast scale of the return; `start` in epoch seconds.
    """

    start: NDArray[np.int64]
    open: Floats
    close: Floats
    spread: Floats
    scores: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What is walked: `agents` are those that learn (some may have no votes), `weights` of those that vote.

    `expected`: the starts (epoch seconds, rising) of all bars that the calendar has, up to `until`: nothing later is
    known.
    """

    market: str
    horizon: Horizon
    agent_set: str
    agents: Sequence[str]
    weights: Mapping[str, float]
    expected: NDArray[np.int64]
    until: datetime


@dataclass(frozen=True, slots=True)
class _Said:
    symbol: str
    row: int
    score: float
    lean: Lean
    calibrated: Calibrated | None
    expected: ExpectedRange | None


def votes(bars: Bars, agents: Mapping[str, Scoring], horizon: int, window: int) -> Votes:
    """What the agents say of every bar that has `window` bars up to itself, out of these alone."""
    ends = range(window, len(bars) + 1)
    said = {name: np.full(len(ends), np.nan) for name in agents}
    for row, end in enumerate(ends):
        seen = cut(bars, end - window, end)
        for name, agent in agents.items():
            said[name][row] = _score(agent, seen)
    rows = slice(window - 1, None)
    return Votes(
        start=bars.start[rows], open=bars.open[rows], close=bars.close[rows],
        spread=ranges.spreads(bars, horizon)[rows], scores=said,
    )  # fmt: skip


def cut(bars: Bars, first: int, end: int) -> Bars:
    """Some of the bars, from one row up to before another."""
    return replace(bars, **{name: getattr(bars, name)[first:end] for name in ("start", *COLUMNS)})


def retraced(votes: Mapping[str, Votes], course: Course) -> tuple[State, datetime] | None:
    """What live learning would know at `until`, and the last exit in it; None where nothing had come to its end.

    Outcomes that had not ended by then are no part of it, nor those still behind their embargo.
    """
    walk = _Walk(votes, course)
    for tick in _ticks(votes.values(), course):
        walk.judge(tick)
        walk.learn(tick)
    walk.learn(int(course.until.timestamp()), at_last=True)
    return None if walk.state is None or walk.through is None else (walk.state, walk.through)


class _Walk:
    """Where the walk stands: what is open, what has ended and may not be learned yet, and what is known."""

    def __init__(self, votes: Mapping[str, Votes], course: Course) -> None:
        self.votes, self.course = votes, course
        self.state: State | None = None
        self.through: datetime | None = None
        self.known: dict[tuple[int, Lean], Calibrated] = {}
        self.waiting: list[Outcome] = []
        self.open: dict[int, list[_Said]] = defaultdict(list)
        self.length = int(course.horizon.interval.length.total_seconds())
        self.score = {
            symbol: np.nan_to_num(consensus(one.scores, course.weights), nan=0.0) for symbol, one in votes.items()
        }
        self.last = {symbol: _last(one.start, course.horizon, self.length) for symbol, one in votes.items()}
        self.rows: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for symbol, one in sorted(votes.items()):
            for row, start in enumerate(one.start.tolist()):
                self.rows[start + self.length].append((symbol, row))

    def judge(self, tick: int) -> None:
        """Decide the bars that end now, then tell the outcomes that do."""
        for symbol, row in self.rows.get(tick, ()):
            last = int(self.last[symbol][row])
            if last < len(self.votes[symbol].start):
                self.open[int(self.votes[symbol].start[last]) + self.length].append(self._said(symbol, row))
        self.waiting += [self._outcome(said) for said in self.open.pop(tick, ())]

    def learn(self, tick: int, at_last: bool = False) -> None:
        """Learn what is free, not oftener than is done live."""
        now, horizon = datetime.fromtimestamp(tick, UTC), self.course.horizon
        if not at_last and self.through is not None and now - self.through < learning.pause(horizon):
            return
        closed = int(np.searchsorted(self.course.expected, tick - self.length, side="right"))
        rows = [datetime.fromtimestamp(int(start), UTC) for start in self.course.expected[:closed][-learning.PURGED :]]
        free = [one for one in self.waiting if learning.is_free(one, rows, horizon)]
        if not free:
            return
        self.waiting = self.waiting[len(free) :]
        known = self.state or learning.fresh(self.course.agents, horizon)
        self.state = learning.learn(known, [one for one in free if learning.is_whole(one, horizon)], horizon)
        self.through, self.known = max(one.exited_at for one in free), {}

    def _said(self, symbol: str, row: int) -> _Said:
        score, spread = float(self.score[symbol][row]), float(self.votes[symbol].spread[row])
        lean = lean_of(score)
        quantile = self.state.quantile if self.state else ranges.START
        expected = None if np.isnan(spread) else ranges.expected(spread, quantile)
        return _Said(symbol, row, score, lean, self._predicted(score, lean), expected)

    def _predicted(self, score: float, lean: Lean) -> Calibrated | None:
        """All scores of a bin are told the same."""
        if self.state is None:
            return None
        key = (int(bins(np.asarray(score))), lean)
        if key not in self.known:
            self.known[key] = learning.predict(self.state, score, lean)
        return self.known[key]

    def _outcome(self, said: _Said) -> Outcome:
        votes, course, length, sure = self.votes[said.symbol], self.course, self.length, said.calibrated
        last = int(self.last[said.symbol][said.row])
        first, at = last - course.horizon.bars + 1, _instant(votes.start[said.row], length)
        entry, left = float(votes.open[first]), float(votes.close[last])
        gross = left / entry - 1.0
        net = scoring.net_of(said.lean, gross, course.horizon.cost)
        return Outcome(
            signal=hashing.identity(course.market, said.symbol, course.horizon.name, course.agent_set, at),
            market=course.market, symbol=said.symbol, horizon=course.horizon.name, lean=said.lean, action=Action.HOLD,
            score=said.score, confidence=sure.confidence if sure else None, at=at,
            entered_at=_instant(votes.start[first]), entry=entry, exited_at=_instant(votes.start[last], length),
            exit=left, gross=gross, net=net, won=net > 0, in_range=scoring.inside(said.expected, gross), regime="",
            agent_set=course.agent_set, base_rate=sure.base_rate if sure else None,
            opinions={name: float(one[said.row]) for name, one in votes.scores.items() if not np.isnan(one[said.row])},
        )  # fmt: skip


def _ticks(votes: Iterable[Votes], course: Course) -> Iterator[int]:
    """The ends of all bars, and of the minutes behind each in which the clock goes on although nothing closes."""
    length, until = int(course.horizon.interval.length.total_seconds()), int(course.until.timestamp())
    ends = np.unique(np.concatenate([np.empty(0, np.int64), *(one.start + length for one in votes)]))
    after = int(learning.pause(course.horizon).total_seconds()) // length + 1
    ticks = np.unique((ends[:, None] + length * np.arange(after + 1)).ravel())
    yield from ticks[ticks <= until].tolist()


def _last(start: NDArray[np.int64], horizon: Horizon, length: int) -> NDArray[np.intp]:
    """The row in which the outcome of each row's decision ends."""
    return np.searchsorted(start, start + (1 + DELAY) * length) + horizon.bars - 1


def _score(agent: Scoring, seen: Bars) -> float:
    """One agent that fails, or says what is no score, silences nobody else."""
    try:
        score = float(agent.scores(seen)[-1])
    except Exception:
        return float("nan")
    return score if -1.0 <= score <= 1.0 else float("nan")


def _instant(second: np.int64, later: int = 0) -> datetime:
    return datetime.fromtimestamp(int(second) + later, UTC)
