"""Where each field of a quote comes from: its vendor, how it came, and how old it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketdata.domain import Quote
from marketdata.quality import OLD

OF_TRADE, OF_BOOK = ("price",), ("bid", "ask", "bid_size", "ask_size")
OF_DAY = ("open", "high", "low", "previous_close", "volume")
FIELDS = (*OF_TRADE, *OF_BOOK, *OF_DAY, "ext_price")
Word = tuple[str, Quote]
"""How a quote came (answer, push), and the quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One field: its value, who said it, how and when; `age` in seconds.

    `is_shown`: the quote itself has it; else another live source had it, and it stands here only.
    """

    value: float
    vendor: str
    channel: str | None
    feed: str | None
    delayed_by: int | None
    as_of: datetime
    age: float
    is_shown: bool


def explain(shown: Quote, words: Sequence[Word], now: datetime) -> dict[str, Origin | None]:
    """Each field's origin; None where nobody said it, or nobody of late."""
    rising = sorted(words, key=lambda word: word[1].as_of)
    return {name: _shown(name, shown, rising, now) or _elsewhere(name, shown, rising, now) for name in FIELDS}


def _shown(name: str, shown: Quote, words: Sequence[Word], now: datetime) -> Origin | None:
    """A push may have been completed by an answer of its vendor: then that answer is where the field is from."""
    value = getattr(shown, name)
    if value is None:
        return None
    same = [word for word in words if word[1].vendor == shown.vendor and word[1].as_of <= shown.as_of]
    own = [word for word in same if (word[1].as_of, word[1].received_at) == (shown.as_of, shown.received_at)]
    if own and getattr(own[-1][1], name) == value:
        return _origin(name, *own[-1], now, True)
    earlier = [word for word in same if getattr(word[1], name) == value]
    if name in OF_DAY and earlier:
        return _origin(name, *earlier[-1], now, True)
    return _origin(name, None, shown, now, True)


def _elsewhere(name: str, shown: Quote, words: Sequence[Word], now: datetime) -> Origin | None:
    """Another source's word about the same phase of the same day; of prices, one that is not old."""
    for channel, quote in reversed(words):
        if getattr(quote, name) is None or quote.session is not shown.session:
            continue
        found = _origin(name, channel, quote, now, False)
        limit = OLD + (quote.delayed_by or 0) if name not in OF_DAY else 3600.0
        if found.age <= limit:
            return found
    return None


def _origin(name: str, channel: str | None, quote: Quote, now: datetime, is_shown: bool) -> Origin:
    at = quote.as_of
    if name in OF_BOOK:
        at = quote.quote_as_of or at
    elif name == "ext_price":
        at = quote.ext_as_of or at
    return Origin(
        value=getattr(quote, name), vendor=quote.vendor, channel=channel, feed=quote.feed, delayed_by=quote.delayed_by,
        as_of=at, age=round(max(0.0, (now - at).total_seconds()), 3), is_shown=is_shown,
    )  # fmt: skip
