"""`manage.py evaluate --chains`: the promises measured on real chains, and a figure or a reason on broken ones."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from goldensignals.evaluation import chains
from goldensignals.tests.shared_data import folder

Mutation = Callable[[list[str], random.Random], list[str]]
REAL = {
    "cboe_SPY_2025-05-16.csv": ("cboe_SPY_2025-05-16.csv.gz", 300),
    "yahoo_AAPL_2025-10-06.csv": ("yahoo_AAPL_2025-10-06.csv.gz", 300),
    "lean_TWX_universe.csv": ("lean_TWX_universe.csv.gz", 400),
    "barchart_AMD_2025-10-22_exp2025-12-19.csv": ("barchart_AMD_2025-10-22_exp2025-12-19.csv.gz", 200),
}
RUBBISH = ("", "abc", "-1", "-99999", "1e308", "nan", "inf", "0", "½", "9" * 40, "1,5,7", "#REF!", "2025-13-45")


def test_the_promises_are_kept_on_real_chains(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("evaluate", "--chains", str(folder("data/chains")))
    said = capsys.readouterr().out
    assert ended.value.code == 0, said
    assert "FAIL" not in said
    assert "pass SPY 2025-05-16: IV against Cboe's, median, points" in said
    assert "pass SPY 2025-05-16: GEX over that with Cboe's gammas" in said
    assert "AAPL lean: alerts of 13 sessions" in said
    assert "rule score 1" in said


def fields(lines: list[str], draw: random.Random) -> list[str]:
    """Rubbish in a fifth of the lines."""
    found = []
    for line in lines:
        cells = line.split(",")
        if draw.random() < 0.2:
            cells[draw.randrange(len(cells))] = draw.choice(RUBBISH)
        found.append(",".join(cells))
    return found


def cut(lines: list[str], draw: random.Random) -> list[str]:
    """Lines cut short, doubled, empty."""
    found = []
    for line in lines:
        found += [line[: draw.randrange(len(line) + 1)]] if draw.random() < 0.1 else [line]
        found += [line] if draw.random() < 0.1 else []
        found += ["", ",,,"] if draw.random() < 0.1 else []
    return found


def swapped(lines: list[str], draw: random.Random) -> list[str]:
    """Two names of columns exchanged."""
    row = next(i for i, line in enumerate(lines) if line.lower().count(",") > 6)
    names = lines[row].split(",")
    one, other = draw.sample(range(len(names)), 2)
    names[one], names[other] = names[other], names[one]
    return [*lines[:row], ",".join(names), *lines[row + 1 :]]


def absent(lines: list[str], draw: random.Random) -> list[str]:
    """A column without a single value."""
    row = next(i for i, line in enumerate(lines) if line.lower().count(",") > 6)
    place = draw.randrange(len(lines[row].split(",")))
    rest = [line.split(",") for line in lines[row + 1 :]]
    return [*lines[: row + 1], *(",".join("" if i == place else x for i, x in enumerate(line)) for line in rest)]


def shuffled(lines: list[str], draw: random.Random) -> list[str]:
    """Lines in another order, a byte-order mark before the first."""
    rest = lines[4:]
    draw.shuffle(rest)
    return ["\ufeff" + lines[0], *lines[1:4], *rest]


@pytest.mark.parametrize("mutation", [fields, cut, swapped, absent, shuffled])
@pytest.mark.parametrize("seed", [1, 2])
def test_broken_files_end_with_figures_and_reasons(
    mutation: Mutation, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(seed)
    for name, (source, count) in REAL.items():
        with gzip.open(folder("data/chains") / source, "rt") as text:
            lines = text.read().splitlines()
        chosen = lines[:count] if count < len(lines) else lines
        (tmp_path / name).write_text("\n".join(mutation(chosen, draw)) + "\n")
    assert chains.main(tmp_path) in (0, 1)
    said = capsys.readouterr().out
    assert "nan" not in said.replace("'nan", "").replace("nan cannot", "")
    assert "max pain unlike that of brute force" in said


def test_a_folder_without_chains_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chains.main(tmp_path) == 2
    assert chains.main(tmp_path / "nowhere") == 2
    (tmp_path / "yahoo_NVDA_2025-12-01.csv").write_text("nothing\n")
    assert chains.main(tmp_path) == 2
    captured = capsys.readouterr()
    assert "no chain to read" in captured.err
    assert "no such" not in captured.err
    assert "there is no file or folder" in captured.err
    assert "yahoo_NVDA_2025-12-01.csv is left out: yahoo_NVDA_2025-12-01.csv has no column" in captured.out


def test_alerts_are_judged_by_the_next_days_open_interest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "contract_symbol,last_trade_date,strike,last_price,bid,ask,volume,open_interest,expiration,date_pulled\n"
    for day, volumes, held in (("2025-12-01", {}, {}), ("2025-12-02", {100: 9000, 110: 9000}, {}),
                               ("2025-12-03", {}, {100: 8000, 110: 100})):  # fmt: skip
        rows = [
            f"NVDA251219{right}{strike * 1000:08d},{day} 20:59:00+00:00,{strike},3,2.9,3.1,"
            f"{volumes.get(strike, 5) if right == 'C' else 5},{held.get(strike, 500) if right == 'C' else 500},"
            f"2025-12-19,{day}\n"
            for strike in range(80, 130, 10) for right in "CP"
        ]  # fmt: skip
        (tmp_path / f"yahoo_NVDA_{day}.csv").write_text(header + "".join(rows))
    assert chains.main(tmp_path) == 0
    said = capsys.readouterr().out
    assert "2025-12-02: 2 (1 opened, 1 unclear)" in said
    assert "rule score 1: 2 alerts, opened 50%" in said
