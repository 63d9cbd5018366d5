"""Numbers, texts and parts out of any vendor's JSON. Pure: whatever stands there, a value or None comes out."""

import math
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]


def number(value: object) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def price(value: object) -> float | None:
    """A number above 0: vendors write 0 for what they do not have."""
    found = number(value)
    return found if found is not None and found > 0 else None


def amount(value: object) -> float | None:
    """A number that is not negative."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def part(row: object, name: str) -> Row:
    """The object of that name inside a row; empty where there is none."""
    found = row.get(name) if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def text(value: object) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else None
