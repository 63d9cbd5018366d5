"""The simulated market: the same bits for the same seed, bars that fold, nothing from the future."""

import hashlib
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources.base import NoData, Source, UnknownSymbol
from marketdata.sources.simulated import Simulated

NOW = datetime(2026, 3, 5, 13, 44, 47, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def market(now: datetime = NOW, seed: int = 7, edge: float = 0.0) -> Simulated:
    return Simulated(seed=seed, edge=edge, clock=lambda: now)


def quote(source: Simulated, symbol: str) -> Quote:
    found = source.quotes([symbol])[symbol]
    assert isinstance(found, Quote)
    return found


def fingerprint(bars: Bars) -> str:
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


def history(source: Simulated, symbol: str, interval: Interval = Interval.DAY, days: int = 3650) -> Bars:
    return source.bars(symbol, interval, NOW - timedelta(days=days), NOW + DAY)


def test_it_is_a_source_that_says_it_is_simulated() -> None:
    source = market()
    assert isinstance(source, Source)
    found = quote(source, "AAPL")
    assert (source.name, found.vendor, found.simulated, found.session) == (
        "simulated",
        "simulated",
        True,
        Session.ALWAYS,
    )
    assert history(source, "AAPL", days=5).simulated


def test_a_quote_is_whole_and_on_the_tick() -> None:
    for symbol in ("AAPL", "BRK.B", "^GSPC", "BTC-USD", "EUR-USD", "ZZZZZ"):
        found = quote(market(), symbol)
        prices = [found.price, found.bid, found.ask, found.open, found.high, found.low, found.previous_close]
        assert all(price is not None and price > 0 and round(price, 2) == price for price in prices)
        assert found.bid is not None
        assert found.ask is not None
        assert found.price in (found.bid, found.ask)
        assert found.bid < found.ask
        assert found.as_of == NOW - timedelta(seconds=2)
        assert found.received_at == NOW


def test_every_well_formed_symbol_exists_and_no_other() -> None:
    source = market()
    assert source.knows("XYZ")
    assert not source.knows("not a symbol")
    assert isinstance(source.quotes(["aapl!"])["aapl!"], UnknownSymbol)
    with pytest.raises(UnknownSymbol):
        history(source, "???")


def test_before_its_first_day_there_is_nothing() -> None:
    early = market(datetime(2014, 12, 31, 12, tzinfo=UTC))
    assert isinstance(early.quotes(["AAPL"])["AAPL"], NoData)
    assert len(early.bars("AAPL", Interval.DAY, datetime(2010, 1, 1, tzinfo=UTC), NOW)) == 0
    assert len(early.bars("AAPL", Interval.MINUTE, datetime(2010, 1, 1, tzinfo=UTC), NOW)) == 0
    first = datetime(2015, 1, 1, 0, 0, 3, tzinfo=UTC)
    assert quote(market(first), "AAPL").previous_close is None


SCRIPT = """
import sys
from datetime import UTC, datetime, timedelta
from marketdata.domain import Interval
from marketdata.tests.test_simulated import fingerprint, history, market, quote
for symbol in sys.argv[1:]:
    print(fingerprint(history(market(), symbol)), fingerprint(history(market(), symbol, Interval.MINUTE, 2)))
    print(quote(market(), symbol))
"""


def told(*symbols: str) -> list[str]:
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *symbols], cwd=root, capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    return sorted(f"{a} {b}" for a, b in zip(lines[::2], lines[1::2], strict=True))


def test_another_process_asked_in_another_order_says_the_same() -> None:
    assert told("AAPL", "SPY", "QQQ") == told("QQQ", "AAPL", "SPY")


def test_what_was_asked_before_changes_nothing() -> None:
    dice = random.Random(5)
    used = market()
    for _ in range(30):
        start = NOW - timedelta(days=dice.randrange(4000))
        used.bars(dice.choice(["AAPL", "SPY", "B"]), dice.choice(list(Interval)), start, start + 3 * DAY)
    for interval in (Interval.DAY, Interval.MINUTE):
        assert fingerprint(history(used, "AAPL", interval, 40)) == fingerprint(history(market(), "AAPL", interval, 40))
    assert quote(used, "AAPL") == quote(market(), "AAPL")


