"""Numbers and times as Yahoo writes them, also inside `{"raw": 1.5, "fmt": "1.50"}`. Pure; None where none is meant."""

from datetime import UTC, datetime

from marketdata.sources import fields


def number(value: object) -> float | None:
    """A finite number."""
    return fields.number(value.get("raw") if isinstance(value, dict) else value)


def price(value: object, divisor: float = 1.0) -> float | None:
    """Yahoo writes 0 for what it does not have (a bid of an index, the volume of a currency): absent."""
    found = (number(value) or 0.0) / divisor
    return found if found > 0 else None


def amount(value: object) -> float | None:
    """A number that is not negative."""
    return fields.amount(number(value))


def time(value: object) -> datetime | None:
    """The instant of an epoch second."""
    seconds = number(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
