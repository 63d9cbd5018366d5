"""The simulated chains: the same numbers for the same seed, nothing from the future, open interest that adds up."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from marketdata.chains import OptionChain, OptionQuote, Right
from marketdata.sources.base import NoData, OptionSource, UnknownSymbol
from marketdata.tests import conformance
from options.simulated import Simulated

MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=13, minutes=44, seconds=47)
DAY = timedelta(days=1)
SYMBOLS = ("AAPL", "SPY", "BRK.B", "^GSPC", "ZZZ")


def market(now: datetime = NOW, seed: int = 7) -> Simulated:
    return Simulated(seed=seed, clock=lambda: now)


def whole(source: Simulated, symbol: str = "AAPL") -> OptionChain:
    expiries = source.option_expiries(symbol)
    return source.option_chain(symbol, expiries[0], expiries[-1])


def by_symbol(chain: OptionChain) -> dict[str, OptionQuote]:
    return {one.contract.symbol: one for one in chain.quotes}


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_chain_is_whole_and_says_that_it_is_simulated(symbol: str) -> None:
    source = market()
    chain = whole(source, symbol)
    assert isinstance(source, OptionSource)
    conformance.check_chain(chain, symbol, "simulated", simulated=True)
    assert 500 <= len(chain.quotes) <= 2200
    assert chain.expiries == source.option_expiries(symbol)
    spot = source.quotes([symbol])[symbol].price
    for one in chain.quotes:
        assert (one.quote_as_of, one.received_at, one.open_interest_date) == (
            NOW - timedelta(seconds=2),
            NOW,
            NOW.date(),
        )
        assert one.underlying_price == spot
        assert one.iv is not None
        assert 0.02 < one.iv < 6


def test_expiries_are_fridays_for_weeks_months_and_years() -> None:
    found = market().option_expiries("AAPL")
    assert all(one.weekday() == 4 for one in found)
    assert [(one - NOW.date()).days for one in found[:8]] == [1, 8, 15, 22, 29, 36, 43, 50]
    months = {(one.year, one.month) for one in found if 15 <= one.day <= 21}
    assert {(2026, month) for month in range(3, 13)} | {(2027, 1), (2027, 2), (2028, 1)} == months
    friday = datetime(2026, 3, 6, 23, 59, 59, tzinfo=UTC)
    assert market(friday).option_expiries("AAPL")[0] == friday.date()


def test_strikes_surround_the_spot_and_stay_listed() -> None:
    before, after = whole(market(NOW)), whole(market(NOW + 20 * DAY))
    kept = {name for name, one in by_symbol(before).items() if one.contract.expiry >= (NOW + 20 * DAY).date()}
    assert kept <= set(by_symbol(after))
    for expiry in after.expiries:
        strikes = sorted({one.contract.strike for one in after.quotes if one.contract.expiry == expiry})
        assert np.allclose(np.diff(strikes), strikes[1] - strikes[0])
        assert strikes[4] < after.quotes[0].underlying_price < strikes[-5]


def test_what_was_asked_before_changes_nothing() -> None:
    used = market()
    for symbol in ("SPY", "AAPL"):
        for expiry in used.option_expiries(symbol)[::3]:
            used.option_chain(symbol, expiry, expiry)
    chain = whole(market())
    assert chain == whole(used)
    some = market().option_chain("AAPL", date(2026, 3, 20), date(2026, 4, 3)).quotes
    assert some == tuple(one for one in chain.quotes if date(2026, 3, 20) <= one.contract.expiry <= date(2026, 4, 3))
    assert chain != whole(market(seed=8))


def test_volume_runs_with_the_underlyings() -> None:
    source, total = market(MIDNIGHT + DAY - timedelta(seconds=1)), 0.0
    end, whole_day = by_symbol(whole(source)), source.quotes(["AAPL"])["AAPL"].volume
    for hours in (1, 4, 12, 20):
        now = MIDNIGHT + timedelta(hours=hours)
        chain = by_symbol(whole(market(now)))
        blocks = sum(one.volume for one in source.planted("AAPL", NOW.date()) if one.at <= now)
        traded = sum(one.volume for one in chain.values()) - blocks
        assert traded > total
        total = traded
        last = sum(one.volume for one in end.values()) - sum(one.volume for one in source.planted("AAPL", NOW.date()))
        share = market(now).quotes(["AAPL"])["AAPL"].volume / whole_day
        assert traded / last == pytest.approx(share, abs=0.06)
        assert all(chain[name].volume <= end[name].volume for name in chain)


def test_a_last_trade_stays_what_it_was() -> None:
    before, after = by_symbol(whole(market())), by_symbol(whole(market(NOW + timedelta(minutes=7))))
    same = [name for name, one in before.items() if one.last_as_of and one.last_as_of == after[name].last_as_of]
    assert len(same) > 50
    assert all(before[name].last == after[name].last for name in same)
    assert all(one.last_as_of <= one.quote_as_of for one in before.values() if one.last_as_of)
    assert all((one.last is None) == (one.volume == 0) for one in before.values())


@pytest.mark.parametrize("symbol", SYMBOLS[:2])
def test_the_next_days_open_interest_is_todays_and_part_of_the_volume(symbol: str) -> None:
    day = MIDNIGHT
    for _ in range(3):
        end = by_symbol(whole(market(day + DAY - timedelta(seconds=1)), symbol))
        assert {name: one.open_interest for name, one in by_symbol(whole(market(day), symbol)).items()} == {
            name: one.open_interest for name, one in end.items()
        }
        after = by_symbol(whole(market(day + DAY), symbol))
        blocks = {one.symbol: one for one in market().planted(symbol, day.date())}
        for name in set(end) & set(after):
            block = blocks.get(name)
            opened, usual = block.opened if block else 0, end[name].volume - (block.volume if block else 0)
            change = after[name].open_interest - end[name].open_interest
            assert max(opened - 0.5 * usual - 1, -end[name].open_interest) <= change <= opened + 0.7 * usual + 1
        assert sum(after[name].open_interest != end[name].open_interest for name in set(end) & set(after)) > 100
        day += DAY


def test_planted_blocks_show_at_their_time_and_are_far_above_the_usual() -> None:
    opening = total = 0
    for i in range(28):
        day = MIDNIGHT + i * DAY
        for one in market().planted("SPY", day.date()):
            before = market(one.at - timedelta(seconds=1)).option_chain("SPY", one.expiry, one.expiry)
            after = market(one.at).option_chain("SPY", one.expiry, one.expiry)
            usual, seen = by_symbol(before)[one.symbol], by_symbol(after)[one.symbol]
            assert one.volume <= seen.volume - usual.volume < 1.05 * one.volume
            assert seen.volume > 4 * max(30, usual.volume)
            assert seen.last_as_of == one.at
            assert 0 <= one.opened <= 0.95 * one.volume
            assert 5 <= (one.expiry - day.date()).days <= 56
            opening, total = opening + (one.opened >= 0.5 * one.volume), total + 1
    assert 8 <= total <= 20
    assert 0.5 < opening / total < 1


def test_another_world_begins_and_ends_in_order() -> None:
    first = datetime(2015, 1, 1, 0, 0, 3, tzinfo=UTC)
    chain = whole(market(first))
    assert all(one.open_interest == 0 for one in chain.quotes)
    conformance.check_chain(chain, "AAPL", "simulated", simulated=True)
    last_hour = datetime(2026, 3, 6, 23, 59, 58, tzinfo=UTC)
    ending = market(last_hour).option_chain("AAPL", last_hour.date(), last_hour.date())
    conformance.check_chain(ending, "AAPL", "simulated", simulated=True)


@pytest.mark.parametrize(
    ("symbol", "error"), [("???", UnknownSymbol), ("BTC-USD", NoData), ("EURUSD", NoData), ("A1", NoData)]
)
def test_what_has_no_options_says_so(symbol: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"not a symbol|no options"):
        market().option_expiries(symbol)
    with pytest.raises(error):
        market().option_chain(symbol, NOW.date(), NOW.date() + 30 * DAY)


def test_a_day_without_expiry_and_a_day_before_the_world_say_so() -> None:
    with pytest.raises(NoData, match="no option"):
        market().option_chain("AAPL", date(2026, 3, 7), date(2026, 3, 12))
    with pytest.raises(NoData, match="begins"):
        market(datetime(2014, 12, 31, tzinfo=UTC)).option_expiries("AAPL")


def test_both_sides_are_there_at_every_strike() -> None:
    sides: dict[tuple[date, float], set[Right]] = {}
    for one in whole(market()).quotes:
        sides.setdefault((one.contract.expiry, one.contract.strike), set()).add(one.contract.right)
    assert all(found == {Right.CALL, Right.PUT} for found in sides.values())
