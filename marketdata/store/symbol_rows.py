"""The symbols somebody named, and which of them are watched, in their order."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from marketdata.models import Symbol
from marketdata.symbols import canonical


def watchlist() -> list[str]:
    """The watched symbols in their order; a database that never had any starts with those of the settings."""
    if not Symbol.objects.exists():
        set_watchlist(settings.MARKETDATA_SYMBOLS or settings.DEFAULT_SYMBOLS)
    return list(Symbol.objects.filter(watched=True, active=True).values_list("symbol", flat=True))


def set_watchlist(symbols: Iterable[str]) -> None:
    """Watch exactly these, in this order; raises InvalidSymbol. The others stay known."""
    wanted = list(dict.fromkeys(canonical(symbol) for symbol in symbols))
    rows = [Symbol(symbol=symbol, position=position) for position, symbol in enumerate(wanted)]
    with transaction.atomic():
        _lock()
        Symbol.objects.exclude(symbol__in=wanted).update(watched=False)
        Symbol.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["symbol"], update_fields=["position", "watched", "active"]
        )


def add_symbol(symbol: str, name: str = "") -> None:
    """Watch one more symbol, at the end; one that is watched already keeps its place. Raises InvalidSymbol."""
    symbol = canonical(symbol)
    with transaction.atomic():
        _lock()
        end = (Symbol.objects.filter(watched=True).aggregate(last=Max("position"))["last"] or 0) + 1
        row, _ = Symbol.objects.get_or_create(symbol=symbol, defaults={"watched": False})
        if not (row.watched and row.active):
            row.position, row.watched, row.active = end, True, True
        row.name = name or row.name
        row.save()


def note_symbol(symbol: str) -> None:
    """Know a symbol from now on, without watching it; one that is known stays as it is."""
    watchlist()  # the first watchlist is made where no symbol is known yet: this one must not be the first
    Symbol.objects.get_or_create(symbol=symbol, defaults={"watched": False})


def remove_symbol(symbol: str) -> None:
    """Watch a symbol no longer; it stays known."""
    Symbol.objects.filter(symbol=symbol).update(watched=False)


def symbols() -> list[str]:
    """All symbols that are known, watched or not."""
    return list(Symbol.objects.filter(active=True).order_by("symbol").values_list("symbol", flat=True))


def names() -> dict[str, str]:
    """The name of each known symbol that has one."""
    return dict(Symbol.objects.filter(active=True).exclude(name="").values_list("symbol", "name"))


def knows(symbol: str) -> bool:
    """Whether the symbol is known here."""
    return bool(Symbol.objects.filter(symbol=symbol, active=True).exists())


def _lock() -> None:
    """Two editors at once take turns: each sees the list that the other left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('watchlist'))")
