"""Every fault with two live sources: at most one missed cycle, nothing twice, nothing older shown as newer."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from marketdata import drill, store, wiring
from marketdata.drill_report import Plan, Report
from marketdata.sources.base import SourceError
from marketdata.standins.vendors import PAIRS, Vendor

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = Path(__file__).resolve().parents[2]
CAUSES = {
    "kill": "Unavailable", "timeout": "VendorTimeout", "429": "RateLimited", "garbage": "BadPayload",
    "mute": "BadPayload",
}  # fmt: skip


@contextmanager
def drilled(settings: LazySettings, plan: Plan) -> Iterator[Vendor]:
    with ExitStack() as stack:
        vendors = [stack.enter_context(Vendor(name)) for name in (plan.source, plan.backup)]
        for name, value in drill.market(plan, vendors).items():
            setattr(settings, name, value)
        wiring._built.cache_clear()
        stack.callback(wiring._built.cache_clear)
        for source in wiring.all_sources():
            stack.callback(source.close)
        yield vendors[0]


def report_of(settings: LazySettings, source: str, backup: str, fault: str) -> Report:
    plan = Plan(source, backup, fault, 3, wait=1, symbols=tuple(PAIRS))
    with drilled(settings, plan) as vendor:
        return drill.run(plan, vendor)


@pytest.mark.parametrize("fault", drill.FAULTS)
def test_every_fault_of_polygon_costs_a_cycle_at_most(settings: LazySettings, fault: str) -> None:
    report = report_of(settings, "polygon", "alpaca", fault)
    assert report.kept
    assert (max(report.missed.values()) <= 1, report.duplicates, report.older) == (True, 0, 0)
    assert set(report.served) == {"alpaca"}
    assert report.affected == list(PAIRS)
    assert report.failover is not None
    assert report.failover < 2 * report.plan.every + 1
    assert report.errors >= 1
    if fault in CAUSES:
        assert report.failures["polygon"].startswith(CAUSES[fault])
        assert set(report.alarms) == {"polygon RateLimited" if fault == "429" else "polygon quotes"}


@pytest.mark.parametrize(("source", "backup", "fault"), [("alpaca", "polygon", "kill"), ("yahoo", "polygon", "429")])
def test_the_other_vendors_fail_the_same_way(settings: LazySettings, source: str, backup: str, fault: str) -> None:
    report = report_of(settings, source, backup, fault)
    assert report.kept
    assert set(report.served) == {backup}
    assert report.failures[source].startswith(CAUSES[fault])


def test_a_vendor_that_was_dead_is_there_again(settings: LazySettings) -> None:
    plan = Plan("polygon", "alpaca", "kill", 1, symbols=tuple(PAIRS))
    with drilled(settings, plan) as vendor:
        source = next(one for one in wiring.all_sources() if one.name == "polygon")
        assert set(source.quotes(["BTC-USD"])) == {"BTC-USD"}
        for _ in range(2):
            vendor.begin("kill", 1)
            with pytest.raises(SourceError):
                source.quotes(["BTC-USD"])
            vendor.end("kill")
            deadline = time.monotonic() + 30
            while not answers(source) and time.monotonic() < deadline:
                pass
            assert answers(source)


def answers(source: object) -> bool:
    try:
        return bool(source.quotes(["BTC-USD"]))  # type: ignore[attr-defined]
    except SourceError:
        return False


def test_servers_that_hold_something_are_refused() -> None:
    store.set_watchlist(["AAPL"])
    with pytest.raises(CommandError, match="in use"):
        call_command("drill", source="polygon", fault="kill")
    assert store.watchlist() == ["AAPL"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--source", "polygon", "--backup", "polygon", "--fault", "kill"], "does not fail"),
        (["--source", "polygon", "--fault", "kill", "--for", "2 days"], "from 1s to 1h"),
        (["--source", "nobody", "--fault", "kill"], "invalid choice"),
    ],
)
def test_what_cannot_be_drilled_is_said(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("drill", *words)


def test_the_command_leaves_the_servers_of_the_environment_alone() -> None:
    words = ["drill", "--source", "polygon", "--fault", "garbage", "--for", "2", "--wait", "1", "--json"]
    before = store.watchlist()
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=HOUSE, env=os.environ.copy(), capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kept"], told["plan"]["backup"], list(told["served"])) == (True, "alpaca", ["alpaca"])
    assert store.watchlist() == before
    assert store.latest(None, wiring.LIVE) == {}
