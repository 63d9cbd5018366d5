"""A known split is no jump: what came before it is compared in the shares of after it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from marketdata import calendar, store
from marketdata.actions import Action, mended, ratio, restated
from marketdata.domain import Quote


class Shares:
    """The splits that lie between some quotes of a market and those before them."""

    def __init__(self, market: str, quotes: Iterable[Quote]) -> None:
        self._market = market
        days = [quote.as_of.date() for quote in quotes]
        self._splits: Mapping[str, Sequence[Action]] = (
            store.splits(market, min(days) - timedelta(days=1)) if days else {}
        )

    def mended(self, quote: Quote) -> Quote:
        """The quote, its previous close in the same shares as its price."""
        splits = self._splits.get(quote.symbol)
        return mended(quote, splits, self._day(quote)) if splits else quote

    def before(self, quote: Quote, earlier: Quote | None) -> Quote | None:
        """An earlier quote in the shares of a later one."""
        splits = self._splits.get(quote.symbol)
        if earlier is None or not splits:
            return earlier
        return restated(earlier, ratio(splits, self._day(earlier), self._day(quote)))

    def _day(self, quote: Quote) -> date:
        try:
            return calendar.session_date(quote.as_of, self._market)
        except calendar.OutOfCalendar:
            return quote.as_of.date()
