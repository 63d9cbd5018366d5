"""Chains out of files: a week of AAPL and one session of Yahoo's, through the command that operators run."""

import gzip
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from goldensignals.tests.shared_data import folder
from options import store
from options.domain import Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def june(tmp_path: Path) -> Path:
    """A week of AAPL's chains, the expiries of two months: real rows, fewer of them."""
    whole = folder("data/chains") / "lean_AAPL_universe.csv.gz"
    chosen = tmp_path / "lean_AAPL_universe.csv.gz"
    with gzip.open(whole, "rt") as given, gzip.open(chosen, "wt") as taken:
        for number, line in enumerate(given):
            day, expiry = line.split(",")[:2]
            if not number or ("20140609" <= day <= "20140613" and expiry[:6] in ("", "201406", "201407")):
                taken.write(line)
    return chosen


def backfill(*paths: Path, **options: str) -> str:
    out = StringIO()
    call_command("backfill", "--options", *map(str, paths), stdout=out, **options)
    return out.getvalue()


def test_sessions_are_taken_in_in_order_and_judged_by_the_next(june: Path) -> None:
    said = backfill(june)
    alerts = store.alerts("recorded", symbol="AAPL", limit=1000)
    by_day = Counter(one.session for one in alerts)
    assert len(store.sessions("AAPL", "recorded")) == len(by_day) == 5
    assert max(by_day.values()) <= 5
    assert all(one.verdict is not Verdict.PENDING for one in alerts)
    assert len({(one.symbol, one.session) for one in alerts}) == len(alerts)
    (rate,) = store.confirmations("recorded")
    judged = [one for one in alerts if one.open_interest is not None]
    assert sum(one.verdict is Verdict.OPENED for one in judged) / len(judged) >= 0.45
    assert f"score@1: opened {rate.opened} of {len(alerts)} judged, {rate.share:.0%} (95 % interval" in said
    assert re.search(r"2014-06-12 +│ [\d,]+ +│ 0 +│ [1-5] +│ 0 +│", said)


def test_twice_is_once_and_a_run_that_was_cut_off_goes_on(june: Path) -> None:
    backfill(june)
    once = store.fingerprint("AAPL", "recorded")
    backfill(june)
    assert store.fingerprint("AAPL", "recorded") == once
    store.forget("AAPL", "recorded")
    half = june.with_name("half") / june.name
    half.parent.mkdir()
    with gzip.open(june, "rt") as given, gzip.open(half, "wt") as taken:
        taken.writelines(line for line in given if line[:8] <= "20140611" or line.startswith("date"))
    backfill(half)
    assert len(store.sessions("AAPL", "recorded")) == 3
    backfill(june)
    assert store.fingerprint("AAPL", "recorded") == once


def test_yahoos_file_is_told_of_its_own_market() -> None:
    said = backfill(folder("data/chains") / "yahoo_AAPL_2025-10-06.csv.gz")
    assert "2,099" in said
    found = store.latest("AAPL", "recorded").summary
    assert (found.contracts, found.expiries, found.vendor) == (2099, 21, "yahoo")
    assert store.latest("AAPL", "live") is None
    alerts = store.alerts("recorded")
    assert 1 <= len(alerts) <= 5
    assert min(one.score for one in alerts) >= 50
    assert all(condition.held for one in alerts for condition in one.conditions)


def test_tables_of_an_older_version_are_not_current() -> None:
    assert store.is_current()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'options'")
    assert not store.is_current()


def test_a_file_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    header = "contractsymbol,lasttradedate,strike,lastprice,bid,ask,volume,openinterest\n"
    row = "TEST251219C00100000,{day} 20:00:00+00:00,100,5,4.9,5.1,10,20\n"
    for day in ("2025-12-01", "2025-12-03"):
        (tmp_path / f"yahoo_TEST_{day}.csv").write_text(header + row.format(day=day))
    (tmp_path / "yahoo_TEST_2025-12-02.csv.gz").write_bytes(b"cut off")
    with pytest.raises(CommandError, match=r"yahoo_TEST_2025-12-02.csv.gz cannot be read.*Export it again"):
        backfill(tmp_path)
    assert [one.day for one in store.sessions("TEST", "recorded")] == [1, 3]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no file"):
        backfill(tmp_path / "nowhere")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="None of these is called like"):
        backfill(tmp_path)
    (tmp_path / "lean_TWX_universe.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="Not everything was read"):
        backfill(tmp_path)
    with pytest.raises(CommandError, match="choose one of live"):
        backfill(tmp_path, market="moon")
    with pytest.raises(CommandError, match="--from"):
        call_command("backfill")
