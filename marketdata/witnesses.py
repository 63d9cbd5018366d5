"""Asking the sources that nobody needs now, so that there is somebody to compare with."""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import msgspec

from marketdata import alarms, asking, contest, said, scores, store, wiring
from marketdata.cache import client
from marketdata.contest import Contest
from marketdata.domain import Interval, Session
from marketdata.listening import phase
from marketdata.live import topics
from marketdata.sources.base import Capability

EVERY = 30.0
"""Seconds between two rounds."""
WITNESSED = 50
"""Symbols of a round, besides those that are contested: longer watchlists take turns."""
FRESH = 20.0
"""Seconds for which what a source said need not be asked for again."""
RECENT = timedelta(minutes=30)
"""Of the minutes of so long the usual change of a price is taken."""
REMEDY = "Compare with a third source; switch the wrong one off in the admin until its vendor has mended it."


def run(watchlist: Sequence[str]) -> None:
    """One round: ask the silent sources for what runs now, and judge. Nothing where only one source is live."""
    _forget_old()
    if wiring.market() != wiring.LIVE:
        return
    names = [source.name for source in wiring.sources() if Capability.QUOTES in source.capabilities]
    if len(names) < 2:
        return
    symbols = _turn(watchlist)
    for name in names:
        if missing := _not_fresh(name, symbols):
            answer = asking.ask(lambda feed, asked=missing: feed.quotes(asked), name)  # type: ignore[misc]
            said.note(answer.value.values(), said.Channel.ANSWER)
    compare(names, symbols)


def compare(names: Sequence[str], symbols: Sequence[str]) -> dict[str, Contest]:
    """Judge what these sources said last about these symbols; returns what is contested now."""
    now, before = wiring.clock()(), contested()
    found: dict[str, Contest] = {}
    for symbol, quotes in said.last(names, symbols).items():
        known = before.get(symbol)
        one = contest.judge(quotes, known, (), now)
        if one is not None:
            one = contest.judge(quotes, known, _changes(symbol), now)
        _keep(symbol, known, one)
        if one is not None:
            found[symbol] = one
    return found


def contested() -> dict[str, Contest]:
    """The symbols about whose price sources disagree; one that has lasted `is_told`."""
    found: dict[bytes, bytes] = client().hgetall(topics.CONTESTED)  # type: ignore[assignment]
    return {symbol.decode(): msgspec.json.decode(text, type=Contest) for symbol, text in found.items()}


def of(symbol: str) -> Contest | None:
    """The lasting contest about a symbol, if there is one."""
    text = client().hget(topics.CONTESTED, symbol)
    found = msgspec.json.decode(text, type=Contest) if isinstance(text, bytes) else None
    return found if found and found.is_told else None


def _forget_old() -> None:
    """What cannot be judged any more, because a source was switched off or a symbol is watched no longer."""
    since = wiring.clock()().timestamp() - contest.FORGOTTEN
    for symbol, one in contested().items():
        if one.seen < since:
            _keep(symbol, one, None)


def _turn(watchlist: Sequence[str]) -> list[str]:
    now = wiring.clock()()
    running = [one for one in watchlist if phase(one, now) in (Session.REGULAR, Session.ALWAYS)]
    first = int(time.time() // EVERY) * WITNESSED % len(running) if len(running) > WITNESSED else 0
    chosen = (running[first:] + running[:first])[:WITNESSED]
    return list(dict.fromkeys([*(one for one in contested() if one in running), *chosen]))


def _not_fresh(name: str, symbols: Sequence[str]) -> list[str]:
    since = wiring.clock()() - timedelta(seconds=FRESH)
    words = said.last([name], symbols)
    return [symbol for symbol in symbols if not any(one.received_at > since for one in words[symbol])]


def _changes(symbol: str) -> list[float]:
    now = wiring.clock()()
    closes = store.bars(symbol, Interval.MINUTE, now - RECENT, now, wiring.LIVE, now=now).close.tolist()
    return [later / earlier - 1 for earlier, later in pairwise(closes) if earlier]


def _keep(symbol: str, before: Contest | None, now: Contest | None) -> None:
    if now is None:
        if before is not None:
            client().hdel(topics.CONTESTED, symbol)
            alarms.end(f"disagree {symbol}")
        return
    client().hset(topics.CONTESTED, symbol, msgspec.json.encode(now))  # type: ignore[arg-type]
    if now.is_told and not (before and before.is_told):
        (one, other), (price, another) = now.vendors, now.prices
        alarms.sound(f"disagree {symbol}", f"{symbol}: {one} says {price:g}, {other} {another:g}", REMEDY)
        for name in now.vendors:
            scores.disagreed(name)