def test_another_seed_is_another_market() -> None:
    assert fingerprint(history(market(seed=7), "AAPL")) != fingerprint(history(market(seed=8), "AAPL"))


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "BTC-USD", "A", "ZZZ"])
def test_minutes_fold_exactly_to_the_day(symbol: str) -> None:
    source = market()
    days = source.bars(symbol, Interval.DAY, MIDNIGHT - 40 * DAY, NOW)
    for interval in (Interval.MINUTE, Interval.HOUR):
        short = source.bars(symbol, interval, MIDNIGHT - 40 * DAY, NOW)
        cut = np.flatnonzero(np.diff(short.start // 86_400, prepend=0))
        assert (short.open[cut] == days.open).all()
        assert (np.maximum.reduceat(short.high, cut) == days.high).all()
        assert (np.minimum.reduceat(short.low, cut) == days.low).all()
        assert (short.close[np.append(cut[1:], len(short)) - 1] == days.close).all()
        assert (np.add.reduceat(short.volume, cut) == days.volume).all()


def test_a_bar_spans_its_prices_and_yesterdays_close_is_its_last_price() -> None:
    for symbol in ("AAPL", "SPY", "QQQ"):
        bars = history(market(), symbol)
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.volume > 0).all()
        assert (np.diff(bars.start) == 86_400).all()
        assert quote(market(), symbol).previous_close == bars.close[-2]


def test_quotes_every_five_seconds_lie_within_their_minute() -> None:
    minutes = market(MIDNIGHT + DAY).bars("AAPL", Interval.MINUTE, MIDNIGHT, MIDNIGHT + DAY)
    prices: list[float] = []
    volumes: list[float] = []
    for second in range(50_000, 50_400, 5):
        found = quote(market(MIDNIGHT + timedelta(seconds=second)), "AAPL")
        assert found.price is not None
        assert found.volume is not None
        i = second // 60
        assert minutes.low[i] <= found.price <= minutes.high[i]
        assert found.high is not None
        assert minutes.high[:i].max() <= found.high <= minutes.high[: i + 1].max()
        prices.append(found.price)
        volumes.append(found.volume)
    assert len(set(prices)) > 5
    assert volumes == sorted(volumes)


def test_what_was_shown_never_changes_later() -> None:
    """The running bar holds only the past; every closed bar is final."""
    for interval in (Interval.MINUTE, Interval.FIVE_MINUTES, Interval.DAY):
        later = market(MIDNIGHT + 2 * DAY).bars("AAPL", interval, MIDNIGHT - 2 * DAY, MIDNIGHT + 2 * DAY)
        for second in (0, 4, 59, 60, 47_123, 86_399):
            now = MIDNIGHT + timedelta(seconds=second)
            shown = market(now).bars("AAPL", interval, MIDNIGHT - 2 * DAY, MIDNIGHT + 2 * DAY)
            assert shown.last_is_partial
            assert shown.start[-1] <= now.timestamp() < shown.start[-1] + interval.length.total_seconds()
            closed = len(shown) - 1
            for name in ("start", "open", "high", "low", "close", "volume"):
                assert (getattr(shown, name)[:closed] == getattr(later, name)[:closed]).all()
            assert shown.open[-1] == later.open[closed]
            assert shown.high[-1] <= later.high[closed]
            assert shown.volume[-1] <= later.volume[closed]
            assert shown.close[-1] == quote(market(now), "AAPL").price


def test_a_closed_bar_is_not_partial() -> None:
    source = market(MIDNIGHT + timedelta(minutes=5))
    assert not source.bars("AAPL", Interval.MINUTE, MIDNIGHT, MIDNIGHT + timedelta(minutes=5)).last_is_partial
    assert len(source.bars("AAPL", Interval.MINUTE, MIDNIGHT, MIDNIGHT + timedelta(minutes=5))) == 5
    assert len(source.bars("AAPL", Interval.MINUTE, MIDNIGHT + DAY, MIDNIGHT)) == 0


def test_a_day_is_u_shaped_in_volume() -> None:
    bars = market(MIDNIGHT).bars("AAPL", Interval.HOUR, MIDNIGHT - 60 * DAY, MIDNIGHT)
    by_hour = bars.volume.reshape(-1, 24).mean(axis=0)
    assert by_hour[0] > 1.5 * by_hour[12]
    assert by_hour[-1] > 2.5 * by_hour[12]


def test_ten_years_of_forty_symbols_look_like_a_market() -> None:
    """Stylised facts within the ranges measured on real daily data (kurtosis, clustering, correlation)."""
    source = market()
    returns = np.array([np.diff(np.log(history(source, f"S{i:02}").close))[:-1] for i in range(40)])
    centred = returns - returns.mean(axis=1, keepdims=True)
    kurtosis = (centred**4).mean(axis=1) / (centred**2).mean(axis=1) ** 2
    sizes = np.abs(returns)
    clustering = np.mean([np.corrcoef(size[1:], size[:-1])[0, 1] for size in sizes])
    direction = np.mean([np.corrcoef(one[1:], one[:-1])[0, 1] for one in returns])
    correlation = np.corrcoef(returns)[np.triu_indices(40, 1)].mean()
    assert returns.shape[1] >= 3640
    assert 5 <= kurtosis.mean() <= 15
    assert 0.15 <= clustering <= 0.35
    assert 0.25 <= correlation <= 0.45
    assert abs(direction) < 0.04
    assert 0.2 < returns.std(axis=1).mean() * 365**0.5 < 0.45


def test_first_prices_are_spread_from_20_to_600() -> None:
    source = market()
    prices = [
        float(source.bars(f"S{i}", Interval.DAY, datetime(2015, 1, 1, tzinfo=UTC), NOW).open[0]) for i in range(100)
    ]
    assert 15 < min(prices) < 40
    assert 300 < max(prices) < 700


def hits(edge: float) -> float:
    """How often the direction of the last 20 days was that of the next 5."""
    source, right = market(edge=edge), []
    for i in range(30):
        path = np.log(history(source, f"S{i:02}").close)
        past, ahead = path[20:-5] - path[:-25], path[25:] - path[20:-5]
        right.append(np.mean(np.sign(past) == np.sign(ahead)))
    return float(np.mean(right))


def test_an_edge_is_there_only_where_it_was_planted() -> None:
    assert abs(hits(0.0) - 0.5) < 0.02
    assert 0.53 < hits(0.1) < 0.57
    assert 0.57 < hits(0.2) < 0.62


def test_the_truth_log_tells_what_was_planted() -> None:
    plain, edged = market(), market(edge=0.2)
    for back in (1, 400, 2000):
        day = (NOW - back * DAY).date()
        truth = edged.truth("AAPL", day)
        assert truth.direction in (-1, 0, 1)
        assert truth.drift == pytest.approx(0.2 * truth.direction * truth.sd)
        assert 0.003 < truth.sd < 0.15
        assert plain.truth("AAPL", day).drift == 0
        assert plain.truth("AAPL", day).direction == truth.direction
