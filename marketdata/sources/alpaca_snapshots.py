"""Which requests a question about quotes takes at Alpaca, and one answer out of all of theirs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from marketdata.sources import alpaca_quotes, alpaca_requests
from marketdata.sources.alpaca_client import Call, Client
from marketdata.sources.alpaca_errors import RefusedSymbol
from marketdata.sources.alpaca_feeds import Feeds
from marketdata.sources.alpaca_values import spelled
from marketdata.sources.base import AuthFailed, BadPayload, RateLimited, SourceError, UnknownSymbol
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind, kind

PER_REQUEST = {Kind.SHARE: 200, Kind.CRYPTO: 200, Kind.OPTION: 100}
CRYPTO = "us"


class Snapshots:
    """Shares, crypto and options, each from its own address; a feed that the plan lacks is replaced and labelled."""

    def __init__(self, client: Client, feeds: Mapping[Kind, Feeds], clock: Callable[[], datetime]) -> None:
        self._client, self._feeds, self._clock = client, feeds, clock
        self._refused: set[str] = set()

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol; raises only when every request failed."""
        asked, answers = spelled(list(dict.fromkeys(symbols)))
        failures: list[SourceError] = []
        parts = list(_parts({symbol: theirs for symbol, theirs in asked.items() if theirs not in self._refused}))
        if not parts:
            return answers | self._left_out(asked)
        call = self._client.call()
        for what, part in parts:
            try:
                # After a limit more requests would only prolong it.
                if stop := next((one for one in failures if isinstance(one, RateLimited | AuthFailed)), None):
                    raise stop
                answers |= self._accepted(call, what, part)
            except SourceError as error:
                failures.append(error)
                answers |= dict.fromkeys(part, error)
        if len(failures) == len(parts):
            raise failures[0]
        return answers | self._left_out(asked)

    def _left_out(self, asked: Mapping[str, str]) -> Answers:
        refused = [symbol for symbol, theirs in asked.items() if theirs in self._refused]
        return {symbol: UnknownSymbol("Alpaca says that this is not a symbol") for symbol in refused}

    def _accepted(self, call: Call, what: Kind, part: Mapping[str, str]) -> Answers:
        """The answers about a part, without the symbols for which Alpaca refuses the whole of it."""
        while left := {symbol: theirs for symbol, theirs in part.items() if theirs not in self._refused}:
            try:
                return self._entitled(call, what, left)
            except RefusedSymbol as error:
                if error.spelling not in left.values():
                    raise BadPayload("Alpaca refuses a symbol that was not asked for") from None
                self._refused.add(error.spelling)
        return {}

    def _entitled(self, call: Call, what: Kind, part: Mapping[str, str]) -> Answers:
        def ask(feed: str) -> Answers:
            document = call.ask(alpaca_requests.snapshots(what, list(part.values()), feed))
            return alpaca_quotes.read(document, part, self._clock(), feed)

        return self._feeds[what].entitled(ask)


def _parts(asked: Mapping[str, str]) -> Iterator[tuple[Kind, dict[str, str]]]:
    """The requests that a question takes: shares first, as many symbols in each as an address may hold."""
    for what, most in PER_REQUEST.items():
        some = [pair for pair in asked.items() if kind(pair[0]) is what]
        for first in range(0, len(some), most):
            yield what, dict(some[first : first + most])
