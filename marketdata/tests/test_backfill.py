"""Backfills: what is missing is fetched once, a killed run goes on, and the rows come out the same."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketdata import backfill, backfill_order, breaker, cache, store
from marketdata.domain import Interval
from marketdata.feed import Failure
from marketdata.fetching import Fetched, Outcome
from marketdata.live import topics
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
)
from marketdata.tests.another import service_environment
from marketdata.tests.doors import Vendor, vendor

pytestmark = pytest.mark.django_db(transaction=True)
MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
JANUARY = ("2026-01-01", "2026-01-31")
MINUTES = 31 * 24 * 60


@pytest.fixture
def market(settings: Any) -> Iterator[Vendor]:
    """A simulated market of one vendor."""
    with vendor(settings) as found:
        store.watchlist()
        yield found


def command(*words: str, symbols: str = "AAPL", first: str = JANUARY[0], last: str = JANUARY[1]) -> str:
    """What the command says."""
    said = StringIO()
    given = ["--symbols", symbols, "--from", first, "--to", last, *words]
    call_command("backfill", *given, stdout=said)
    return said.getvalue()


def minutes() -> backfill_order.Order:
    return backfill_order.read("AAPL", *JANUARY, "1m", "")


def known(symbol: str = "AAPL", interval: Interval = Interval.MINUTE) -> store.Coverage:
    order = minutes()
    return store.coverage(symbol, interval, order.start, order.end, "simulated")


def run(order: backfill_order.Order) -> tuple[list[backfill.Step], list[float]]:
    """The steps, and how long it would have waited."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        pauses_end()

    return list(backfill.run(order, backfill.plan(order), wait)), waited


def pauses_end() -> None:
    """As if it had been waited for: the breakers let the next question through."""
    for one in breaker.tripped():
        cache.client().hset(topics.BREAKER + one.name, "until", time.time())


def test_a_month_is_fetched_week_by_week_and_only_once(market: Vendor) -> None:
    said = command("--interval", "1m", "--hash")
    assert market.asked["bars", "AAPL"] == 5
    assert f"AAPL {MINUTES:,}" in said
    assert known().count("complete") == MINUTES
    again = command("--interval", "1m", "--hash")
    assert market.asked["bars", "AAPL"] == 5
    assert re.findall(r"sha256 .*", again) == re.findall(rf"sha256 [0-9a-f]{{64}} over {MINUTES:,} .*", said)
    assert "Rows written" not in again
    assert f"{MINUTES:,} of {MINUTES:,} expected bars are complete; looked for in vain: 0." in again


def test_days_until_today_and_the_watchlist_are_the_default(market: Vendor) -> None:
    store.set_watchlist(["AAPL", "MSFT"])
    call_command("backfill", "--from", "2026-01-01", stdout=StringIO())
    assert {symbol for _, symbol in market.asked} == {"AAPL", "MSFT"}
    found = known("MSFT", Interval.DAY)
    assert found.count("complete") == 31


def test_a_symbol_that_has_bars_is_known_from_then_on_but_not_watched(market: Vendor) -> None:
    command(symbols="brk-b")
    assert store.knows("BRK.B")
    assert "BRK.B" not in store.watchlist()


def test_only_the_gap_is_asked_for(market: Vendor) -> None:
    command("--interval", "1m", first="2026-01-01", last="2026-01-10")
    command("--interval", "1m", first="2026-01-12", last="2026-01-31")
    market.asked.clear()
    steps, _ = run(minutes())
    assert [(step.part.start.day, step.written) for step in steps] == [(11, 24 * 60)]


def test_a_busy_vendor_is_waited_for_as_long_as_it_asks(market: Vendor) -> None:
    market.errors = [RateLimited("slow down", 0.0), Unavailable("gone"), Unavailable("gone")]
    steps, waited = run(backfill_order.read("AAPL", *JANUARY, "1d", ""))
    assert waited == [0.0, backfill.PAUSE * 2, backfill.PAUSE * 4]
    assert [step.written for step in steps] == [31]


@pytest.mark.parametrize(("asked", "waited"), [(7.0, 7.0), (86_400.0, backfill.LONGEST_PAUSE)])
def test_no_vendor_is_waited_for_all_day(asked: float, waited: float) -> None:
    failures = (Failure("simulated", "AAPL", RateLimited("later", asked)),)
    assert backfill._pause(Fetched(Outcome.BUSY, failures=failures), 3) == waited


def test_a_vendor_that_stays_away_interrupts_and_the_next_run_goes_on(market: Vendor) -> None:
    order = minutes()
    parts = backfill.plan(order)
    going = backfill.run(order, parts, lambda _: None)
    next(going)
    market.error = Unavailable("the line is dead")
    with pytest.raises(backfill.Interrupted, match=r"simulated: the line is dead.*goes on from there"):
        list(going)
    market.error = None
    pauses_end()
    assert backfill.plan(order) == parts[1:]
    assert sum(step.written for step in run(order)[0]) == MINUTES - 7 * 24 * 60
    assert known().count("complete") == MINUTES


def test_the_checkpoint_passes_over_what_the_vendor_has_not(market: Vendor) -> None:
    """Bars that do not exist are looked for once in an order, however often it is interrupted."""
    market.error = NoData("AAPL has not traded")
    order = minutes()
    going = backfill.run(order, backfill.plan(order), lambda _: None)
    assert (next(going).failure, next(going).written) == ("", 0)
    going.close()
    assert known().count("missing") == 2 * 7 * 24 * 60
    assert backfill.plan(order)[0].start == order.start + timedelta(days=14)
    run(order)
    assert store.cursor(order.checkpoint("AAPL")) is None
    assert backfill.plan(order)[0].start == order.start


