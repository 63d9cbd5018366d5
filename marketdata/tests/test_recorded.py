"""The recording: every line is its quote, nothing of it is lost, and what is broken is named."""

import csv
import gzip
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from marketdata.calendar import NEW_YORK
from marketdata.domain import Interval, Quote, Session
from marketdata.sources.base import NoData, SourceError, StreamingSource, UnknownSymbol
from marketdata.sources.recorded import Recorded
from marketdata.sources.recorded_folder import BadRecording, NoRecording
from marketdata.sources.recorded_play import Pace

QUOTES = "time_et,bid,bid_size,ask,ask_size\n"
TRADES = "time_et,open,high,low,close,volume\n"
START, END = datetime(1990, 1, 3, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def et(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK)  # type: ignore[arg-type, misc]


BELL = et(2014, 6, 6, 9, 30)


def recording(folder: Path, now: datetime = END, speed: float = 1e9, **files: str) -> Recorded:
    """A source over these files: `AAPL_quotes="…"` is AAPL_1min_quotes.csv."""
    for name, text in files.items():
        symbol, kind = name.rsplit("_", 1)
        (folder / f"{symbol}_1min_{kind}.csv").write_text(text)
    return Recorded(str(folder), speed, clock=lambda: now)


def all_quotes(source: Recorded, symbols: Sequence[str], after: datetime | None = None) -> list[Quote]:
    return [quote for _, quotes in source.rows(symbols, after) for quote in quotes]


def one(source: Recorded, symbol: str) -> Quote | SourceError:
    return source.quotes([symbol])[symbol]


def lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as text:
        yield from csv.DictReader(text)


def facts(quote: Quote) -> tuple[object, ...]:
    return quote.as_of, quote.bid, quote.bid_size, quote.ask, quote.ask_size


DAY_ONE = (
    "2014-06-06 08:00:00,640,641,639,640.5,100\n2014-06-06 09:30:00,645,647,644,646,1000\n"
    "2014-06-06 15:59:00,646,648,645,645.57,2000\n2014-06-06 16:05:00,645,645,645,645,50\n"
)
DAY_TWO = "2014-06-09 08:00:00,92.5,92.5,92.5,92.5,70\n2014-06-09 09:30:00,92.7,93.0,92.6,92.9,7000\n"


def test_real_lines_are_their_quotes(shared: Path) -> None:
    folder = shared / "data/minute"
    if not folder.is_dir():
        pytest.skip("no recorded minutes here")
    source = Recorded(str(folder), clock=lambda: END)
    assert isinstance(source, StreamingSource)
    symbols = source.symbols()
    played = all_quotes(source, symbols)
    assert all(a.as_of <= b.as_of for a, b in pairwise(played))
    assert source.problems(symbols) == []
    for symbol in symbols:
        expected = [
            (
                datetime.fromisoformat(row["time_et"]).replace(tzinfo=NEW_YORK),
                *(float(row[name]) for name in QUOTES.strip().split(",")[1:]),
            )
            for row in lines(folder / f"{symbol}_1min_quotes.csv.gz")
        ]
        assert [facts(quote) for quote in played if quote.symbol == symbol] == expected
        bars = source.bars(symbol, Interval.MINUTE, START, END)
        traded = list(lines(folder / f"{symbol}_1min_trades.csv.gz"))
        assert bars.close.tolist() == [float(row["close"]) for row in traded]
        assert bars.volume.sum() == sum(float(row["volume"]) for row in traded)
        assert len(source.bars(symbol, Interval.DAY, START, END)) == 6


def test_a_quote_knows_what_traded_up_to_its_line(tmp_path: Path) -> None:
    quotes = QUOTES + "".join(f"{at},1,2,3,4\n" for at in (
        "2014-06-06 07:59:00", "2014-06-06 08:00:00", "2014-06-06 09:31:00", "2014-06-06 16:10:00",
        "2014-06-09 04:00:00", "2014-06-09 09:30:00"))  # fmt: skip
    source = recording(tmp_path, AAPL_quotes=quotes, AAPL_trades=TRADES + DAY_ONE + DAY_TWO)
    before, early, regular, late, night, split = all_quotes(source, ["AAPL"])
    assert (before.price, before.volume, before.open, before.previous_close) == (None, 0, None, None)
    assert (early.price, early.volume, early.open, early.high) == (640.5, 100, None, None)
    assert (early.session, regular.session, late.session) == (Session.PRE, Session.REGULAR, Session.POST)
    assert (regular.price, regular.volume, regular.open, regular.high, regular.low) == (646, 1100, 645, 647, 644)
    assert (late.price, late.volume, late.high, late.low) == (645, 3150, 648, 644)
    assert (night.price, night.volume, night.open, night.previous_close) == (645, 0, None, 645.57)
    assert (split.price, split.volume, split.open, split.previous_close) == (92.9, 7070, 92.7, 645.57)
    assert facts(split) == (et(2014, 6, 9, 9, 30), 1, 2, 3, 4)
    assert (split.vendor, split.simulated, split.currency) == ("recorded", False, "USD")


def test_a_symbol_with_trades_only_has_a_quote_for_each_trade_line(tmp_path: Path) -> None:
    source = recording(tmp_path, MSFT_trades=TRADES + DAY_ONE)
    quotes = all_quotes(source, ["MSFT"])
    assert [quote.price for quote in quotes] == [640.5, 646, 645.57, 645]
    assert {(quote.bid, quote.ask, quote.quote_as_of) for quote in quotes} == {(None, None, None)}


def test_a_symbol_with_quotes_only_has_no_price(tmp_path: Path) -> None:
    source = recording(tmp_path, MSFT_quotes=QUOTES + "2014-06-06 09:30:00,40,100,,\n")
    (quote,) = all_quotes(source, ["MSFT"])
    assert (quote.price, quote.volume, quote.bid, quote.ask, quote.ask_size) == (None, None, 40, None, None)
    assert len(source.bars("MSFT", Interval.MINUTE, START, END)) == 0
    assert len(source.bars("MSFT", Interval.DAY, START, END)) == 0


def test_daily_bars_fold_the_regular_session(tmp_path: Path) -> None:
    source = recording(tmp_path, AAPL_trades=TRADES + DAY_ONE + DAY_TWO)
    first, second = source.bars("AAPL", Interval.DAY, START, END)
    assert (first.open, first.high, first.low, first.close, first.volume) == (645, 648, 644, 645.57, 3000)
    assert (first.start, first.partial, second.close) == (datetime(2014, 6, 6, tzinfo=UTC), False, 92.9)


def test_nothing_after_the_recorded_present_is_shown(tmp_path: Path) -> None:
    source = recording(tmp_path, et(2014, 6, 6, 9, 30, 20), AAPL_trades=TRADES + DAY_ONE + DAY_TWO)
    minutes = source.bars("AAPL", Interval.MINUTE, START, END)
    assert minutes.close.tolist() == [640.5, 646]
    assert minutes.last_is_partial
    assert source.bars("AAPL", Interval.DAY, START, END).last_is_partial
    quote = one(source, "AAPL")
    assert isinstance(quote, Quote)
    assert quote.price == 646
    assert isinstance(one(recording(tmp_path, datetime.min.replace(tzinfo=UTC)), "AAPL"), NoData)
    assert isinstance(one(source, "IBM"), UnknownSymbol)


def test_minutes_are_handed_over_when_they_close(tmp_path: Path) -> None:
    source = recording(tmp_path, AAPL_trades=TRADES + DAY_ONE, IBM_quotes=QUOTES + "2014-06-06 09:30:00,1,1,2,1\n")
    both = ["AAPL", "IBM"]
    assert [len(bars) for bars in source.minutes(both, et(2014, 6, 6, 9, 29), et(2014, 6, 6, 9, 30))] == [0]
    (bars,) = source.minutes(both, et(2014, 6, 6, 9, 30), et(2014, 6, 6, 9, 31))
    assert [(bar.start, bar.close, bar.partial) for bar in bars] == [(et(2014, 6, 6, 9, 30), 646, False)]
    (bars,) = source.minutes(both, et(2014, 6, 6, 9, 31), et(2014, 6, 6, 16, 30))
    assert bars.close.tolist() == [645.57, 645]


@pytest.mark.parametrize(
    ("local", "utc_hour"),
    [
        ("2013-11-01 09:30:00", 13),
        ("2013-11-04 09:30:00", 14),
        ("2014-03-07 09:30:00", 14),
        ("2014-03-10 09:30:00", 13),
    ],
)
def test_new_york_times_follow_daylight_saving(tmp_path: Path, local: str, utc_hour: int) -> None:
    source = recording(tmp_path, A_quotes=QUOTES + f"{local},1,1,2,1\n")
    (quote,) = all_quotes(source, ["A"])
    assert (quote.as_of.hour, quote.as_of.minute, quote.session) == (utc_hour, 30, Session.REGULAR)
    assert quote.as_of.utcoffset() == timedelta(0)


def test_rows_of_all_symbols_come_in_time_order_and_resume_after_any(tmp_path: Path) -> None:
    source = recording(
        tmp_path, A_quotes=QUOTES + "2014-06-06 09:31:00,1,1,2,1\n2014-06-06 09:30:00,1,1,2,1\n",
        B_quotes=QUOTES + "2014-06-06 09:30:00,3,1,4,1\n2014-06-06 09:32:00,3,1,4,1\n",
    )  # fmt: skip
    rows = [(at, [quote.symbol for quote in quotes]) for at, quotes in source.rows(["A", "B"])]
    assert rows == [(et(2014, 6, 6, 9, 30), ["A", "B"]), (et(2014, 6, 6, 9, 31), ["A"]), (et(2014, 6, 6, 9, 32), ["B"])]
    assert [len(all_quotes(source, ["A", "B"], at)) for at, _ in rows] == [2, 1, 0]


def test_a_bad_line_is_skipped_and_named(tmp_path: Path) -> None:
    text = QUOTES + "\n".join([
        "2014-06-06 09:30:00,1,1,2,1", "2014-06-06 09:31:00,one,1,2,1", "yesterday,1,1,2,1", "2014-06-06 09:32:00,1,1",
        "2014-06-06 09:33:00,nan,1,2,1", "2014-06-06 09:34:00,,,,", "2014-06-06 09:30:00,1,1,2,1",
        "1950-06-06 09:35:00,1,1,2,1", "", "2014-06-06 09:36:00,1,1,2,1",
    ])  # fmt: skip
    source = recording(tmp_path, A_quotes=text)
    assert [quote.as_of.minute for quote in all_quotes(source, ["A"])] == [30, 36]
    assert [problem.split(": ")[0] for problem in source.problems(["A"])] == [
        f"A_1min_quotes.csv line {n}" for n in range(3, 10)
    ]
    assert "'one' is not a number" in source.problems(["A"])[0]
    assert "a second line for 2014-06-06 09:30:00" in source.problems(["A"])[5]


def test_a_missing_column_leaves_out_its_symbol_only(tmp_path: Path) -> None:
    good = QUOTES + "2014-06-06 09:30:00,1,1,2,1\n"
    source = recording(tmp_path, A_quotes="time_et,bid,ask\n2014-06-06 09:30:00,1,2\n", B_quotes=good, C_quotes="")
    (tmp_path / "D_1min_quotes.csv.gz").write_bytes(b"not gzip at all")
    answers = source.quotes(["A", "B", "C", "D"])
    assert [type(answers[symbol]) for symbol in "ABCD"] == [BadRecording, Quote, BadRecording, BadRecording]
    assert "A_1min_quotes.csv has no column bid_size, ask_size" in str(answers["A"])
    assert [quote.symbol for quote in all_quotes(source, ["A", "B", "C", "D"])] == ["B"]
    assert len(source.problems(["A", "B", "C", "D"])) == 3
    with pytest.raises(BadRecording):
        list(source.rows(["A"]))
    with pytest.raises(NoRecording, match="none of the chosen"):
        list(recording(tmp_path).rows([]))


def test_a_folder_that_cannot_be_played_is_named(tmp_path: Path) -> None:
    for folder, said in [
        ("", "RECORDED_DIR is empty"),
        (str(tmp_path / "no"), "no such folder"),
        (str(tmp_path), "no file in"),
    ]:
        source = Recorded(folder)
        assert not source.knows("AAPL")
        for ask in (source.symbols, lambda s=source: s.quotes(["AAPL"]), lambda s=source: s.fingerprint(["AAPL"])):
            with pytest.raises(NoRecording, match=said) as raised:
                ask()
            assert "RECORDED_DIR" in raised.value.remedy


def test_the_name_of_a_playback_tells_folders_and_choices_apart(tmp_path: Path) -> None:
    source = recording(tmp_path, A_quotes=QUOTES, B_quotes=QUOTES)
    assert source.knows("A")
    assert source.fingerprint(["A", "B"]) == source.fingerprint(["B", "A", "NOT_THERE"])
    assert source.fingerprint(["A"]) != source.fingerprint(["A", "B"])
    before = source.fingerprint(["A"])
    assert recording(tmp_path, A_quotes=QUOTES + "\n").fingerprint(["A"]) != before


def minutes(count: int, first: datetime = BELL) -> str:
    return QUOTES + "".join(
        f"{first + timedelta(minutes=i):%Y-%m-%d %H:%M:%S},{i + 1},1,{i + 2},1\n" for i in range(count)
    )


async def played(source: Recorded, symbols: Sequence[str]) -> list[Sequence[Quote]]:
    return [batch async for batch in source.stream(symbols)]


async def test_at_high_speed_many_rows_come_in_one_batch_and_none_is_lost(tmp_path: Path) -> None:
    source = recording(tmp_path, speed=6000, A_quotes=minutes(300), B_quotes=minutes(300))
    batches = await played(source, ["A", "B"])
    quotes = [quote for batch in batches for quote in batch]
    assert 2 <= len(batches) <= 30
    assert quotes == [quote for quote in quotes if quote.vendor == "recorded"]
    assert [facts(quote) for quote in quotes] == [facts(quote) for quote in all_quotes(source, ["A", "B"])]
    assert all(batch[-1].as_of < following[0].as_of for batch, following in pairwise(batches))


async def test_it_takes_as_long_as_the_speed_says(tmp_path: Path) -> None:
    source = recording(tmp_path, speed=240, A_quotes=minutes(5))
    began = time.monotonic()
    assert sum(map(len, await played(source, ["A"]))) == 5
    assert 0.9 < time.monotonic() - began < 30


async def test_nights_are_skipped(tmp_path: Path) -> None:
    source = recording(
        tmp_path, speed=600, A_quotes=minutes(2) + minutes(2, et(2014, 6, 9, 9, 30)).removeprefix(QUOTES)
    )
    began = time.monotonic()
    assert sum(map(len, await played(source, ["A"]))) == 4
    assert time.monotonic() - began < 30


async def test_it_goes_on_after_its_position_and_catches_up_to_the_present_at_once(tmp_path: Path) -> None:
    source = recording(tmp_path, speed=60, A_quotes=minutes(3000))
    source.position, source.present = et(2014, 6, 6, 9, 39), et(2014, 6, 8, 11, 20)
    batches = source.stream(["A"])
    first, second = await anext(batches), await anext(batches)
    assert (len(first), len(second)) == (2000, 981)
    assert first[0].as_of == et(2014, 6, 6, 9, 40)
    assert second[-1].as_of == source.present


def test_the_pace_multiplies_time() -> None:
    pace = Pace(60, et(2014, 6, 6, 9, 30))
    assert 0.9 < pace.until(et(2014, 6, 6, 9, 31)) <= 1
    assert pace.until(et(2014, 6, 6, 9, 29)) < 0
