"""The stand-ins as a developer runs them, and their likeness to what they stand for."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

from marketdata.domain import Quote
from marketdata.sources.base import RateLimited
from marketdata.sources.yahoo import Yahoo
from marketdata.standins import yahoo_payloads
from marketdata.standins.yahoo import TABLE

NOON = 1772470800.0
Running = tuple["subprocess.Popen[str]", str, str]


@pytest.fixture
def running() -> Iterator[Running]:
    """`manage.py standins yahoo` in its own process: (process, proxy, CA file)."""
    command = [sys.executable, "manage.py", "standins", "yahoo", "--port", "0"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    with process:
        yield process, *_settings(process)
        process.kill()


def _settings(process: "subprocess.Popen[str]") -> tuple[str, str]:
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"YAHOO_PROXY=(\S+) YAHOO_CA_FILE=(\S+)", line):
            return found[1], found[2]
    raise AssertionError("the stand-in never told its settings")


def test_the_command_tells_the_settings_serves_fails_on_demand_and_ends(running: Running) -> None:
    process, proxy, ca_file = running
    source = Yahoo(proxy, ca_file)
    assert isinstance(source.quotes(["AAPL"])["AAPL"], Quote)
    for method, path in (("PUT", "/fault/rate_limited"), ("GET", "/requests")):
        with urlopen(Request(proxy + path, method=method), timeout=30) as answer:
            state = json.load(answer)
    assert state["fault"] == "rate_limited"
    assert state["requests"]["/v7/finance/quote"] == 1
    with pytest.raises(RateLimited):
        source.quotes(["AAPL"])
    source.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def test_prices_move_and_stay_where_they_belong() -> None:
    one = TABLE["AAPL"]
    prices = [yahoo_payloads.quote(one, NOON + 5 * i)["regularMarketPrice"] for i in range(720)]
    assert len(set(prices)) > 100
    assert all(0.97 * one.middle < price < 1.03 * one.middle for price in prices)
    assert all(abs(b / a - 1) < 0.005 for a, b in pairwise(prices))


def test_every_row_is_whole() -> None:
    for one in TABLE.values():
        row = yahoo_payloads.quote(one, NOON)
        low, price, high = (row[key] for key in ("regularMarketDayLow", "regularMarketPrice", "regularMarketDayHigh"))
        assert low <= price <= high
        assert low <= row["regularMarketOpen"] <= high
        assert row.get("bid", 0) <= row.get("ask", 0)


def test_its_rows_have_no_key_that_yahoo_does_not_have(exchanges: Path) -> None:
    real: set[str] = set()
    for path in exchanges.glob("quote-*.json"):
        for row in json.loads(path.read_text())["response"]["bodyJson"]["quoteResponse"]["result"]:
            real |= set(row)
    made = {key for one in TABLE.values() for key in yahoo_payloads.quote(one, NOON)}
    assert made <= real
