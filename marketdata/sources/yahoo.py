"""Yahoo Finance through yfinance: quotes in batches, bars, chains, news. Unofficial, by its terms for personal use."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

import yfinance

from marketdata.actions import Action
from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval
from marketdata.headlines import Headline
from marketdata.sources import yahoo_actions, yahoo_bars, yahoo_chain, yahoo_news, yahoo_quotes, yahoo_symbols
from marketdata.sources.base import (
    BadPayload,
    Capability,
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
)
from marketdata.sources.yahoo_line import Line
from marketdata.sources.yahoo_session import Trouble

QUOTES = "https://query1.finance.yahoo.com/v7/finance/quote"
OPTIONS = "https://query2.finance.yahoo.com/v7/finance/options/"
PER_REQUEST = 50
PATIENCE = 5
"""How many times the timeout chains and news may take: they come in several requests."""
BEFORE = timedelta(days=10)
"""So that the close before an action is in the answer."""
T = TypeVar("T")


class Yahoo:
    """What Yahoo has; `timeout` (seconds) bounds each call whole, with its cookie and crumb."""

    name = "yahoo"
    simulated = False
    capabilities = frozenset({Capability.QUOTES, Capability.BARS, Capability.OPTIONS, Capability.NEWS})

    def __init__(
        self,
        proxy: str | None = None,
        ca_file: str | None = None,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._line = Line(proxy, ca_file, timeout)
        self._clock = clock
        self._expiries: dict[str, tuple[date, Mapping[date, int]]] = {}

    def quotes(self, symbols: Sequence[str]) -> yahoo_quotes.Answers:
        """A quote or an error for each symbol, fifty to a request; raises only when every request failed."""
        strange: yahoo_quotes.Answers = {
            one: yahoo_symbols.unknown(one) for one in symbols if not yahoo_symbols.can_be_asked(one)
        }
        asked = {symbol: yahoo_symbols.spelled(symbol) for symbol in symbols if symbol not in strange}
        parts = [dict(part) for part in _batched(asked.items(), PER_REQUEST)]
        answers, failures = self._all_quotes(parts)
        if parts and len(failures) == len(parts):
            raise failures[0]
        return strange | answers

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars of regular sessions, split-adjusted only; intraday as far back as Yahoo keeps them."""
        if not yahoo_symbols.can_be_asked(symbol):
            raise yahoo_symbols.unknown(symbol)
        now = self._clock()
        parts: list[Bars] = []
        nothing: NoData | None = None
        with self._line.turn(Capability.BARS) as trouble:
            for first, last in yahoo_bars.requests(interval, start, end, now):
                try:
                    parts.append(self._bars(symbol, interval, first, last, trouble))
                except NoData as error:
                    nothing = error
        if not parts and nothing:
            raise nothing
        filled = [part for part in parts if len(part)]
        return yahoo_bars.within(yahoo_bars.join(filled), start, end) if filled else yahoo_bars.none(symbol, interval)

    def actions(self, symbol: str, since: date) -> tuple[Action, ...]:
        """Splits and dividends with an ex-date from `since` on; one request."""
        if not yahoo_symbols.can_be_asked(symbol):
            raise yahoo_symbols.unknown(symbol)

        def fetch() -> tuple[Action, ...]:
            ticker = yfinance.Ticker(yahoo_symbols.spelled(symbol), session=self._line.session)
            frame = ticker.history(
                start=since - BEFORE, interval="1d", auto_adjust=False, actions=True, repair=False,
                timeout=self._line.timeout,
            )  # fmt: skip
            return tuple(one for one in yahoo_actions.read(frame, symbol) if one.ex_date >= since)

        with self._line.turn(Capability.BARS) as trouble:
            return self._line.ask(fetch, trouble)

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries that Yahoo lists; raises NoData where it lists none."""
        with self._line.turn(Capability.OPTIONS) as trouble:
            return tuple(self._listed(symbol, trouble))

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """All contracts that expire from `first` to `last`, a request for each expiry; no sizes and no Greeks."""
        with self._line.turn(Capability.OPTIONS, PATIENCE) as trouble:
            listed = self._listed(symbol, trouble)
            seconds = [at for day, at in listed.items() if first <= day <= last]
            pages = [self._page(symbol, trouble, {"date": str(at)}) for at in seconds]
        return yahoo_chain.join(pages, symbol, self._clock())

    def news(self, symbols: Sequence[str], limit: int) -> tuple[Headline, ...]:
        """The latest headlines about any of the symbols, newest first; a request for each symbol."""
        asked = {symbol: yahoo_symbols.spelled(symbol) for symbol in symbols if yahoo_symbols.can_be_asked(symbol)}
        with self._line.turn(Capability.NEWS, PATIENCE) as trouble:
            found = [one for symbol in asked for one in self._headlines(symbol, asked, limit, trouble)]
        return yahoo_news.latest(found, limit)

    def knows(self, symbol: str) -> bool | None:
        """Yahoo alone can tell."""
        return None

    def close(self) -> None:
        """End the connections; the cookie and crumb are forgotten."""
        self._line.close()

    def _all_quotes(self, parts: Sequence[Mapping[str, str]]) -> tuple[yahoo_quotes.Answers, list[SourceError]]:
        answers: yahoo_quotes.Answers = {}
        failures: list[SourceError] = []
        with self._line.turn(Capability.QUOTES) as trouble:
            for part in parts:
                try:
                    # Once Yahoo limits us or is away, more requests would only make it worse.
                    if failures and isinstance(failures[-1], RateLimited | Unavailable):
                        raise failures[-1]
                    answers |= self._quotes(part, trouble)
                except SourceError as error:
                    failures.append(error)
                    answers |= dict.fromkeys(part, error)
        return answers, failures

    def _quotes(self, asked: Mapping[str, str], trouble: Trouble) -> yahoo_quotes.Answers:
        params = {"symbols": ",".join(asked.values()), "formatted": "false"}
        payload = self._line.ask(lambda: self._line.json(QUOTES, params), trouble)
        return yahoo_quotes.read(payload, asked, self._clock())

    def _bars(self, symbol: str, interval: Interval, start: object, end: object, trouble: Trouble) -> Bars:
        def fetch() -> Bars:
            ticker = yfinance.Ticker(yahoo_symbols.spelled(symbol), session=self._line.session)
            frame = ticker.history(
                start=start, end=end, interval=interval.value, prepost=yahoo_symbols.never_closes(symbol),
                auto_adjust=False, actions=True, repair=False, timeout=self._line.timeout,
            )  # fmt: skip
            return yahoo_bars.read(frame, ticker.history_metadata, symbol, interval, self._clock())

        return self._line.ask(fetch, trouble)

    def _listed(self, symbol: str, trouble: Trouble) -> Mapping[date, int]:
        """The expiries, asked once a day."""
        today = self._clock().date()
        day, listed = self._expiries.get(symbol, (None, {}))
        if day != today:
            listed = self._page(symbol, trouble, {}).expiries
            if not listed:
                raise NoData(f"Yahoo lists no option of {symbol}")
            self._expiries[symbol] = (today, listed)
        return listed

    def _page(self, symbol: str, trouble: Trouble, when: Mapping[str, str]) -> yahoo_chain.Page:
        if not yahoo_symbols.can_be_asked(symbol):
            raise yahoo_symbols.unknown(symbol)
        url = OPTIONS + quote(yahoo_symbols.spelled(symbol), safe="")
        payload = self._line.ask(lambda: self._line.json(url, {"formatted": "false", **when}), trouble)
        return yahoo_chain.read(payload, symbol, self._clock())

    def _headlines(self, symbol: str, asked: Mapping[str, str], limit: int, trouble: Trouble) -> list[Headline]:
        def fetch() -> list[Headline]:
            articles = yfinance.Ticker(asked[symbol], session=self._line.session).get_news(count=limit)
            # yfinance takes any object for an empty list of news.
            if not articles and '"data"' not in trouble.head:
                raise BadPayload(f"Yahoo's answer holds no list of news: {trouble.shown}")
            return yahoo_news.headlines(articles, symbol, asked)

        return self._line.ask(fetch, trouble)


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    rest = iter(items)
    while part := tuple(islice(rest, size)):
        yield part
