"""GET of a chain and of what it says: filters, pages, caches, and why there is nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketdata.cache import client as redis_client
from marketdata.live import topics
from marketdata.sources.base import Capability
from marketdata.store import add_symbol
from marketdata.tests import openapi
from marketdata.tests.doors import Vendor, vendor
from options import store, wire
from options.tests.shown import FAR, NEAR, analysis, occ

CHAIN = "/api/v1/market-data/{}/options"
SUMMARY, GEX, SMILE = (f"/api/v1/options/{{}}/{name}" for name in ("summary", "gex", "smile"))


@pytest.fixture
def aapl(simulated_market: None) -> None:
    """The chain of AAPL is stored."""
    store.save(analysis())


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/api/v1/market-data/{symbol}/options", CHAIN),
        ("/api/v1/options/{symbol}/summary", SUMMARY),
        ("/api/v1/options/{symbol}/gex", GEX),
        ("/api/v1/options/{symbol}/smile", SMILE),
    ],
)
def test_the_answers_are_those_of_the_document(client: Client, aapl: None, address: str, path: str) -> None:
    answer = client.get(path.format("aapl"))
    openapi.check(address, answer)
    assert (answer.json()["symbol"], answer.json()["simulated"]) == ("AAPL", True)
    assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_a_chain_says_its_contracts_and_all_expiries(client: Client, aapl: None) -> None:
    said = client.get(CHAIN.format("AAPL")).json()
    assert [one["date"] for one in said["expiries"]] == [NEAR.isoformat(), FAR.isoformat()]
    assert (len(said["results"]), said["next"], said["spot"], said["taken_at"]) == (
        12,
        None,
        185.5,
        "2026-11-20T20:30:00Z",
    )
    first = said["results"][0]
    assert (first["contract"], first["volume"], first["iv"], first["no_iv"]) == (
        occ(NEAR, 180.0, True),
        None,
        None,
        "no bid",
    )
    assert (first["open_interest"], first["open_interest_date"]) == (500.0, "2026-11-19")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"expiry={NEAR}", 6),
        (f"expiry={NEAR}&expiry={FAR}", 12),
        (f"expiry={NEAR},{FAR}", 12),
        ("expiry=2030-01-01", 0),
        ("type=put", 6),
        ("strike_min=185&strike_max=185", 4),
        ("moneyness=otm", 6),
        ("moneyness=atm&type=call", 2),
        ("limit=5", 5),
    ],
)
def test_filters_choose_contracts_and_never_expiries(client: Client, aapl: None, query: str, count: int) -> None:
    said = client.get(f"{CHAIN.format('AAPL')}?{query}").json()
    assert (len(said["results"]), len(said["expiries"])) == (count, 2)


def test_following_next_shows_each_contract_once(client: Client, aapl: None) -> None:
    path, seen = CHAIN.format("AAPL") + "?limit=5&type=call", []
    while path:
        answer = client.get(path)
        seen += [one["contract"] for one in answer.json()["results"]]
        path = answer.headers["Link"].split(">")[0][1:] if answer.json()["next"] else ""
        assert ("Link" in answer.headers) == bool(answer.json()["next"])
    assert seen == [occ(day, strike, True) for day in (NEAR, FAR) for strike in (180.0, 185.0, 190.0)]


@pytest.mark.parametrize(
    ("query", "field", "remedy"),
    [
        ("expiry=soon", "expiry", "YYYY-MM-DD"),
        ("type=straddle", "type", "not a valid choice"),
        ("moneyness=deep", "moneyness", "not a valid choice"),
        ("strike_min=cheap", "strike_min", "valid number"),
        ("strike_min=nan", "strike_min", "valid number"),
        ("strike_min=200&strike_max=100", "strike_min", "exchange the two"),
        ("limit=0", "limit", "greater than or equal to 1"),
        ("limit=1001", "limit", "less than or equal to 1000"),
        ("cursor=abc", "cursor", "`next` of the page before"),
        ("cursor=%00", "cursor", ""),
    ],
)
def test_a_bad_parameter_is_named_with_its_remedy(
    client: Client, aapl: None, query: str, field: str, remedy: str
) -> None:
    answer = client.get(f"{CHAIN.format('AAPL')}?{query}")
    openapi.check("/api/v1/market-data/{symbol}/options", answer, 400)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert remedy in str(answer.json()["errors"][field])


@pytest.mark.parametrize("path", [CHAIN, SUMMARY, GEX, SMILE])
def test_an_unchanged_chain_is_not_sent_again(client: Client, aapl: None, path: str) -> None:
    first = client.get(path.format("AAPL"))
    again = client.get(path.format("AAPL"), headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    newer = analysis()
    later = newer.summary.taken_at + timedelta(minutes=1)
    store.save(_at(newer, later))
    assert client.get(path.format("AAPL"), headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def _at(value: Any, when: Any) -> Any:
    return replace(value, chain=replace(value.chain, taken_at=when), summary=replace(value.summary, taken_at=when))


def test_a_summary_says_what_the_socket_says(client: Client, aapl: None) -> None:
    said = client.get(SUMMARY.format("AAPL")).json()
    assert said == wire.summary(analysis().summary)
    assert (said["iv_rank"], said["reasons"]["iv_rank"]) == (None, "have 37 of 60 sessions")


def test_gamma_names_its_assumption(client: Client, aapl: None) -> None:
    said = client.get(GEX.format("AAPL")).json()
    assert [one["price"] for one in said["by_strike"]] == [180.0, 185.0, 190.0]
    assert all(one["calls"] >= 0 >= one["puts"] for one in said["by_strike"])
    assert said["by_spot"][0]["price"] == pytest.approx(0.8 * 185.5)
    assert "Dealers are long every call" in said["assumption"]
    assert said["gex"] == -1.5e9


def test_a_known_symbol_without_a_chain_is_polled_from_now_on(client: Client, settings: Any, db: None) -> None:
    with vendor(settings) as source:
        source.capabilities = Vendor.capabilities | {Capability.OPTIONS}
        add_symbol("KO")
        for path in (CHAIN, SUMMARY, GEX, SMILE):
            answer = client.get(path.format("KO"))
            openapi.check("/api/v1/market-data/{symbol}/options", answer, 404)
            assert (answer.json()["title"], "next poll" in answer.json()["detail"]) == ("No chain", True)
        assert int(answer.headers["Retry-After"]) > 0
        assert redis_client().zrange(topics.WANTED_CHAINS, 0, -1) == [b"KO"]
        assert not source.asked


def test_a_market_without_options_says_so(client: Client, settings: Any, db: None) -> None:
    with vendor(settings):
        add_symbol("KO")
        answer = client.get(CHAIN.format("KO"))
    assert (answer.status_code, answer.json()["title"], "Retry-After" in answer.headers) == (404, "No options", False)
    assert "No source of the simulated market" in answer.json()["detail"]
    assert "README" in answer.json()["detail"]
    assert not redis_client().exists(topics.WANTED_CHAINS)


@pytest.mark.parametrize("symbol", ["BTC-USD", "EUR-USD"])
def test_pairs_have_no_options(client: Client, simulated_market: None, symbol: str) -> None:
    answer = client.get(SUMMARY.format(symbol))
    assert (answer.status_code, answer.json()["title"]) == (404, "No options")


def test_an_unknown_symbol_meets_a_no_and_no_vendor(client: Client, settings: Any, db: None) -> None:
    with vendor(settings) as source:
        for path in (CHAIN, SUMMARY, GEX, SMILE):
            assert client.get(path.format("ZZZZ")).json()["title"] == "Unknown symbol"
            assert client.get(path.format("!!")).status_code == 400
        assert not source.asked
    assert not redis_client().exists(topics.WANTED_CHAINS)


def test_chains_of_another_market_are_not_shown(client: Client, aapl: None, settings: Any) -> None:
    settings.MARKET = "recorded"
    assert client.get(CHAIN.format("AAPL")).status_code == 404


ODD = (
    "", " ", ",", ",,", "%00", "\0", "日本", "1e400", "-1", "0", "99999999999999999999", "nan", "'; DROP", "[]", "{}",
    "0001-01-01", "9999-12-31", "2026-11-27,soon", "call,put", "true", "x" * 3000, "W10", "WyIyMDI2LTExLTI3Il0",
)  # fmt: skip


@pytest.mark.parametrize("field", ["expiry", "type", "strike_min", "strike_max", "moneyness", "limit", "cursor"])
def test_no_odd_word_breaks_a_chain(client: Client, aapl: None, field: str) -> None:
    said = {client.get(CHAIN.format("AAPL"), {field: odd}).status_code for odd in ODD}
    assert said <= {200, 400}


@pytest.mark.parametrize("field", ["symbol", "rule", "session", "verdict", "min_score", "limit", "cursor"])
def test_no_odd_word_breaks_the_alerts(client: Client, aapl: None, field: str) -> None:
    said = {client.get("/api/v1/alerts", {field: odd}).status_code for odd in ODD}
    assert said <= {200, 400}
