"""A vendor's rows become columns: what is absent stays absent, and what is wrong goes alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from goldensignals.tests.shared_data import folder
from marketdata import calendar
from marketdata.chains import OptionChain, OptionQuote, contract
from marketdata.sources.recorded_chain import sessions
from options.columns import columns
from options.domain import Chain
from options.expiring import expires_at, years

SESSION = date(2025, 12, 1)
NOON = datetime(2025, 12, 1, 17, 0, tzinfo=UTC)
CLOSE = datetime(2025, 12, 1, 21, 0, tzinfo=UTC)


def quote(symbol: str = "NVDA251219C00180000", **values: object) -> OptionQuote:
    given: dict[str, object] = {"bid": 5.0, "ask": 5.2, "volume": 120.0, "open_interest": 900.0, "last_as_of": NOON}
    return OptionQuote(contract=contract(symbol, "NVDA"), vendor="yahoo", received_at=NOON, **{**given, **values})


def made(*quotes: OptionQuote, taken_at: datetime = NOON, spot: float | None = 180.0) -> Chain:
    chain = OptionChain(underlying="NVDA", vendor="yahoo", received_at=NOON, quotes=quotes, left_out=("one before",))
    return columns(chain, market="recorded", session=SESSION, taken_at=taken_at, spot=spot, spot_as_of=taken_at)


def test_contracts_stand_in_order_with_what_was_said_of_them() -> None:
    chain = made(
        quote("NVDA251219P00180000", bid=None, iv=0.4, delta=-0.5, gamma=0.01, delayed_by=900),
        quote("NVDA251219C00170000", last=12.0), quote("NVDA1251205C00170000"),
    )  # fmt: skip
    assert chain.symbol.tolist() == ["NVDA251219C00170000", "NVDA251219P00180000", "NVDA1251205C00170000"]
    assert (chain.root.tolist(), chain.is_call.tolist()) == (["NVDA", "NVDA", "NVDA1"], [True, False, True])
    assert (chain.strike.tolist(), chain.multiplier.tolist()) == ([170, 180, 170], [100, 100, 100])
    assert chain.expiry.tolist() == [date(2025, 12, 19), date(2025, 12, 19), date(2025, 12, 5)]
    assert (chain.last[0], chain.vendor_iv[1], chain.vendor_delta[1], chain.vendor_gamma[1]) == (12, 0.4, -0.5, 0.01)
    assert np.isnan(chain.bid[1])
    assert chain.mid.tolist()[::2] == [5.1, 5.1]
    assert np.isnan(chain.mid[1])
    assert (chain.delayed_by, chain.left_out, chain.spot, chain.given_mid) == (900, ("one before",), 180, None)


def test_no_open_interest_is_not_an_open_interest_of_none() -> None:
    chain = made(
        quote(open_interest=0.0), quote("NVDA251219C00190000", open_interest=None),
        quote("NVDA251219C00200000", open_interest=float("nan")),
    )  # fmt: skip
    assert chain.open_interest[0] == 0
    assert np.isnan(chain.open_interest[1:]).all()


@pytest.mark.parametrize(
    ("vendor", "volume", "traded", "kept"),
    [
        ("yahoo", 120.0, NOON, 120.0),
        ("yahoo", 120.0, datetime(2025, 12, 1, 5, 0, tzinfo=UTC), 120.0),  # midnight in New York
        ("yahoo", 120.0, datetime(2025, 12, 1, 4, 59, tzinfo=UTC), 0.0),
        ("yahoo", None, NOON - timedelta(days=3), 0.0),
        ("yahoo", None, NOON, None),
        ("yahoo", 120.0, None, None),
        ("yahoo", 120.0, NOON + timedelta(days=1), None),
        ("cboe", 120.0, None, 120.0),
        ("polygon", 120.0, NOON - timedelta(days=1), 0.0),
    ],
)
def test_volume_is_of_the_session_or_none(
    vendor: str, volume: float | None, traded: datetime | None, kept: float | None
) -> None:
    found = made(replace(quote(volume=volume, last_as_of=traded), vendor=vendor)).volume[0]
    assert np.isnan(found) if kept is None else found == kept


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"bid": -1.0}, "bid is -1"),
        ({"ask": float("inf")}, "ask is inf"),
        ({"volume": -5.0}, "volume is -5"),
        ({"open_interest": 1e30}, "open_interest is 1e+30"),
        ({"last": 1e9}, "last is 1e+09"),
        ({"strike": float("nan")}, "strike is nan"),
        ({"strike": 0.0}, "strike is 0"),
        ({"multiplier": 0}, "multiplier is 0"),
        ({}, "said twice"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_alone(bad: dict[str, float], said: str) -> None:
    wrong = quote(**{name: value for name, value in bad.items() if name not in ("strike", "multiplier")})
    of_contract = {name: value for name, value in bad.items() if name in ("strike", "multiplier")}
    wrong = replace(wrong, contract=replace(wrong.contract, **of_contract))
    chain = made(wrong, quote("NVDA251219P00180000"), quote(volume=7.0))
    assert chain.symbol.tolist() == ["NVDA251219C00180000", "NVDA251219P00180000"]
    assert chain.volume.tolist() == [7, 120]
    assert chain.left_out == ("one before", f"NVDA251219C00180000: {said}")


def test_a_crossed_quote_keeps_its_contract() -> None:
    chain = made(quote(bid=6.0, ask=5.0))
    assert (len(chain), chain.open_interest[0]) == (1, 900)
    assert np.isnan(chain.mid[0])


def test_contracts_end_with_the_close_of_their_last_day() -> None:
    today, tomorrow = quote("NVDA251201C00180000"), quote("NVDA251202C00180000")
    assert len(made(today, tomorrow)) == 2
    assert len(made(today, tomorrow, taken_at=CLOSE)) == 1
    assert len(made(quote("NVDA251128C00180000"))) == 0


def test_index_contracts_that_settle_in_the_morning_are_gone_then() -> None:
    friday = [contract(f"{root}251219C06000000", "^SPX") for root in ("SPX", "SPXW")]
    quotes = tuple(OptionQuote(contract=one, vendor="cboe", received_at=NOON, open_interest=9.0) for one in friday)
    chain = OptionChain(underlying="^SPX", vendor="cboe", received_at=NOON, quotes=quotes)
    left = {}
    for market, taken_at in (
        ("recorded", datetime(2025, 12, 18, 21, 15, tzinfo=UTC)), ("recorded", datetime(2025, 12, 19, 17, tzinfo=UTC)),
        ("simulated", datetime(2025, 12, 19, 17, tzinfo=UTC)),
    ):  # fmt: skip
        session = taken_at.date()
        hours = calendar.hours(session, market)
        found = columns(
            chain, market=market, session=session, taken_at=taken_at, spot=None, spot_as_of=None, hours=hours
        )
        left[market, session.day] = found.root.tolist()
    assert left == {("recorded", 18): ["SPX", "SPXW"], ("recorded", 19): ["SPXW"], ("simulated", 19): ["SPX", "SPXW"]}


def test_contracts_end_when_their_exchange_closes() -> None:
    assert expires_at(date(2025, 11, 28), "live") == datetime(2025, 11, 28, 18, tzinfo=UTC)  # half day
    assert expires_at(date(2014, 6, 21), "live") == datetime(2014, 6, 20, 20, tzinfo=UTC)  # a Saturday
    assert expires_at(date(2025, 12, 19), "live", "SPX") == datetime(2025, 12, 19, 14, 30, tzinfo=UTC)  # its morning
    assert expires_at(date(2060, 1, 16), "live") == datetime(2060, 1, 16, 21, tzinfo=UTC)
    assert years(date(2025, 12, 1), "live", CLOSE - timedelta(minutes=1)) == 1 / 24 / 365
    assert years(date(2025, 12, 31), "live", CLOSE) == 30 / 365


@pytest.mark.parametrize(
    ("said", "taken_at", "dated"),
    [
        (date(2025, 12, 1), NOON, date(2025, 11, 28)),
        (None, NOON, date(2025, 11, 28)),
        (None, datetime(2025, 12, 1, 13, tzinfo=UTC), None),
        (date(1980, 1, 1), NOON, None),
    ],
)
def test_open_interest_is_of_the_close_before(said: date | None, taken_at: datetime, dated: date | None) -> None:
    assert made(quote(open_interest_date=said), taken_at=taken_at).open_interest_date == dated


def test_open_interest_of_two_dates_has_none() -> None:
    both = quote(open_interest_date=SESSION), quote("NVDA251219P00180000", open_interest_date=date(2025, 11, 28))
    assert made(*both).open_interest_date is None


@pytest.mark.parametrize("spot", [None, float("nan"), -1.0, float("inf")])
def test_a_spot_that_cannot_be_is_none(spot: float | None) -> None:
    assert made(quote(), spot=spot).spot is None


def test_no_rows_are_an_empty_chain() -> None:
    chain = columns((), market="recorded", session=SESSION, taken_at=NOON, spot=None, spot_as_of=None)
    assert (len(chain), chain.underlying, len(chain.mid)) == (0, "", 0)


def test_two_contracts_of_five_told_the_volume_of_an_older_day() -> None:
    (found,) = sessions(folder("data/chains") / "yahoo_AAPL_2025-10-06.csv.gz")
    chain = columns(
        found.chain, market="recorded", session=found.session, taken_at=found.taken_at, spot=None, spot_as_of=None
    )
    told = [quote.volume for quote in found.chain.quotes if quote.volume]
    assert (len(told), (chain.volume > 0).sum()) == (2042, 1223)
    assert (sum(told), np.nansum(chain.volume)) == (667597, 655562)
