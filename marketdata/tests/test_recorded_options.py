"""A recorded market with option chains: what it shows at its present, with minutes beside them and without."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from goldensignals.tests.shared_data import folder
from marketdata.domain import Quote
from marketdata.sources.base import Capability, NoData, OptionSource, UnknownSymbol
from marketdata.sources.recorded import Recorded
from marketdata.sources.recorded_folder import BadRecording, NoRecording

HEADER = "contract_symbol,last_trade_date,strike,last_price,bid,ask,volume,open_interest,expiration,date_pulled\n"
FAR = date(2030, 1, 1)


def chain(day: str, call: float = 6.0, put: float = 4.0, strike: float = 180.0) -> str:
    """A call and a put with a spread of 0.2, of which the call traded late."""
    rows = [
        f"NVDA251219{right}{round(strike * 1000):08d},{day} 20:59:00+00:00,{strike},{price},{price - 0.1},{price + 0.1}"
        f",7,9,2025-12-19,{day}"
        for right, price in (("C", call), ("P", put))
    ]
    return "\n".join([*rows, ""])


def source(path: Path, now: datetime) -> Recorded:
    return Recorded(str(path), 1e9, clock=lambda: now)


def at(day: int, hour: int = 23) -> datetime:
    return datetime(2025, 12, day, hour, tzinfo=UTC)


def test_a_folder_of_chains_alone_is_a_market(tmp_path: Path) -> None:
    (tmp_path / "yahoo_NVDA_2025-12-01.csv").write_text(HEADER + chain("2025-12-01"))
    (tmp_path / "yahoo_NVDA_2025-12-02.csv").write_text(HEADER + chain("2025-12-02", call=9.0))
    recorded = source(tmp_path, at(2))
    assert isinstance(recorded, OptionSource)
    assert recorded.symbols() == ["NVDA"]
    assert recorded.knows("NVDA")
    played = [quote for _, quotes in recorded.rows(["NVDA"]) for quote in quotes]
    assert [(one.price, one.as_of, one.flags) for one in played] == [
        (182, datetime(2025, 12, 1, 21, tzinfo=UTC), {"implied"}),
        (185, datetime(2025, 12, 2, 21, tzinfo=UTC), {"implied"}),
    ]
    assert recorded.minutes(["NVDA"], at(1), at(2)) == []
    assert recorded.option_expiries("NVDA") == (date(2025, 12, 19),)
    for now, ask in ((at(2), 9.1), (at(2, 20), 6.1), (at(1), 6.1)):
        found = source(tmp_path, now).option_chain("NVDA", date(2025, 12, 2), FAR)
        assert found.quotes[0].ask == pytest.approx(ask)
        assert (found.vendor, found.quotes[0].vendor, found.quotes[0].feed) == ("recorded", "recorded", "yahoo")
        assert found.received_at <= now
    with pytest.raises(NoData, match="up to 2025-12-01"):
        source(tmp_path, at(1, 15)).option_chain("NVDA", date(2025, 12, 2), FAR)
    with pytest.raises(NoData, match="no expiry from"):
        recorded.option_chain("NVDA", date(2025, 12, 20), FAR)
    with pytest.raises(UnknownSymbol):
        recorded.option_chain("MSFT", date(2025, 12, 2), FAR)
    recorded.close()


def test_chains_lie_beside_minutes(tmp_path: Path) -> None:
    (tmp_path / "AAPL_1min_trades.csv").write_text(
        "time_et,open,high,low,close,volume\n2025-12-01 09:30:00,1,1,1,1,5\n"
    )
    day = tmp_path / "2025-12-01"
    day.mkdir()
    (day / "yahoo_NVDA_2025-12-01.csv").write_text(HEADER + chain("2025-12-01"))
    recorded = source(tmp_path, at(1))
    assert recorded.symbols() == ["AAPL", "NVDA"]
    assert [type(one) for one in recorded.quotes(["AAPL", "NVDA", "MSFT"]).values()] == [Quote, Quote, UnknownSymbol]
    assert [[one.symbol for one in quotes] for _, quotes in recorded.rows(["AAPL", "NVDA"])] == [["AAPL"], ["NVDA"]]
    with pytest.raises(UnknownSymbol):
        recorded.option_expiries("AAPL")


def test_minutes_alone_offer_no_options(tmp_path: Path) -> None:
    (tmp_path / "AAPL_1min_trades.csv").write_text("time_et,open,high,low,close,volume\n")
    assert Capability.OPTIONS not in source(tmp_path, at(1)).capabilities
    assert Capability.OPTIONS in Recorded.capabilities


def test_broken_chains_are_named_and_the_others_shown(tmp_path: Path) -> None:
    (tmp_path / "yahoo_NVDA_2025-12-01.csv").write_text(HEADER + chain("2025-12-01") + "rubbish,,,,,,,,,2025-12-01\n")
    (tmp_path / "yahoo_NVDA_2025-12-02.csv").write_text("nothing\n")
    (tmp_path / "yahoo_MU_2025-12-02.csv").write_text("nothing\n")
    recorded = source(tmp_path, at(2))
    assert len(recorded.option_chain("NVDA", date(2025, 12, 2), FAR).quotes) == 2
    first, second, third = recorded.problems(["MU", "NVDA"])
    assert (first[:3], "has no column" in first, "line 4" in second, "has no column" in third) == ("MU:", *[True] * 3)
    with pytest.raises(BadRecording):
        recorded.option_expiries("MU")


def test_a_chain_without_a_pair_tells_no_price(tmp_path: Path) -> None:
    (tmp_path / "yahoo_NVDA_2025-12-01.csv").write_text(HEADER + chain("2025-12-01").splitlines()[0] + "\n")
    recorded = source(tmp_path, at(1))
    assert isinstance(recorded.quotes(["NVDA"])["NVDA"], NoData)
    assert recorded.option_expiries("NVDA")


def test_an_empty_folder_says_what_it_might_hold(tmp_path: Path) -> None:
    with pytest.raises(NoRecording) as raised:
        source(tmp_path, at(1)).symbols()
    assert "lean_SPY_" in raised.value.remedy


def test_real_chains_tell_their_underlyings_price() -> None:
    recorded = source(folder("data/chains"), datetime(2025, 10, 22, 23, tzinfo=UTC))
    prices = {symbol: one.price for symbol, one in recorded.quotes(["AAPL", "AMD", "SPY", "TWX"]).items()}  # type: ignore[union-attr]
    # Apple closed at 256.69 (Yahoo, 2025-10-06).
    assert prices == {"AAPL": pytest.approx(256.69, abs=0.25), "AMD": 228.74, "SPY": 589.25, "TWX": 68.99}
    assert len(recorded.option_chain("AAPL", date(2025, 10, 1), date(2028, 12, 31)).quotes) == 2099
