"""The conditions that stand between a lean and BUY or SELL, each with what it measured and its threshold. Pure.

Data first: what is stale, contested, full of holes, delayed, or about a closed market is no ground to act on. Then the
proof: an edge in resolved outcomes, and a gain after costs. Then four protections after freqtrade's plug-ins of the
same names (freqtrade.io, "Protections"); its trades are here the outcomes of our own BUY and SELL signals, and a trade
that was stopped out is one that lost more than `stop`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from marketdata import calendar
from marketdata.domain import Interval, Session
from signals.domain import Action, Calibrated, Condition, Gate, Horizon, Lean, MarketView, Outcome, Reason

RULES = 2
"""How these conditions are read. By the first rules a delay that nobody states was none: decisions of then still are
judged so when they are made again."""
UNSTATED = "the vendor states no delay; the quote's own age is judged beside it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The thresholds of one interval; spans in bars, None: the gate does not apply.

    `late` and `quote_age`: seconds behind the bar's end; `missing`: share of the expected bars; `delayed_by`: seconds;
    `outcomes`: resolved ones below which nothing is told; `stop`, `drawdown`, `profit`: fractions of the price.
    """

    late: float
    quote_age: float | None
    delayed_by: float | None
    missing: float
    within_session: bool
    outcomes: int
    weak: float
    proof: float
    cooldown: int
    guard_span: int
    guard_stops: int
    guard_pause: int
    stop: float
    drawdown_span: int
    drawdown_trades: int
    drawdown_pause: int
    drawdown: float
    low_span: int
    low_trades: int
    low_pause: int
    profit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened before: outcomes of BUY and SELL signals of this market and horizon that had closed, and the last
    announced signal of the symbol."""

    outcomes: Sequence[Outcome] = ()
    announced_at: datetime | None = None
    announced: Action | None = None
    lean: Lean | None = None


def read(interval: Interval, settings: Mapping[str, Mapping[str, Any]]) -> Limits:
    """The thresholds of an interval from the settings; those of "" are for all. TypeError names one that is missing."""
    return Limits(**{**settings[""], **settings.get(interval.value, {})})


def of_data(
    view: MarketView, judged_at: datetime, horizon: Horizon, limits: Limits, rules: int = RULES
) -> Iterator[Gate]:
    """Whether the inputs are worth anything."""
    seen, count = view.condition, len(view.bars)
    yield _most(Reason.STALE, (judged_at - view.at).total_seconds(), limits.late, "seconds since the bar's end")
    if limits.quote_age is not None:
        yield _most(Reason.STALE, seen.quote_age, limits.quote_age, "seconds since the last quote")
    if limits.delayed_by is not None:
        yield _delay(seen, limits.delayed_by, rules)
    yield _most(Reason.CONTESTED, float(seen.contested), 0.0, "lasting contests about the price")
    share = seen.missing / (count + seen.missing) if count else 1.0
    yield _most(Reason.GAP, share, limits.missing, "share of expected bars that is missing")
    if limits.within_session:
        yield _least(Reason.CLOSED, _bars_left(view, horizon), float(horizon.bars), "bars left in the session")


def of_proof(score: float, lean: Lean, sure: Calibrated | None, limits: Limits) -> Iterator[Gate]:
    """Whether the lean is more than noise, and has shown to pay."""
    yield _least(Reason.WARMING, float(sure.n if sure else 0), float(limits.outcomes), "resolved outcomes of the like")
    yield _least(Reason.WEAK, 0.0 if lean is Lean.FLAT else abs(score), limits.weak, "strength of the score")
    yield _least(Reason.UNPROVEN, sure.probability if sure else None, limits.proof, "probability of an edge")
    yield _more(Reason.UNPROFITABLE, sure.net if sure else None, 0.0, "mean return of the like after costs")


def of_protection(view: MarketView, horizon: Horizon, past: Past, limits: Limits) -> Iterator[Gate]:
    """StoplossGuard and MaxDrawdown over all symbols, LowProfitPairs of this one."""
    length, own = horizon.interval.length, [one for one in past.outcomes if one.symbol == view.symbol]
    stopped = [one for one in _since(past.outcomes, view.at, limits.guard_span * length) if one.net < -limits.stop]
    rests = _rests(stopped, limits.guard_stops, view.at, limits.guard_pause * length)
    stops = float(len(stopped) if rests else 0)
    yield _below(Reason.STOPLOSS_GUARD, stops, float(limits.guard_stops), "signals that were stopped out of late")
    closed = _since(past.outcomes, view.at, limits.drawdown_span * length)
    rests = _rests(closed, limits.drawdown_trades, view.at, limits.drawdown_pause * length)
    yield _most(Reason.MAX_DRAWDOWN, drawdown(closed) if rests else 0.0, limits.drawdown, "drawdown of late")
    closed = _since(own, view.at, limits.low_span * length)
    rests = _rests(closed, limits.low_trades, view.at, limits.low_pause * length)
    profit = sum(one.net for one in closed) if rests else limits.profit
    yield _least(Reason.LOW_PROFIT, profit, limits.profit, "sum of this symbol's net returns of late")


def of_announcement(view: MarketView, horizon: Horizon, action: Action, past: Past, limits: Limits) -> Gate:
    """Cooldown: one announcement in so many bars, unless the action has changed. It silences and changes no action."""
    passed = past.announced_at is None or action is not past.announced
    bars = limits.cooldown if passed or past.announced_at is None else _bars(view.at - past.announced_at, horizon)
    return _least(Reason.COOLDOWN, float(bars), float(limits.cooldown), "bars since this was announced")


def drawdown(closed: Sequence[Outcome]) -> float:
    """The deepest fall of the summed net returns below their highest point, 0 included, in the order of closing.

    Signals that closed at once were parts of equal size of one stake.
    """
    total = top = deepest = 0.0
    for _, together in groupby(sorted(closed, key=_when), key=_when):
        nets = sorted(one.net for one in together)
        total += sum(nets) / len(nets)
        top = max(top, total)
        deepest = max(deepest, top - total)
    return deepest


def _delay(seen: Condition, most: float, rules: int) -> Gate:
    if seen.delayed_by is not None or rules == 1:
        return _most(Reason.DELAYED, float(seen.delayed_by or 0), most, "seconds by which the feed is late")
    # No quote is younger than its feed is late.
    is_young = seen.quote_age is not None and seen.quote_age <= most
    return Gate(reason=Reason.DELAYED, passed=is_young, value=None, threshold=most, words=UNSTATED)


def _when(one: Outcome) -> datetime:
    return one.exited_at


def _since(outcomes: Sequence[Outcome], at: datetime, span: timedelta) -> list[Outcome]:
    return [one for one in outcomes if at - span < one.exited_at <= at]


def _rests(closed: Sequence[Outcome], least: int, at: datetime, pause: timedelta) -> bool:
    """Whether there are enough of them, and the pause since the last one is not over."""
    return len(closed) >= max(least, 1) and at < max(one.exited_at for one in closed) + pause


def _bars_left(view: MarketView, horizon: Horizon) -> float:
    """Until the close of the session in which the judged bar lies; a market that never closes has enough."""
    if calendar.session(view.at, view.market) is Session.ALWAYS:
        return float(horizon.bars)
    hours = calendar.hours(calendar.session_date(view.at - horizon.interval.length, view.market), view.market)
    return max(0.0, (hours[1] - view.at) / horizon.interval.length) if hours else 0.0


def _bars(span: timedelta, horizon: Horizon) -> int:
    return span // horizon.interval.length


def _most(reason: Reason, value: float | None, threshold: float, words: str) -> Gate:
    return Gate(
        reason=reason, passed=value is not None and value <= threshold, value=value, threshold=threshold, words=words
    )


def _least(reason: Reason, value: float | None, threshold: float, words: str) -> Gate:
    return Gate(
        reason=reason, passed=value is not None and value >= threshold, value=value, threshold=threshold, words=words
    )


def _more(reason: Reason, value: float | None, threshold: float, words: str) -> Gate:
    return Gate(
        reason=reason, passed=value is not None and value > threshold, value=value, threshold=threshold, words=words
    )


def _below(reason: Reason, value: float | None, threshold: float, words: str) -> Gate:
    return Gate(
        reason=reason, passed=value is not None and value < threshold, value=value, threshold=threshold, words=words
    )
