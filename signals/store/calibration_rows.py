"""What was learned, version by version; the old ones stay, because decisions were made from them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `state` as JSON has it; `outcomes` the number of the last outcome in it, `through` its last exit."""

    version: int
    made_at: datetime
    through: datetime | None
    outcomes: int
    is_warm: bool
    state: Any


def save_calibration(
    market: str, horizon: str, agent_set: str, state: Any, *, made_at: datetime, through: datetime | None,
    outcomes: int, is_warm: bool,
) -> int:  # fmt: skip
    """Write a new version; returns its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO calibration (market, horizon, agent_set, made_at, through, outcomes, is_warm, state)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb) RETURNING version",
            [market, horizon, agent_set, made_at, through, outcomes, is_warm, msgspec.json.encode(state).decode()],
        )
        return int(cursor.fetchone()[0])


def calibration(market: str, horizon: str, agent_set: str) -> Version | None:
    """The newest version."""
    return _read("market = %s AND horizon = %s AND agent_set = %s ORDER BY version DESC LIMIT 1",
                 [market, horizon, agent_set])  # fmt: skip


def newest_calibration(market: str, horizon: str, agent_set: str) -> int | None:
    """The number of the newest version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(version) FROM calibration WHERE market = %s AND horizon = %s AND agent_set = %s",
            [market, horizon, agent_set],
        )
        found = cursor.fetchone()[0]
    return None if found is None else int(found)


def calibration_of(version: int) -> Version | None:
    """The version of this number."""
    return _read("version = %s", [version])


def _read(where: str, values: list[Any]) -> Version | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT version, made_at, through, outcomes, is_warm, state::text FROM calibration WHERE {where}", values
        )
        row = cursor.fetchone()
    if row is None:
        return None
    version, made_at, through, outcomes, is_warm, state = row
    left = None if through is None else through.astimezone(UTC)
    return Version(version, made_at.astimezone(UTC), left, outcomes, is_warm, msgspec.json.decode(state))
