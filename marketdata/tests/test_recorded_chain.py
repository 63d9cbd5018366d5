"""Files of option chains: each line is its contract, a bad one loses nobody else, and what is broken is named."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from goldensignals.tests.shared_data import folder
from marketdata.sources.recorded_chain import BadChainFile, RecordedChain, files, sessions
from marketdata.sources.recorded_folder import NoRecording
from marketdata.tests import conformance

YAHOO = (
    "contract_symbol,last_trade_date,strike,last_price,bid,ask,volume,open_interest,implied_volatility,contract_size,"
    "expiration,type,date_pulled\n"
)
NVDA = "NVDA251219C00180000"
GOOD = f"{NVDA},2025-12-01 15:30:00+00:00,180.0,5.1,5.0,5.2,120,900,0.41,REGULAR,2025-12-19,C,2025-12-01\n"
CBOE = (
    '\n"SPX","Last: 4,697.24",Change: 8.56\n"Date: January 5, 2024 at 10:20 AM EST",Bid: 4690\n'
    "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
    "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\n"
)
CBOE_ROW = (
    "Fri Jan 19 2024,SPX240119C04700000,50,0,49,51,10,0.12,0.5,0.003,1000,4700.00,"
    "SPX240119P04700000,45,0,44,46,0,0,-0.5,0.003,0\n"
)
LEAN = (
    "date,expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility,delta,gamma,vega,theta,rho\n"
)
BARCHART = 'Strike,Moneyness,Bid,Mid,Ask,Last,Volume,"Open Int",IV,Delta,Type,"Last Trade"\n'


def chains(path: Path, name: str, text: str) -> list[RecordedChain]:
    file = path / name
    file.write_text(text)
    return list(sessions(file))


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as text:
        yield from csv.DictReader(text)


@pytest.mark.parametrize(
    ("name", "count", "contracts", "first", "spot"),
    [
        ("lean_AAPL_universe.csv.gz", 13, 43674, date(2014, 6, 2), 633.4),
        ("lean_TWX_universe.csv.gz", 5, 920, date(2014, 6, 4), 70.56),
        ("cboe_SPY_2025-05-16.csv.gz", 1, 3160, date(2025, 5, 16), 589.25),
        ("yahoo_AAPL_2025-10-06.csv.gz", 1, 2099, date(2025, 10, 6), None),
        ("barchart_AMD_2025-10-22_exp2025-12-19.csv.gz", 1, 128, date(2025, 10, 22), 228.74),
    ],
)
def test_real_files_lose_no_contract(name: str, count: int, contracts: int, first: date, spot: float | None) -> None:
    found = list(sessions(folder("data/chains") / name))
    assert (len(found), sum(len(one.chain.quotes) for one in found)) == (count, contracts)
    assert (found[0].session, found[0].spot) == (first, spot)
    assert [one.taken_at for one in found] == sorted(one.taken_at for one in found)
    assert not [reason for one in found for reason in one.chain.left_out]
    vendor, underlying = name.split("_")[:2]
    for one in found:
        assert one.taken_at.utcoffset() == UTC.utcoffset(None)
        conformance.check_chain(one.chain, underlying, vendor)


def test_real_yahoo_lines_are_their_quotes() -> None:
    path = folder("data/chains") / "yahoo_AAPL_2025-10-06.csv.gz"
    (found,) = sessions(path)
    assert found.taken_at == datetime(2025, 10, 6, 20, 0, tzinfo=UTC)
    for row, quote in zip(rows(path), found.chain.quotes, strict=True):
        assert quote.contract.symbol == row["contract_symbol"]
        assert (quote.bid or 0, quote.ask or 0) == (float(row["bid"]), float(row["ask"]))
        assert quote.volume == (float(row["volume"]) if row["volume"] else None)
        assert quote.open_interest == float(row["open_interest"])
        assert quote.last_as_of == datetime.fromisoformat(row["last_trade_date"])
        assert quote.open_interest_date == date(2025, 10, 6)


def test_real_cboe_lines_are_two_quotes_each() -> None:
    (found,) = sessions(folder("data/chains") / "cboe_SPY_2025-05-16.csv.gz")
    assert found.taken_at == datetime(2025, 5, 16, 20, 15, tzinfo=UTC)
    assert found.spot_as_of == datetime(2025, 5, 16, 23, 23, tzinfo=UTC)
    put = next(one for one in found.chain.quotes if one.contract.symbol == "SPY250530P00715000")
    assert (put.bid, put.ask, put.iv, put.delta, put.open_interest) == (120.01, 122.01, 0.4252, -1, 0)
    call = next(one for one in found.chain.quotes if one.contract.symbol == "SPY250530C00720000")
    assert (call.bid, call.ask, call.volume, call.open_interest) == (None, 0.01, 5, 3365)


def test_a_lean_line_without_prices_has_none(tmp_path: Path) -> None:
    (found,) = chains(
        tmp_path, "lean_AAPL_x.csv",
        LEAN + "20140606,,,,92,93,92,92.72,131,,,,,,,\n20140606,20140613.0,92.857,C,,,,,,,,,,,,\n"
        "20140606,20140613.0,92.857,P,1,1,1,0.995,12,1000.0,0.25,-0.5,0.1,0.04,-0.03,-0.01\n",
    )  # fmt: skip
    empty, full = found.chain.quotes
    assert empty.contract.symbol == "AAPL140613C00092857"
    assert (empty.mid, empty.volume, empty.open_interest, empty.iv) == (None, None, None, None)
    assert (full.mid, full.bid, full.volume, full.open_interest, full.delta) == (0.995, None, 12, 1000, -0.5)
    assert (found.spot, full.underlying_price) == (92.72, 92.72)


def test_barchart_tells_the_spot_by_moneyness_and_the_time_in_its_last_line(tmp_path: Path) -> None:
    (found,) = chains(
        tmp_path, "barchart_AMD_2025-10-22_exp2025-12-19.csv",
        BARCHART + '225.00,+1.64%,15.1,15.2,15.3,15.2,99,"1,623",61.86%,0.5,Call,"12:38 ET"\n'
        "230.00,+0.55%,0.00,0.02,0.03,0.02,5,N/A,0.00%,0.0000,Put,10/16/25\n"
        '"Downloaded from Barchart.com as of 10-22-2025 12:27pm CDT"\n',
    )  # fmt: skip
    call, put = found.chain.quotes
    assert (found.spot, found.taken_at) == (228.75, datetime(2025, 10, 22, 17, 27, tzinfo=UTC))
    assert (call.iv, call.open_interest, call.last_as_of) == (0.6186, 1623, datetime(2025, 10, 22, 16, 38, tzinfo=UTC))
    assert (put.bid, put.open_interest, put.iv, put.delta) == (None, None, None, None)
    assert put.last_as_of is not None
    assert put.last_as_of.date() == date(2025, 10, 16)


def test_several_days_in_one_file_are_several_chains_in_order(tmp_path: Path) -> None:
    later = GOOD.replace("2025-12-01", "2025-12-02")
    found = chains(tmp_path, "yahoo_NVDA_days.csv", YAHOO + later + GOOD)
    assert [one.session for one in found] == [date(2025, 12, 1), date(2025, 12, 2)]


def test_yfinances_own_names_and_a_date_in_the_name_will_do(tmp_path: Path) -> None:
    header = "contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,volume,openInterest,impliedVolatility\n"
    (found,) = chains(
        tmp_path, "yahoo_NVDA_2025-12-01.csv", header + f"{NVDA},2025-12-01T20:50:00Z,180,5,4.9,5.1,,7,0.4\n"
    )
    assert (found.session, found.chain.quotes[0].volume) == (date(2025, 12, 1), None)
    assert found.taken_at == datetime(2025, 12, 1, 21, 0, tzinfo=UTC)


def test_epoch_seconds_are_times_and_dates(tmp_path: Path) -> None:
    row = GOOD.replace("2025-12-01 15:30:00+00:00", "1764603000").replace("2025-12-19", "1766102400")
    (found,) = chains(tmp_path, "yahoo_NVDA_x.csv", YAHOO + row)
    assert found.chain.left_out == ()
    assert found.chain.quotes[0].last_as_of == datetime(2025, 12, 1, 15, 30, tzinfo=UTC)


def test_without_the_time_of_the_last_trade_there_is_no_last_price(tmp_path: Path) -> None:
    header = "symbol,strike,bid,ask,last,volume,oi\n"
    (found,) = chains(tmp_path, "yahoo_NVDA_2025-12-01.csv", header + f"{NVDA},180,4.9,5.1,5,7,9\n")
    (one,) = found.chain.quotes
    assert (one.last, one.last_as_of, one.volume, one.open_interest) == (None, None, 7, 9)


@pytest.mark.parametrize("none", ["", "nan", "0.0"])
def test_without_a_last_price_the_volume_is_still_of_the_day_of_the_last_trade(tmp_path: Path, none: str) -> None:
    (found,) = chains(tmp_path, "yahoo_NVDA_x.csv", YAHOO + GOOD.replace(",180.0,5.1,", f",180.0,{none},"))
    (one,) = found.chain.quotes
    assert (one.last, one.volume, one.last_as_of) == (None, 120, datetime(2025, 12, 1, 15, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("pulled", "traded", "session", "taken_at"),
    [
        ("2025-12-01", "2025-12-01 15:30:00+00:00", date(2025, 12, 1), datetime(2025, 12, 1, 15, 30, tzinfo=UTC)),
        ("2025-12-01", "2025-12-01 20:59:00+00:00", date(2025, 12, 1), datetime(2025, 12, 1, 21, tzinfo=UTC)),
        ("2025-12-01", "2025-11-28 17:59:00+00:00", date(2025, 11, 28), datetime(2025, 11, 28, 18, tzinfo=UTC)),
        ("2025-11-30", "2025-11-28 17:59:00+00:00", date(2025, 11, 28), datetime(2025, 11, 28, 18, tzinfo=UTC)),
        ("2025-12-01T09:00:00-05:00", "2025-11-28", date(2025, 11, 28), datetime(2025, 11, 28, 18, tzinfo=UTC)),
        ("2025-12-01T19:00:00-05:00", "2025-12-01", date(2025, 12, 1), datetime(2025, 12, 1, 21, tzinfo=UTC)),
    ],
)
def test_quotes_hold_for_the_session_in_which_they_were_made(
    tmp_path: Path, pulled: str, traded: str, session: date, taken_at: datetime
) -> None:
    row = f"{NVDA},{traded},180.0,5.1,5.0,5.2,120,900,0.41,REGULAR,2025-12-19,C,{pulled}\n"
    (found,) = chains(tmp_path, "yahoo_NVDA_x.csv", YAHOO + row)
    assert (found.session, found.taken_at) == (session, taken_at)


def test_cboes_morning_is_its_own_time(tmp_path: Path) -> None:
    (found,) = chains(tmp_path, "cboe_SPX_2024-01-05.csv", CBOE + CBOE_ROW)
    assert (found.spot, found.taken_at) == (4697.24, datetime(2024, 1, 5, 15, 20, tzinfo=UTC))
    call, put = found.chain.quotes
    assert (call.contract.root, call.delayed_by, put.iv, put.open_interest) == ("SPX", 900, None, 0)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (GOOD.replace("180.0,5.1", "abc,5.1"), "'abc' is not a number"),
        (GOOD.replace("5.0,5.2", "-5.0,5.2"), "-5.0 cannot be right (bid)"),
        (GOOD.replace("120,900", "1e300,900"), "cannot be right (volume)"),
        (GOOD.replace("5.0,5.2", "inf,5.2"), "inf cannot be right"),
        (GOOD.replace("180.0", "181.0"), "comes with a strike of 181"),
        (GOOD.replace(",C,", ",P,"), "comes as 'P'"),
        (GOOD.replace("2025-12-19", "2025-12-26"), "comes with an expiry of 2025-12-26"),
        (GOOD.replace(NVDA, "AAPL251219C00180000"), "is not an option of NVDA"),
        (GOOD.replace(NVDA, "NVDA259919C00180000"), "expires on a day that does not exist"),
        (GOOD.replace(NVDA, "rubbish"), "is not the symbol of an option"),
        (GOOD.replace("2025-12-01\n", "someday\n"), "'someday' is not a date"),
        (GOOD.replace("2025-12-01\n", "1850-12-01\n"), "outside the trading calendar"),
        (GOOD.replace("2025-12-01 15:30:00+00:00", "noon"), "'noon' is not a time"),
        ("a,b\n", "is not a date"),
        (GOOD, "a second line for"),
    ],
)
def test_a_bad_line_is_left_out_alone_and_named(tmp_path: Path, bad: str, said: str) -> None:
    other = GOOD.replace(NVDA, "NVDA251219C00190000").replace("180.0", "190.0")
    (found,) = chains(tmp_path, "yahoo_NVDA_x.csv", YAHOO + GOOD + "\n , \n" + bad + other)
    assert [one.contract.strike for one in found.chain.quotes] == [180, 190]
    assert len(found.chain.left_out) == 1
    assert said in found.chain.left_out[0]
    assert "yahoo_NVDA_x.csv line " in found.chain.left_out[0]


@pytest.mark.parametrize("bad", ['"never closed,1,2\n', "x" * 200_000 + "\n", "caf\xe9,1\n", "a\0b,1\n"])
def test_a_line_that_is_no_csv_takes_no_other_with_it(tmp_path: Path, bad: str) -> None:
    other = GOOD.replace(NVDA, "NVDA251219C00190000").replace("180.0", "190.0")
    file = tmp_path / "yahoo_NVDA_x.csv"
    file.write_bytes((YAHOO + GOOD + bad + other).encode("latin-1"))
    (found,) = sessions(file)
    assert [one.contract.strike for one in found.chain.quotes] == [180, 190]
    assert len(found.chain.left_out) == 1
    assert "yahoo_NVDA_x.csv line 3" in found.chain.left_out[0]


@pytest.mark.parametrize(
    "told", ["180.0", "2025-12-01 15:30:00+00:00", "5.1", "5.0", "5.2", "120", "900", "0.41", "REGULAR", "2025-12-19",
             "C", "2025-12-01"],
)  # fmt: skip
def test_a_field_of_nothing_costs_no_line(tmp_path: Path, told: str) -> None:
    """Strike, expiry and side stand in the contract's symbol too, the date in the name of the file."""
    row = f",{GOOD.strip()},".replace(f",{told},", ",NaN,").strip(",")
    assert "NaN" in row
    (found,) = chains(tmp_path, "yahoo_NVDA_2025-12-01.csv", YAHOO + row + "\n")
    assert found.chain.left_out == ()
    (one,) = found.chain.quotes
    assert (one.contract.symbol, one.contract.multiplier, one.flags) == (NVDA, 100, frozenset())


