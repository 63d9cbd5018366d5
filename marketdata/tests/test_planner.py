"""The published limits of four vendors (and Yahoo's unpublished ones) against watchlists."""

import pytest

from marketdata.planner import Limit, Load, Plan, plan


def watchlist(size: int) -> list[str]:
    return [f"S{i}" for i in range(size)]


def quotes(per_request: int, every: float = 5, cost: int = 1) -> Load:
    return Load("quotes", every, per_request, cost)


POLYGON_BASIC = (Limit(5, 60, "5/minute"),)
ALPACA_BASIC = (Limit(200, 60, "200/minute"),)
BINANCE = (Limit(6000, 60, "6000/minute"),)
YAHOO = (Limit(360, 3600, "360/hour"),)


@pytest.mark.parametrize(
    ("limits", "load", "size", "need"),
    [
        (POLYGON_BASIC, quotes(250), 9, 12),
        (ALPACA_BASIC, quotes(200), 9, 12),
        (ALPACA_BASIC, quotes(200), 1000, 60),
        (BINANCE, quotes(1000, cost=80), 1000, 960),
        (YAHOO, quotes(50), 9, 720),
        (YAHOO, quotes(50, every=15), 9, 240),
        (YAHOO, quotes(50, every=15), 100, 480),
    ],
)
def test_the_need_is_that_of_the_vendors_table(limits: tuple[Limit, ...], load: Load, size: int, need: float) -> None:
    made = plan("vendor", watchlist(size), [load], limits)
    assert made.lines[0].need == need
    assert made.fits is (need <= limits[0].amount)


def test_what_fits_drops_nothing() -> None:
    made = plan("alpaca", watchlist(1000), [quotes(200)], ALPACA_BASIC)
    assert (made.drop, made.advice) == ((), "fits")


def test_where_not_one_symbol_fits_a_slower_poll_is_the_advice() -> None:
    made = plan("polygon", watchlist(9), [quotes(250)], POLYGON_BASIC)
    assert made.slower == pytest.approx(2.4)
    assert made.advice == "not even one symbol fits: poll 2.4 times more slowly"


def test_the_end_of_the_list_is_dropped_first() -> None:
    made = plan("yahoo", watchlist(120), [quotes(50, every=15)], YAHOO)
    assert made.drop == tuple(watchlist(120)[50:])
    assert made.advice.startswith("drop S50, S51, S52, S53, S54 … (50 symbols fit), or poll 2 times")


def test_lines_cannot_be_polled_more_slowly() -> None:
    made = plan("ib", watchlist(103), [], (), most=100)
    assert made.advice == "drop S100, S101, S102 (100 symbols fit)"
    assert plan("ib", watchlist(100), [], (), most=100).fits


def test_every_load_and_every_limit_counts() -> None:
    loads = [quotes(50, every=15), Load("bars", 300)]
    limits = (*YAHOO, Limit(5, 60, "5/minute"))
    made = plan("yahoo", watchlist(9), loads, limits)
    assert [line.need for line in made.lines] == [240 + 108, 4 + 1.8]
    assert [line.fits for line in made.lines] == [True, False]


def test_nothing_to_watch_and_no_limits_fit() -> None:
    empty: Plan = plan("polygon", [], [quotes(250)], POLYGON_BASIC)
    assert empty.fits
    assert plan("simulated", watchlist(5000), [quotes(1)], ()).fits
