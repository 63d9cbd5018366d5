"""Which requests a question about quotes takes at Polygon, and one answer out of all of theirs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from marketdata.sources import polygon_quotes
from marketdata.sources.base import AuthFailed, NoData, NotEntitled, RateLimited, SourceError
from marketdata.sources.polygon_client import Client
from marketdata.sources.polygon_values import rows
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind, kind

PER_REQUEST = 250


class Snapshots:
    """Shares by the stocks' snapshot, every other kind by the universal one."""

    def __init__(self, client: Client, delayed_by: int, clock: Callable[[], datetime]) -> None:
        self._client, self._delayed_by, self._clock = client, delayed_by, clock

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol; raises only when every request failed."""
        asked, answers = polygon_quotes.spelled(list(dict.fromkeys(symbols)))
        failures: list[SourceError] = []
        parts = list(_parts(asked))
        for is_shares, part in parts:
            try:
                # After a limit more requests would only prolong it.
                if stop := next((one for one in failures if isinstance(one, RateLimited | AuthFailed)), None):
                    raise stop
                answers |= self._shares(part) if is_shares else self._mixed(part)
            except SourceError as error:
                failures.append(error)
                answers |= dict.fromkeys(part, error)
        if parts and len(failures) == len(parts) and not _lacks_a_kind(parts, failures):
            raise failures[0]
        return answers

    def _shares(self, asked: Mapping[str, str]) -> Answers:
        document = self._client.ask(lambda client: client.get_snapshot_all("stocks", list(asked.values()), raw=True))
        if document.get("tickers") == [] and self._is_closed():
            return dict.fromkeys(asked, NoData("the market is closed and Polygon's snapshot is empty"))
        return polygon_quotes.shares(document, asked, self._clock(), self._delayed_by)

    def _mixed(self, asked: Mapping[str, str]) -> Answers:
        tickers = list(asked.values())
        pages = self._client.pages(
            lambda client: client.list_universal_snapshots(ticker_any_of=tickers, limit=PER_REQUEST, raw=True)
        )
        found = [row for page in pages for row in rows(page, "results")]
        return polygon_quotes.mixed(found, asked, self._clock(), self._delayed_by)

    def _is_closed(self) -> bool:
        """Whether an empty snapshot is what it should be now: Polygon empties it from midnight to 4 in New York."""
        return self._client.ask(lambda client: client.get_market_status(raw=True)).get("market") == "closed"


def _parts(asked: Mapping[str, str]) -> Iterator[tuple[bool, dict[str, str]]]:
    """The requests that a question takes: shares first, then the other kinds, at most 250 symbols in each."""
    for is_shares in (True, False):
        some = [pair for pair in asked.items() if (kind(pair[0]) is Kind.SHARE) == is_shares]
        for first in range(0, len(some), PER_REQUEST):
            yield is_shares, dict(some[first : first + PER_REQUEST])


def _lacks_a_kind(parts: Sequence[tuple[bool, Mapping[str, str]]], failures: Sequence[SourceError]) -> bool:
    """Whether the plan lacks the indices or currencies that were asked: it may still have every share."""
    return not any(is_shares for is_shares, _ in parts) and isinstance(failures[0], NotEntitled)
