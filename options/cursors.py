"""Cursors: the place after which the next page begins, as an opaque text that survives new rows."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from typing import Any

from options.choosing import Place

LONGEST = 200


class BadCursor(ValueError):
    """This is no cursor that we wrote."""

    def __init__(self) -> None:
        super().__init__(
            "This is no cursor of ours. Take `next` of the page before, or leave it out for the first page"
        )


def of_place(value: Place) -> str:
    """The cursor of a contract's place."""
    return _write(value.expiry.isoformat(), value.root, value.strike, value.is_put)


def place(text: str) -> Place:
    """The place that `of_place` wrote; raises BadCursor."""
    expiry, root, strike, is_put = _read(text, str, str, float, bool)
    return Place(_day(expiry), root, strike, is_put)


def of_moment(at: datetime, name: str) -> str:
    """The cursor of what happened once: when, and its id."""
    return _write(at.isoformat(), name)


def moment(text: str) -> tuple[datetime, str]:
    """The time and id that `of_moment` wrote; raises BadCursor."""
    instant, name = _read(text, str, str)
    try:
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise BadCursor
        return at.astimezone(UTC), name
    except (ValueError, OverflowError):
        raise BadCursor from None


def _write(*parts: Any) -> str:
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read(text: str, *kinds: type) -> list[Any]:
    try:
        found = json.loads(urlsafe_b64decode(text[:LONGEST].encode() + b"=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        raise BadCursor from None
    if not isinstance(found, list) or [type(one) for one in found] != list(kinds):
        raise BadCursor
    if not all(one.isprintable() for one in found if isinstance(one, str)):
        raise BadCursor
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCursor from None
