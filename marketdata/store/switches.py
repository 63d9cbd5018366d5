"""Which sources may be asked, and how far a playback has come."""

from datetime import UTC, datetime

from marketdata.models import Cursor, SourceSwitch


def enabled_sources() -> dict[str, bool]:
    """The switch of each source that has one; a source without a switch is on."""
    return dict(SourceSwitch.objects.values_list("name", "enabled"))


def set_source(name: str, enabled: bool) -> None:
    """Switch a source on or off."""
    SourceSwitch.objects.update_or_create(name=name, defaults={"enabled": enabled})


def cursor(key: str) -> datetime | None:
    """How far the playback of this name has come; None before its first row."""
    found = Cursor.objects.filter(key=key).values_list("at", flat=True).first()
    return None if found is None else found.astimezone(UTC)


def save_cursor(key: str, at: datetime) -> None:
    """Note how far a playback has come; call it in the transaction that wrote its rows."""
    Cursor.objects.update_or_create(key=key, defaults={"at": at})


def cursors(prefix: str) -> list[str]:
    """The names that begin so."""
    return list(Cursor.objects.filter(key__startswith=prefix).order_by("key").values_list("key", flat=True))


def drop_cursor(key: str) -> None:
    """Forget how far something has come, because it is done."""
    Cursor.objects.filter(key=key).delete()
