"""Yahoo Finance through yfinance: quotes in batches and bars. Unofficial, and by its terms for personal use."""

import logging
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TypeVar

import yfinance
from pandas.errors import Pandas4Warning
from yfinance.cache import get_cookie_cache
from yfinance.data import SingletonMeta, YfData

from marketdata.actions import Action
from marketdata.domain import Bars, Interval
from marketdata.sources import yahoo_actions, yahoo_bars, yahoo_quotes, yahoo_symbols
from marketdata.sources.base import (
    Capability,
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
    VendorTimeout,
)
from marketdata.sources.yahoo_errors import named
from marketdata.sources.yahoo_session import Session, Trouble

QUOTES = "https://query1.finance.yahoo.com/v7/finance/quote"
PER_REQUEST = 50
BEFORE = timedelta(days=10)
"""So that the close before an action is in the answer."""
PAUSE, LONGEST_PAUSE = 60.0, 900.0

# yfinance 1.7 says on every call that pandas 4 will not have something it uses; it is not ours to mend.
warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
# What it warns of on a failed call stands in the error that we raise.
logging.getLogger("yfinance").setLevel(logging.ERROR)

T = TypeVar("T")


class Yahoo:
    """Quotes and bars by Yahoo; `timeout` (seconds) bounds each call whole, with its cookie and crumb."""

    name = "yahoo"
    simulated = False
    capabilities = frozenset({Capability.QUOTES, Capability.BARS})

    def __init__(
        self,
        proxy: str | None = None,
        ca_file: str | None = None,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        yfinance.config.debug.hide_exceptions = False
        _own_folder()
        self._session = Session(proxy, ca_file)
        _forget(self._session)
        self._timeout = timeout
        self._clock = clock
        self._free = {capability: threading.Lock() for capability in self.capabilities}
        self._pause = PAUSE

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
        with self._turn(Capability.BARS) as trouble:
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
            ticker = yfinance.Ticker(yahoo_symbols.spelled(symbol), session=self._session)
            frame = ticker.history(
                start=since - BEFORE, interval="1d", auto_adjust=False, actions=True, repair=False,
                timeout=self._timeout,
            )  # fmt: skip
            return tuple(one for one in yahoo_actions.read(frame, symbol) if one.ex_date >= since)

        with self._turn(Capability.BARS) as trouble:
            return self._ask(fetch, trouble)

    def knows(self, symbol: str) -> bool | None:
        """Yahoo alone can tell."""
        return None

    def close(self) -> None:
        """End the connections; the cookie and crumb are forgotten."""
        _forget(self._session)
        self._session.close()

    def _all_quotes(self, parts: Sequence[Mapping[str, str]]) -> tuple[yahoo_quotes.Answers, list[SourceError]]:
        answers: yahoo_quotes.Answers = {}
        failures: list[SourceError] = []
        with self._turn(Capability.QUOTES) as trouble:
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
        data = YfData(session=self._session)
        payload = self._ask(lambda: data.get_raw_json(QUOTES, params=params, timeout=self._timeout), trouble)
        return yahoo_quotes.read(payload, asked, self._clock())

    def _bars(self, symbol: str, interval: Interval, start: object, end: object, trouble: Trouble) -> Bars:
        def fetch() -> Bars:
            ticker = yfinance.Ticker(yahoo_symbols.spelled(symbol), session=self._session)
            frame = ticker.history(
                start=start, end=end, interval=interval.value, prepost=yahoo_symbols.never_closes(symbol),
                auto_adjust=False, actions=True, repair=False, timeout=self._timeout,
            )  # fmt: skip
            return yahoo_bars.read(frame, ticker.history_metadata, symbol, interval, self._clock())

        return self._ask(fetch, trouble)

    def _ask(self, fetch: Callable[[], T], trouble: Trouble) -> T:
        try:
            answer = fetch()
        except Exception as error:
            raise self._named(error, trouble) from None
        finally:
            # yfinance keeps error answers, and old bars that a split has since changed.
            YfData(session=self._session).cache_get.cache_clear()
        self._pause = PAUSE
        return answer

    def _named(self, error: Exception, trouble: Trouble) -> SourceError:
        if trouble.crumb_limited or trouble.status in (401, 403):
            _forget(self._session)
        ours = named(error, trouble, self._pause)
        if isinstance(ours, RateLimited):
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return ours

    @contextmanager
    def _turn(self, capability: Capability) -> Iterator[Trouble]:
        """One call of a kind at a time: a caller may have left its last one behind in another thread."""
        if not self._free[capability].acquire(timeout=self._timeout):
            raise VendorTimeout("Yahoo still has not answered the call before")
        try:
            with self._session.within(self._timeout) as trouble:
                yield trouble
        finally:
            self._free[capability].release()


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    rest = iter(items)
    while part := tuple(islice(rest, size)):
        yield part


_folders: list["tempfile.TemporaryDirectory[str]"] = []
_making = threading.Lock()


def _own_folder() -> None:
    """Give this process its own folder for yfinance's small databases, which several would lock for each other."""
    with _making:
        if not _folders:
            _folders.append(tempfile.TemporaryDirectory(prefix="yfinance-"))
            yfinance.set_tz_cache_location(_folders[0].name)


def _forget(session: Session) -> None:
    """Drop cookie and crumb: yfinance would offer a refused crumb, or the text of an error as a crumb, for ever."""
    SingletonMeta._instances.pop(YfData, None)
    session.cookies.clear()
    get_cookie_cache().store("curlCffi", None)
