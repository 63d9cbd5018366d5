"""The figures of an outage, out of what was shown."""

from datetime import UTC, datetime

import pytest

from marketdata.drill_report import Plan, Report, Sighting, Times, is_back, measured

PLAN = Plan("one", "two", "kill", 10, symbols=("AAPL", "MSFT"))
TIMES = Times(begun=2.5, ended=12.5, over=16.0)
Shown = tuple[int, str, int, int]


def sightings(symbol: str, shown: list[Shown]) -> list[Sighting]:
    """From (cycle, vendor, time of the value, number of the message); a cycle takes a second."""
    return [
        Sighting(cycle, float(cycle), symbol, vendor, datetime.fromtimestamp(as_of, UTC), number)
        for cycle, vendor, as_of, number in shown
    ]


def steady(symbol: str, out: range = range(0), away: range = range(3, 14)) -> list[Sighting]:
    """A new value each second, from `two` in the cycles `away`, and none in the cycles `out`."""
    shown: list[Shown] = []
    for cycle in range(1, 17):
        vendor = "two" if cycle in away else "one"
        shown.append(shown[-1] if cycle in out else (cycle, vendor, cycle, cycle))
        shown[-1] = (cycle, *shown[-1][1:])
    return sightings(symbol, shown)


def report(*seen: list[Sighting], stored: list[tuple[str, str, datetime]] | None = None) -> Report:
    rows = sorted((one for rows in seen for one in rows), key=lambda one: one.at)
    return measured(PLAN, TIMES, rows, stored or [])


def test_a_clean_failover_costs_nothing() -> None:
    found = report(steady("AAPL"), steady("MSFT"))
    assert found.kept
    assert found.cycles == 14
    assert (dict(found.blind), dict(found.missed)) == ({"AAPL": 0, "MSFT": 0}, {"AAPL": 0, "MSFT": 0})
    assert (found.failover, found.failback) == (0.5, 1.5)
    assert (found.affected, dict(found.served)) == (["AAPL", "MSFT"], {"two": 20})


def test_blindness_is_what_goes_beyond_a_cycle() -> None:
    found = report(steady("AAPL", out=range(3, 6)), steady("MSFT", out=range(3, 4)))
    assert dict(found.missed) == {"AAPL": 3, "MSFT": 1}
    assert dict(found.blind) == {"AAPL": 3.0, "MSFT": 1.0}
    assert found.failover == 3.5
    assert not found.kept


def test_blind_to_the_end() -> None:
    found = report(steady("AAPL", out=range(3, 17)), steady("MSFT"))
    assert found.blind["AAPL"] == 13.0
    assert (found.failover, found.failback) == (None, None)


def test_who_does_not_come_back_is_said() -> None:
    found = report(steady("AAPL", away=range(3, 17)), steady("MSFT"))
    assert found.failback is None
    assert found.failover == 0.5


def test_an_unharmed_symbol_is_not_affected() -> None:
    found = report(steady("AAPL"), steady("MSFT", away=range(0)))
    assert found.affected == ["AAPL"]


@pytest.mark.parametrize(
    ("shown", "duplicates", "older"),
    [
        ([(1, "one", 1, 1), (2, "one", 1, 1), (3, "two", 3, 2)], 0, 0),
        ([(1, "one", 1, 1), (2, "one", 1, 2), (3, "two", 3, 3)], 1, 0),
        ([(1, "one", 1, 1), (2, "one", 2, 3), (3, "two", 3, 4)], 1, 0),
        ([(1, "one", 2, 1), (2, "two", 1, 2), (3, "two", 3, 3)], 1, 1),
    ],
)
def test_duplicates_and_older_values(shown: list[Shown], duplicates: int, older: int) -> None:
    found = report(sightings("AAPL", shown))
    assert (found.duplicates, found.older) == (duplicates, older)
    assert found.kept is (not duplicates and not older)


def test_rows_of_the_history_count_too() -> None:
    row = ("AAPL", "one", datetime.fromtimestamp(1, UTC))
    assert report(steady("AAPL"), steady("MSFT"), stored=[row, row]).duplicates == 1


def test_back_is_when_every_symbol_is() -> None:
    assert is_back(PLAN, [steady("AAPL")[0], steady("MSFT")[0]])
    assert not is_back(PLAN, [steady("AAPL")[0]])
    assert not is_back(PLAN, [steady("AAPL")[5], steady("MSFT")[0]])
