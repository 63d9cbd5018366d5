"""The values of the signals floor. Frozen, in times aware and UTC; what is absent is `None`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from marketdata.domain import Bars, Interval, Quote
from options.domain import ChainSummary


class Action(StrEnum):
    """What a signal says. BUY and SELL only where an edge is proven."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


class Lean(StrEnum):
    """Where the agents lean, proven or not."""

    UP = "up"
    DOWN = "down"
    FLAT = "flat"


class Edge(StrEnum):
    """What the resolved outcomes say of this lean: P(edge > 0) ≥ .95 and a gain after costs; ≤ .05; neither."""

    PROVEN = "proven"
    NEGATIVE = "negative"
    UNPROVEN = "unproven"


class Reason(StrEnum):
    """Why a signal is HOLD, or was not announced."""

    UNPROVEN = "unproven"
    WEAK = "weak"
    STALE = "stale"
    CONTESTED = "contested"
    GAP = "gap"
    CLOSED = "closed"
    DELAYED = "delayed"
    WARMING = "warming"
    COOLDOWN = "cooldown"
    STOPLOSS_GUARD = "stoploss_guard"
    MAX_DRAWDOWN = "max_drawdown"
    LOW_PROFIT = "low_profit"
    UNPROFITABLE = "unprofitable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """How far a signal looks: `bars` bars of `interval`; entry at the next bar's open, exit at the close of the last.

    `cost` is that of a round trip as a fraction of the price (5 basis points: 0.0005).
    """

    interval: Interval
    bars: int
    cost: float = 0.0005

    @property
    def name(self) -> str:
        """5d, 30m."""
        return f"{self.bars * int(self.interval.value[:-1])}{self.interval.value[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a view's data is worth, besides its numbers; each None where it does not apply or is not known."""

    quote_age: float | None = None
    """Seconds between the quote and the decision."""
    is_open: bool = True
    delayed_by: int | None = None
    contested: bool = False
    missing: int = 0
    """Expected bars of the window that are not there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarketView:
    """All that a decision may know: closed bars up to `at`, the quote and the chain summary of then.

    `bars` end at or before `at`; `summaries` (of a daily view) are those of the last sessions, oldest first, the last
    one today's.
    """

    symbol: str
    market: str
    at: datetime
    bars: Bars
    quote: Quote | None = None
    summaries: tuple[ChainSummary, ...] = ()
    condition: Condition = field(default_factory=Condition)
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One measured thing that moved a score: `value` (and `threshold`, where there is one) in `unit`.

    `contribution` is its signed share of the agent's score; `words` is the sentence, with {value} and {threshold} in
    the places of the numbers: no number stands in it otherwise.
    """

    name: str
    value: float
    contribution: float
    words: str
    threshold: float | None = None
    unit: str = ""
    digits: int = 2

    @property
    def text(self) -> str:
        """The sentence with its numbers."""
        shown = {"value": f"{self.value:.{self.digits}f}"}
        if self.threshold is not None:
            shown["threshold"] = f"{self.threshold:.{self.digits}f}"
        return self.words.format(**shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one agent thinks: `score` −1 (down) to 1 (up), None where it abstains, with the reason."""

    agent: str
    version: int
    parameters: str
    """Hash of the agent's parameters."""
    score: float | None
    evidence: tuple[Evidence, ...] = ()
    abstains: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the past says of a score: probability of a win after costs, with its 95 % interval and the base rate.

    `edge` = confidence − base rate; `probability` = P(edge > 0); `n` resolved outcomes of this bin, `n_eff` of them
    independent; `net` mean return after costs (fraction) of the like, None without any.
    """

    confidence: float
    low: float
    high: float
    base_rate: float
    edge: float
    probability: float
    status: Edge
    n: int
    n_eff: float
    net: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRange:
    """The forecast that has skill: with `coverage` (0.8) the return over the horizon lies in [low, high] (fractions).

    `sd` is the forecast standard deviation of that return.
    """

    coverage: float
    low: float
    high: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How the like of a signal did, of outcomes that were closed before it was issued.

    `hit_rate` with its Wilson interval for `n_eff`; `net_bp` mean net return in basis points, `always_long_bp` what
    simply being long brought over the same; `skill` = 1 − brier / brier of the base rate.
    """

    n: int
    n_eff: float
    wins: int
    hit_rate: float | None
    low: float | None
    high: float | None
    base_rate: float | None
    brier: float | None
    skill: float | None
    net_bp: float | None
    always_long_bp: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A condition that a decision had to pass."""

    reason: Reason
    passed: bool
    value: float | None = None
    threshold: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A judgement of one symbol on one closed bar, frozen.

    `id` is made of market, symbol, horizon, agent set and the bar's end, so that the same judgement has it again.
    `score` is the raw weighted vote (−1 to 1); `confidence` the calibrated probability that `lean` wins after costs.
    `inputs` is the SHA-256 over the exact view, `decision` that over everything decided from it.
    """

    id: str
    market: str
    symbol: str
    horizon: str
    at: datetime
    """The end of the bar that was judged."""
    action: Action
    lean: Lean
    score: float
    price: float
    calibrated: Calibrated | None
    expected: ExpectedRange | None
    record: Record | None
    opinions: tuple[Opinion, ...]
    gates: tuple[Gate, ...]
    reasons: tuple[Reason, ...]
    reasoning: str
    agent_set: str
    inputs: str
    decision: str
    simulated: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def confidence(self) -> float | None:
        """The calibrated probability, None while nothing is calibrated."""
        return None if self.calibrated is None else self.calibrated.confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What else a decision was made from, so that it can be made again: see `Decision`.

    `run` numbers the judge's turns: the bars and chain summaries of a view are those seen up to then; `calibration` is
    the version of what had been learned; `outcomes` the number of the last outcome that was known.
    """

    run: int
    quote: Quote | None
    condition: Condition
    calibration: int | None
    outcomes: int
    parameters: str
    """Hash of the settings that a judgement depends on."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Short hash of each part of the view: of a column of its bars, and of all else (`head`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A signal as it was stored: when it was made, what from, and whether everybody is told."""

    signal: Signal
    judged_at: datetime
    knowledge: Knowledge
    announces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """Decisions on minutes that nobody had been told of, let go because they were older than `days` days.

    Their bars ended from `first` to `last`, all before `before`; `entries` are the spans (first, last) of the numbers
    that they have in the ledger.
    """

    id: str
    market: str
    at: datetime
    before: datetime
    days: int
    first: datetime
    last: datetime
    count: int
    entries: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a signal, once and for all: entered at the next bar's open, left at the close of the last.

    `gross` is the return of being long (fraction); `net` that of the lean after `cost` (of being long for a flat one);
    `won`: net > 0. `in_range`: whether `gross` lay in the expected range (None: no range was given).
    """

    signal: str
    market: str
    symbol: str
    horizon: str
    lean: Lean
    action: Action
    score: float
    confidence: float | None
    at: datetime
    entered_at: datetime
    entry: float
    exited_at: datetime
    exit: float
    gross: float
    net: float
    won: bool
    in_range: bool | None
    regime: str
    agent_set: str
    simulated: bool = False
    opinions: Mapping[str, float] = field(default_factory=dict)
    """agent -> its score."""
    base_rate: float | None = None
    """As it stood beside the confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One column of a reliability diagram."""

    low: float
    high: float
    n: int
    mean_confidence: float | None
    hit_rate: float | None
    wilson_low: float | None
    wilson_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """The record of a market, horizon and (optionally) agent, symbol, direction or regime.

    brier = reliability − resolution + uncertainty (Murphy 1973), with the remainder within the bins told apart;
    `ece_floor` is the ECE that a perfect forecaster would show with so few independent outcomes.
    """

    market: str
    horizon: str
    group: str
    key: str
    record: Record
    bins: tuple[Bin, ...]
    reliability: float | None
    resolution: float | None
    uncertainty: float | None
    within: float | None
    ece: float | None
    ece_floor: float | None
    range_coverage: float | None
    range_n: int
    first: date | None
    last: date | None
    extra: Mapping[str, Any] = field(default_factory=dict)