def test_cboes_strike_stands_in_the_symbols_too(tmp_path: Path) -> None:
    (found,) = chains(tmp_path, "cboe_SPX_x.csv", CBOE + CBOE_ROW.replace(",4700.00,", ",NaN,"))
    assert [one.contract.strike for one in found.chain.quotes] == [4700, 4700]
    assert found.chain.left_out == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("yahoo_NVDA_x.csv", "", "has no column contractsymbol"),
        ("yahoo_NVDA_x.csv", "strike,bid\n1,2\n", "has no column contractsymbol"),
        ("yahoo_NVDA_x.csv", YAHOO, "has no line that can be read"),
        ("lean_NVDA_x.csv", YAHOO + GOOD, "has no column date"),
        ("lean_NVDA_x.csv", LEAN + "x\n", "has no line that can be read"),
        ("cboe_SPX_2024-01-05.csv", CBOE_ROW, "has no line that begins with Expiration Date"),
        ("cboe_SPX_x.csv", CBOE.split("\n", 3)[3] + CBOE_ROW, "tells no date"),
        ("cboe_SPX_x.csv", "Expiration Date,Calls,Strike,Puts\n", "on both sides of Strike"),
        ("barchart_AMD_2025-10-22.csv", BARCHART, "does not tell its expiry"),
        ("barchart_AMD_exp2025-12-19.csv", BARCHART, "tells no date"),
        ("barchart_AMD_2025-10-22_exp2025-12-99.csv", BARCHART, "is not a date"),
        ("cboe_SPX_1850-01-05.csv", CBOE.split("\n", 3)[3] + CBOE_ROW, "outside the trading calendar"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(BadChainFile, match=said) as raised:
        chains(tmp_path, name, text)
    assert "Export it again" in raised.value.remedy


def test_what_is_not_gzip_is_a_bad_recording(tmp_path: Path) -> None:
    (tmp_path / "yahoo_NVDA_2025-12-01.csv.gz").write_bytes(b"plain text")
    with pytest.raises(BadChainFile, match="cannot be read"):
        list(sessions(tmp_path))


def test_a_folder_is_read_by_date_and_other_files_are_passed_by(tmp_path: Path) -> None:
    for name in ("yahoo_NVDA_2025-12-02.csv", "yahoo_NVDA_2025-12-01.csv", "lean_AAPL_universe.csv", "notes.csv"):
        (tmp_path / name).write_text(YAHOO + GOOD.replace(",2025-12-01\n", f",{name[11:21]}\n"))
    assert [one.dated for one in files(tmp_path)] == [None, date(2025, 12, 1), date(2025, 12, 2)]
    with pytest.raises(NoRecording):
        list(sessions(tmp_path / "notes.csv"))
    with pytest.raises(NoRecording):
        files(tmp_path / "nowhere")
