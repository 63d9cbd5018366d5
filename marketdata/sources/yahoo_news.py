"""Yahoo's articles -> our headlines. Pure: JSON in, values out; a row without id, title or time is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from marketdata import symbols
from marketdata.headlines import Headline
from marketdata.sources.fields import Row, part, text


def headlines(articles: Iterable[object], symbol: str, asked: Mapping[str, str]) -> list[Headline]:
    """The articles that Yahoo shows for `symbol`; `asked`: canonical -> Yahoo's spelling."""
    canonical = {spelling: ours for ours, spelling in asked.items()}
    found = (_headline(article, symbol, canonical) for article in articles)
    return [one for one in found if one is not None]


def latest(found: Iterable[Headline], limit: int) -> tuple[Headline, ...]:
    """The newest first, each once: about all the symbols for which it came."""
    each: dict[str, Headline] = {}
    for one in found:
        about = (*each[one.id].symbols, *one.symbols) if one.id in each else one.symbols
        each[one.id] = replace(one, symbols=_once(about))
    return tuple(sorted(each.values(), key=lambda one: one.published_at, reverse=True)[:limit])


def _headline(article: object, symbol: str, canonical: Mapping[str, str]) -> Headline | None:
    content = part(article, "content")
    id_ = text(content.get("id")) or (text(article.get("id")) if isinstance(article, Mapping) else None)
    title, at = text(content.get("title")), _instant(content.get("pubDate"))
    if id_ is None or title is None or at is None:
        return None
    url = part(content, "canonicalUrl").get("url") or part(content, "clickThroughUrl").get("url")
    return Headline(
        vendor="yahoo", id=id_, title=title, published_at=at, symbols=_once((symbol, *_named(content, canonical))),
        url=text(url), publisher=text(part(content, "provider").get("displayName")),
        summary=text(content.get("summary")) or text(content.get("description")),
    )  # fmt: skip


def _named(content: Row, canonical: Mapping[str, str]) -> Iterable[str]:
    tickers = part(content, "finance").get("stockTickers")
    for row in tickers if isinstance(tickers, list) else ():
        ticker = row.get("symbol") if isinstance(row, Mapping) else None
        if isinstance(ticker, str):
            try:
                yield canonical.get(ticker) or symbols.from_yahoo(ticker)
            except symbols.InvalidSymbol:
                continue


def _once(about: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(about))


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at and (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
