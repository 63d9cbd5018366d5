"""Calls to yfinance, one of a kind at a time, each within its deadline and with an error of our tree at worst."""

import logging
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import yfinance
from pandas.errors import Pandas4Warning
from yfinance.cache import get_cookie_cache
from yfinance.data import SingletonMeta, YfData

from marketdata.sources.base import Capability, RateLimited, SourceError, VendorTimeout
from marketdata.sources.yahoo_errors import named
from marketdata.sources.yahoo_session import Session, Trouble

PAUSE, LONGEST_PAUSE = 60.0, 900.0

# yfinance 1.7 says on every call that pandas 4 will not have something it uses; it is not ours to mend.
warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
# What it warns of on a failed call stands in the error that we raise.
logging.getLogger("yfinance").setLevel(logging.ERROR)

T = TypeVar("T")


class Line:
    """The session that yfinance borrows, and the turns of those who ask through it; `timeout` in seconds."""

    def __init__(self, proxy: str | None, ca_file: str | None, timeout: float) -> None:
        yfinance.config.debug.hide_exceptions = False
        _own_folder()
        self.session = Session(proxy, ca_file)
        _forget(self.session)
        self.timeout = timeout
        self._free = {capability: threading.Lock() for capability in Capability}
        self._pause = PAUSE

    @contextmanager
    def turn(self, capability: Capability, patience: float = 1.0) -> Iterator[Trouble]:
        """One call of a kind at a time, for `patience` timeouts: a caller may have left its last one behind."""
        if not self._free[capability].acquire(timeout=self.timeout):
            raise VendorTimeout("Yahoo still has not answered the call before")
        try:
            with self.session.within(self.timeout * patience) as trouble:
                yield trouble
        finally:
            self._free[capability].release()

    def ask(self, fetch: Callable[[], T], trouble: Trouble) -> T:
        """What `fetch` gets by yfinance; raises SourceError."""
        try:
            answer = fetch()
        except Exception as error:
            raise self._named(error, trouble) from None
        finally:
            # yfinance keeps error answers, and old bars that a split has since changed.
            YfData(session=self.session).cache_get.cache_clear()
        self._pause = PAUSE
        return answer

    def json(self, url: str, params: Mapping[str, str]) -> Any:
        """The JSON at an address, asked with cookie and crumb; to be called inside `ask`."""
        return YfData(session=self.session).get_raw_json(url, params=params, timeout=self.timeout)

    def close(self) -> None:
        """End the connections; the cookie and crumb are forgotten."""
        _forget(self.session)
        self.session.close()

    def _named(self, error: Exception, trouble: Trouble) -> SourceError:
        if trouble.crumb_limited or trouble.status in (401, 403):
            _forget(self.session)
        ours = named(error, trouble, self._pause)
        if isinstance(ours, RateLimited):
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return ours


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
