"""Cursors of lists of signals: the end of the judged bar and the id of the last one shown."""

from datetime import datetime
from uuid import UUID

from options import cursors
from options.cursors import BadCursor


def of_signal(at: datetime, signal: str) -> str:
    """The cursor of a signal."""
    return cursors.of_moment(at, signal)


def signal(text: str) -> tuple[datetime, str]:
    """The time and id that `of_signal` wrote; raises BadCursor."""
    at, name = cursors.moment(text)
    try:
        return at, str(UUID(name))
    except ValueError:
        raise BadCursor from None
