"""The one way in: analyse a chain, store it with its alerts, then show both."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median

import numpy as np
import redis
from django.conf import settings
from django.db import DatabaseError, transaction
from numpy.typing import NDArray

from marketdata import calendar, counters, wiring
from marketdata import store as market_store
from marketdata.chains import OptionChain
from marketdata.live import retained, topics
from marketdata.live.publish import publish
from marketdata.sources import recorded_chain_moment as moments
from options import merging, store, wire
from options.chain import analyse
from options.columns import columns
from options.confirming import moved
from options.domain import Alert, Analysis, Chain
from options.expecting import Expected, before_trading
from options.rules import RuleSet, alerts, announced
from options.unusual import price_of

log = logging.getLogger(__name__)
NEAR = timedelta(minutes=15)
"""How far from a chain's moment a quote of the underlying may be to be its spot."""
AFTER_CLOSE = timedelta(hours=1)
"""How long after the close a chain may still raise alerts; later ones only fill the shelves."""
FOLLOWED = timedelta(days=10)
"""For how long the price of an alert's contract is followed."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """The analysis of the whole chain as it is known now, its new alerts, and what was changed by it."""

    analysis: Analysis
    alerts: tuple[Alert, ...]
    saved: store.Saved


@dataclass(frozen=True, slots=True)
class _Moment:
    session: date
    taken_at: datetime
    spot: float | None
    spot_as_of: datetime | None


def chain(
    value: OptionChain, *, session: date | None = None, taken_at: datetime | None = None, spot: float | None = None,
    spot_as_of: datetime | None = None, market: str | None = None, whole: bool = False,
) -> Ingested:  # fmt: skip
    """Take in a vendor's chain, or a part of it: the other expiries stay as they were told before.

    `session`, `taken_at` (when its quotes held) and `spot` where they are known better than from the answer's time and
    the latest quote; `whole`: nothing is known but what is in it, and nothing of it is news (a file of the past).
    """
    market = market or wiring.market()
    moment = _moment(value, market, session, taken_at)
    told = _Moment(*moment, *((spot, spot_as_of or moment[1]) if spot else _spot(value, market, moment[1])))
    fresh = columns(
        value, market=market, session=told.session, taken_at=told.taken_at, spot=told.spot,
        spot_as_of=told.spot_as_of, hours=_hours(told.session, market),
    )  # fmt: skip
    with store.locked(value.underlying, market):
        found = _taken_in(fresh, whole, _may_raise(value, told, market) or whole)
        if not whole and market == wiring.market():
            transaction.on_commit(partial(_show, found))
    stored = int(found.saved.parts > 0)
    counters.add(chains_stored=stored, contracts_fetched=len(fresh), alerts_raised=len(found.alerts))
    return found


def tell(market: str) -> int:
    """Announce the alerts, and then the verdicts, that were stored and not told yet, each until it was.

    Returns how many. Whoever is killed between telling and noting it has it told again: the same alert, the same id.
    """
    waiting, judged = store.untold(market), store.untold_verdicts(market)
    if waiting:
        publish([wire.alert_event(one) for one in waiting])
        store.note_told([one.id for one in waiting])
    if judged:
        publish([wire.verdict_event(one) for one in judged])
        store.note_verdicts_told([one.id for one in judged])
    return len(waiting) + len(judged)


def show_latest(underlying: str, market: str, until: datetime | None = None) -> None:
    """Announce what is stored of an underlying, if it is not later than `until`, for those who come later to find."""
    found = store.summary(underlying, market)
    if found and market == wiring.market() and (until is None or found.taken_at <= until):
        _safely(lambda: publish([wire.summary_event(found)]))


def show_forgotten(underlyings: Sequence[str], market: str) -> None:
    """Announce again what Redis has lost of these underlyings: while their market is closed nothing new would come.

    Nothing that is still to come in a recording that is played.
    """
    forgotten = {topics.options(one): one for one in underlyings}
    for key in retained.retained(list(forgotten)):
        del forgotten[key]
    if not forgotten:
        return
    for underlying in sorted({*forgotten.values()} & {*store.underlyings(market)}):
        show_latest(underlying, market, until=wiring.clock()())


def _taken_in(fresh: Chain, whole: bool, may_raise: bool) -> Ingested:
    parts = merging.parts(fresh)
    if not parts:
        store.save_rejects(fresh)
        return Ingested(analyse(fresh, settings.OPTIONS_RATE), (), store.Saved(0, summary=False, alerts=()))
    analysis = _analysed(fresh, parts, whole)
    rules = store.rule_sets()
    expected = store.expected(analysis.chain, plain=any(rule.remembers for rule in rules if rule.enabled))
    among = np.isin(analysis.chain.symbol, fresh.symbol)
    found, told = _raised(before_trading(analysis, expected), expected, rules, among) if may_raise else ((), ())
    saved = store.save(analysis, found, expected=expected, told=() if whole else told, fresh=parts)
    _follow(fresh)
    return Ingested(analysis, tuple(one for one in found if one.id in saved.alerts), saved)


def _analysed(fresh: Chain, parts: Collection[tuple[str, date]], whole: bool) -> Analysis:
    """The chain with the parts that were told earlier, each of which says when."""
    underlying, market, session = fresh.underlying, fresh.market, fresh.session
    kept, when = (None, {}) if whole else store.current(underlying, market, session, parts)
    merged = merging.merged(fresh, kept)
    found = analyse(merged, settings.OPTIONS_RATE, store.past_iv30(underlying, market, session))
    slices = tuple(replace(one, taken_at=when.get((one.root, one.expiry), fresh.taken_at)) for one in found.slices)
    return replace(found, slices=slices, summary=replace(found.summary, oldest_at=merging.older(merged, when)))


def _raised(
    analysis: Analysis, expected: Expected, rules: Sequence[RuleSet], among: NDArray[np.bool_]
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """The new alerts, and those of them that the world is to hear of."""
    chain = analysis.chain
    before = store.raised(chain.underlying, chain.market, chain.session)
    found = alerts(analysis, expected, rules, [id_ for id_, _, _ in before], among)
    return found, announced(found, [symbol for _, symbol, was_told in before if was_told])


def _follow(fresh: Chain) -> None:
    """What became of the prices of the contracts that alerts named."""
    since = store.followed(fresh.underlying, fresh.market, fresh.session - FOLLOWED, fresh.session)
    if not since:
        return
    middles = dict(zip(fresh.symbol.tolist(), price_of(fresh).tolist(), strict=True))
    priced = {symbol: price for symbol, price in middles.items() if price == price}
    looked = [(one, moved(one, priced.get(one.symbol), fresh.taken_at)) for one in since]
    store.follow([after for before, after in looked if after != before])


def _moment(value: OptionChain, market: str, session: date | None, taken_at: datetime | None) -> tuple[date, datetime]:
    """The session of a chain, and when its quotes held: after the close they are those of the close."""
    if session and taken_at:
        return session, taken_at
    at = taken_at or value.received_at - timedelta(seconds=_delay(value))
    if market == wiring.SIMULATED:
        return session or calendar.session_date(at, market), at
    found = moments.held(at, value.underlying)
    return session or found[0], taken_at or found[1]


def _delay(value: OptionChain) -> float:
    return max((one.delayed_by for one in value.quotes if one.delayed_by is not None), default=0)


def _spot(value: OptionChain, market: str, at: datetime) -> tuple[float | None, datetime | None]:
    """The latest quote of the underlying if it is of that moment, else what the vendor says with the chain."""
    quote = market_store.latest([value.underlying], market).get(value.underlying)
    if quote and quote.price and abs(quote.as_of - at) <= NEAR:
        return quote.price, quote.as_of
    said = [one.underlying_price for one in value.quotes if one.underlying_price]
    return (median(said), at) if said else (None, None)


def _hours(session: date, market: str) -> tuple[datetime, datetime] | None:
    try:
        return calendar.hours(session, market)
    except calendar.OutOfCalendar:
        return None


def _may_raise(value: OptionChain, told: _Moment, market: str) -> bool:
    """While its session runs and just after it: the night brings other open interest, and no trade."""
    hours = _hours(told.session, market)
    return hours is None or value.received_at - timedelta(seconds=_delay(value)) <= hours[1] + AFTER_CLOSE


def _show(found: Ingested) -> None:
    """What was stored; the rest of what was not told when Redis was away goes with it."""
    if found.saved.summary:
        _safely(lambda: publish([wire.summary_event(found.analysis.summary)]))
    _safely(lambda: tell(found.analysis.chain.market))


def _safely(announce: Callable[[], object]) -> None:
    try:
        announce()
    except (redis.RedisError, DatabaseError, OSError) as error:
        log.warning("A chain is stored but could not be announced: %s", type(error).__name__)
