"""The evaluation of daily bars, on made-up folders and on real ones where they are."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from goldensignals.evaluation import coverage, cutting, daily, daily_files, planting, ranging, splits
from goldensignals.evaluation.goals import Goal, table
from goldensignals.evaluation.leaning import leans, proven
from goldensignals.tests.shared_data import folder
from marketdata.domain import Bars, Interval
from signals import walking, wiring
from signals.agents.base import BarAgent
from signals.tests.bars import sessions, wandering

NAMES = ("start", "open", "high", "low", "close", "volume")
HEAD = "symbol,timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"


def day(second: int) -> str:
    return f"{datetime.fromtimestamp(int(second), UTC):%Y-%m-%d}"


def lines(bars: Bars, head: str = HEAD) -> list[str]:
    """Its rows as a file has them; its adjusted close is half the close."""
    rows = zip(*(getattr(bars, name) for name in NAMES), strict=True)
    if head == HEAD:
        return [f"{bars.symbol},{day(t)},{o},{h},{low},{c},{c / 2},{v},0.0,1.0" for t, o, h, low, c, v in rows]
    return [f"{bars.symbol},{day(t)},{o},{h},{low},{c},{v}" for t, o, h, low, c, v in rows]


def agents() -> dict[str, BarAgent]:
    return {name: one for name, one in wiring.agents(Interval.DAY).items() if isinstance(one, BarAgent)}


def test_files_of_both_forms_are_read_and_adjusted(tmp_path: Path) -> None:
    many = [wandering(name, 320, seed) for seed, name in enumerate(("AAA", "BBB"))]
    with gzip.open(tmp_path / "many.csv.gz", "wt") as file:
        file.write("\n".join([HEAD, *lines(many[0]), *reversed(lines(many[1]))]))
    lean = wandering("CCC", 310, 3)
    (tmp_path / "CCC_raw_daily.csv").write_text(
        "\n".join(["date,open,high,low,close,volume", *(row.split(",", 1)[1] for row in lines(lean, "lean"))])
    )
    found = daily_files.read(tmp_path)
    assert sorted(found.bars) == ["AAA", "BBB", "CCC"]
    assert (found.rows, found.left_out, found.notes) == (950, [], [])
    assert found.bars["AAA"].close == pytest.approx(many[0].close / 2)
    assert found.bars["AAA"].open == pytest.approx(many[0].open / 2)
    assert found.bars["AAA"].volume == pytest.approx(many[0].volume * 2)
    assert (np.diff(found.bars["BBB"].start) > 0).all()
    assert found.bars["CCC"].close == pytest.approx(lean.close)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("AAA,2009-01-02,1,1,1,,1,1,0,1", "close is no number"),
        ("AAA,2009-13-02,1,1,1,1,1,1,0,1", "month must be in"),
        ("AAA,2009-01-02,1,1,0,1,1,1,0,1", "not positive"),
        ("AAA,2009-01-02,1,2,3,1,1,1,0,1", "do not span"),
        ("AAA,2009-01-02,1,1,1,1,0,1,0,1", "adjusted_close is not positive"),
        ("AAA,2009-01-02,nan,1,1,1,1,1,0,1", "not positive"),
        ("AAA,2010-01-04,1,1,1,1,1,1,0,1", "the same day again"),
        ("AAA", "is no number"),
    ],
)
def test_broken_rows_are_named_and_left_out(tmp_path: Path, broken: str, reason: str) -> None:
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *lines(wandering("AAA", 310, 1)), broken]))
    found = daily_files.read(tmp_path)
    assert found.rows == 310
    (said,) = found.left_out
    assert said.startswith("a.csv:312 AAA: ")
    assert reason in said or "no date" in said or "Invalid" in said


def test_what_is_no_history_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="name the folder"):
        daily_files.read(tmp_path)
    (tmp_path / "short.csv").write_text("\n".join([HEAD, *lines(wandering("AAA", 20, 1))]))
    (tmp_path / "strange.csv").write_text("when,what\n1,2\n")
    (tmp_path / "torn.csv.gz").write_bytes(b"\x1f\x8b torn")
    said = daily_files.read(tmp_path).left_out
    assert len(said) == 3
    assert "AAA has 20 rows, 300 are needed" in said[0]
    assert "no column close" in said[1]
    assert "cannot be read" in said[2]
    assert daily.main(tmp_path) == 2


@pytest.mark.parametrize(("ratio", "told"), [(2.0, "2 for 1"), (7.0, "7 for 1"), (0.125, "1 for 8")])
def test_a_split_of_raw_prices_is_found_and_told(ratio: float, told: str) -> None:
    close = np.full(10, 100.0) * np.linspace(1, 1.05, 10)
    raw = np.where(np.arange(10) < 6, close, close / ratio)
    factors, notes = splits.adjusting(sessions(10), raw, raw)
    assert raw * factors == pytest.approx(close / ratio, rel=1e-9)
    assert len(notes) == 1
    assert told in notes[0]
    assert day(sessions(10)[6]) in notes[0]


def test_a_crash_is_no_split() -> None:
    raw = np.array([100.0, 101, 70, 69, 45, 50])
    assert splits.adjusting(sessions(6), raw, raw) == (pytest.approx(np.ones(6)), [])


def test_splits_that_the_file_names_are_believed() -> None:
    raw = np.array([100.0, 100, 50, 50])
    factors, notes = splits.adjusting(sessions(4), raw, raw, [1.0, 1.0, 2.0, 1.0])
    assert (list(factors), notes) == ([0.5, 0.5, 1.0, 1.0], [])


class Knowing:
    """An agent that looks at tomorrow."""

    def scores(self, bars: Bars) -> np.ndarray:
        return np.append(np.sign(np.diff(bars.close)), 0.0) * 0.2


MARKET = {f"S{n}": wandering(f"S{n}", 500, n) for n in range(3)}


def test_a_cut_catches_an_agent_that_looks_ahead() -> None:
    fair = {name: agents()[name] for name in ("rsi_reversal", "moving_averages")}
    for who, leaks in ((fair, False), ({"knowing": Knowing()}, True)):
        walk = walking.walk(MARKET, who, dict.fromkeys(who, 1.0), daily.FIVE)
        assert bool(cutting.changed(walk, MARKET, who, dict.fromkeys(who, 1.0), daily.FIVE)) == leaks


def test_the_planted_leans_win_as_often_as_was_said_and_nothing_else_moves() -> None:
    walk = walking.walk(MARKET, {"knowing": Knowing()}, {"knowing": 1.0}, daily.FIVE)
    found = planting.of_a_planted_agent(walk.panel, daily.FIVE, 0.66)
    assert found.hit_rate == pytest.approx(0.66, abs=0.001)
    assert found.leans == pytest.approx(0.4 * 3 * 495, rel=0.1)
    assert found == planting.of_a_planted_agent(walk.panel, daily.FIVE, 0.66)
    where = ~np.isnan(walk.panel.gross) & (np.arange(500)[:, None] % 2 == 0)
    turned = planting._turned(walk.panel, where, daily.FIVE.cost, 0.9)
    assert np.array_equal(turned[~where], walk.panel.gross[~where], equal_nan=True)
    assert (turned[where] > daily.FIVE.cost).mean() == pytest.approx(0.9, abs=0.002)


def test_goals_know_their_range() -> None:
    kept = Goal(name="a", value=0.5, low=0.4, high=0.6)
    assert (kept.kept, kept.promise) == (True, "0.4 to 0.6")
    assert not replace(kept, value=0.39).kept
    assert not replace(kept, value=None).kept
    said = table([kept, Goal(name="b", value=7, high=6, digits=0), Goal(name="c", value=None, low=1)])
    assert [line[:4] for line in said.splitlines()[1:]] == ["pass", "FAIL", "FAIL"]


def test_the_command_prints_the_table_and_its_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for bars in MARKET.values() for row in lines(bars)]
    (tmp_path / "all.csv").write_text("\n".join([HEAD, *rows, "S0,bad"]))
    with pytest.raises(SystemExit) as left:
        call_command("evaluate", daily=str(tmp_path))
    said = capsys.readouterr().out
    assert "3 symbols, 1,500 bars" in said
    assert "left out: all.csv:1502 S0" in said
    assert left.value.code == (1 if "FAIL" in said else 0)
    assert said.count("pass ") + said.count("FAIL ") == 10


def test_on_real_bars_the_promises_hold() -> None:
    """Every second stock, 2008 to 2014: far less than the whole, which `manage.py evaluate --daily` measures."""
    whole = daily_files.read(folder("data/daily")).bars
    start = int(datetime(2008, 1, 1, tzinfo=UTC).timestamp())
    bars = {
        name: replace(one, **{column: getattr(one, column)[one.start >= start] for column in NAMES})
        for name, one in sorted(whole.items())[::2]
    }  # fmt: skip
    walk = walking.walk(bars, agents(), wiring.weights(Interval.DAY), daily.FIVE)
    begin, since = daily.counted(walk.panel)
    issued = leans(walk, since)
    assert np.mean((issued.confidence - issued.won) ** 2) <= 0.2495
    assert proven(walk, since)[0] == 0
    assert 0.9 <= coverage.held(coverage.deviations(walk, since), 1.96) <= 0.99
    planted = planting.of_a_planted_agent(walk.panel, daily.FIVE, 0.66, begin)
    assert planted.sessions is not None
    assert planted.sessions <= 300
    assert abs(planted.shown - planted.hit) <= 0.06
    said = ranging.ranged(walk, since, 5)
    assert 0.77 <= said.coverage <= 0.83
    assert said.skill[0.03] >= 0.04


def test_symbols_that_begin_later_do_not_count_before() -> None:
    old = wandering("OLD", 900, 1)
    young = {f"Y{n}": replace(one, **{k: getattr(one, k)[400:] for k in NAMES}) for n, one in _young()}
    walk = walking.walk({"OLD": old, **young}, {"knowing": Knowing()}, {"knowing": 1.0}, daily.FIVE)
    assert daily.counted(walk.panel) == (400, 652)


def _young() -> list[tuple[int, Bars]]:
    return [(n, wandering(f"Y{n}", 900, n + 10)) for n in range(2)]