def test_what_failed_is_named_and_not_passed_over(market: Vendor) -> None:
    market.errors = [BadPayload("it answered a poem")]
    with pytest.raises(CommandError, match="AAPL: simulated: it answered a poem"):
        command("--interval", "1m")
    assert known().count("complete") == MINUTES - 7 * 24 * 60
    assert [part.start.day for part in backfill.plan(minutes())] == [1]
    assert f"AAPL {7 * 24 * 60:,}" in command("--interval", "1m")
    assert known().count("complete") == MINUTES


@pytest.mark.parametrize("error", [UnknownSymbol("no such share"), AuthFailed("the key is wrong")])
def test_a_symbol_that_cannot_be_had_does_not_hold_up_the_others(market: Vendor, error: SourceError) -> None:
    market.errors = [error]
    with pytest.raises(CommandError, match=f"XXXX: simulated: {error}"):
        command("--interval", "1d", symbols="XXXX,AAPL")
    assert known("AAPL", Interval.DAY).count("complete") == (0 if isinstance(error, AuthFailed) else 31)
    assert not store.knows("XXXX")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("AAPL", "yesterday", "", "1d", ""), "--from 'yesterday' is not a date like 2026-01-31"),
        (("AAPL", "2026-02-30", "", "1d", ""), "not a date"),
        (("AAPL", "2026-02-01", "2026-01-01", "1d", ""), "--from 2026-02-01 does not lie between"),
        (("AAPL", "1900-01-01", "", "1d", ""), "where the calendar begins"),
        (("AAPL", "2999-01-01", "", "1d", ""), "the last day asked for that has begun"),
        (("AAPL,no such", "2026-01-01", "", "1d", ""), "--symbols:"),
        (("AAPL", "2026-01-01", "", "7m", ""), "choose 1m or 1d"),
        (("AAPL", "2026-01-01", "", "5m", ""), "5m folds from it"),
        (("AAPL", "2026-01-01", "", "1d", "yahoo"), "--source yahoo: the simulated market.*Choose simulated"),
    ],
)
def test_the_impossible_is_refused_before_anybody_is_asked(market: Vendor, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(backfill_order.Refused, match=why):
        backfill_order.read(*words)
    assert not market.asked


def test_a_source_that_is_switched_off_is_not_asked(market: Vendor) -> None:
    store.set_source("simulated", False)
    with pytest.raises(CommandError, match="No source of the simulated market has bars"):
        command()


def test_an_order_ends_with_the_present(market: Vendor) -> None:
    now = datetime.now(UTC)
    order = backfill_order.read("AAPL", "2026-01-01", "2999-01-01", "1m", "")
    assert order.last == now.date()
    assert order.window("AAPL", now).end == now


def test_the_hash_is_of_the_rows_and_nothing_else(market: Vendor) -> None:
    span = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    command(symbols="AAPL,MSFT")
    both = store.fingerprint(["MSFT", "AAPL"], Interval.DAY, *span, "simulated")
    assert both[1] == 62
    assert store.fingerprint(["AAPL"], Interval.DAY, *span, "simulated") != both
    assert store.fingerprint(["AAPL"], Interval.DAY, *span, "live")[1] == 0
    store.forget(["AAPL", "MSFT"], "simulated")
    command(symbols="MSFT")
    command(symbols="AAPL", first="2026-01-10")
    command(symbols="AAPL")
    assert store.fingerprint(["AAPL", "MSFT"], Interval.DAY, *span, "simulated")[1] == 62


SPAN = ["--symbols", "AAPL,MSFT", "--from", "2026-01-01", "--to", "2026-01-28", "--interval", "1m", "--hash"]


def process() -> "subprocess.Popen[str]":
    """The command as an operator runs it, in a market of its own."""
    environment = service_environment("simulated")
    return subprocess.Popen(
        [sys.executable, str(MANAGE), "backfill", *SPAN], env=environment, stdout=subprocess.PIPE, text=True
    )


def finished() -> str:
    """The line with the hash, of a run from wherever the last one stopped to the end."""
    said, _ = process().communicate(timeout=300)
    return next(line for line in said.splitlines() if line.startswith("sha256"))


def stored() -> int:
    return store.fingerprint(
        ["AAPL", "MSFT"], Interval.MINUTE, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC),
        "simulated",
    )[1]  # fmt: skip


def test_killed_midway_and_run_again_the_rows_are_identical(settings: Any) -> None:
    settings.MARKET = "simulated"
    whole = finished()
    every = stored()
    assert every == 2 * 28 * 24 * 60
    store.forget(["AAPL", "MSFT"], "simulated")
    for share, blow in ((0.1, signal.SIGINT), (0.6, signal.SIGKILL)):
        running, end = process(), time.monotonic() + 300
        while stored() < share * every:
            assert time.monotonic() < end, "the backfill did not come so far in time"
            assert running.poll() is None, "the backfill was done before it could be killed"
            # It runs in small steps: however seldom we are let look, it does not come to its end meanwhile.
            running.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            running.send_signal(signal.SIGSTOP)
        os.kill(running.pid, blow)
        running.send_signal(signal.SIGCONT)
        running.communicate(timeout=180)
        assert running.returncode != 0
        assert 0 < stored() < every
    assert finished() == whole
