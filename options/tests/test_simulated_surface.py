"""The simulated surface: no arbitrage on any day, quotes around it that honour parity and exercise."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata.chains import OptionQuote, Right
from marketdata.sources.simulated_factors import day_of
from marketdata.sources.simulated_world import World
from options.expiring import years
from options.pricing import price
from options.simulated import RATE, Simulated
from options.simulated_surface import smile, variances, volatility
from options.volatility import implied_volatility

NOW = datetime(2026, 3, 5, 13, 44, 45, tzinfo=UTC)
DAYS = np.array([1, 2, 5, 9, 16, 30, 45, 91, 92, 182, 365, 868])
MONEYNESS = np.linspace(-1.5, 1.5, 301)


@pytest.mark.parametrize("seed", range(3))
def test_no_butterfly_and_no_calendar_can_be_had_for_nothing(seed: int) -> None:
    world = World(seed, 0.0)
    for i in range(60):
        symbol, day = f"S{chr(65 + i % 26)}{chr(65 + i // 26)}", 97 * i
        left = DAYS / 365.0
        theta = variances(world, symbol, day, DAYS, left)
        sigma = volatility(smile(seed, symbol), theta[:, None], left[:, None], MONEYNESS)
        total = sigma**2 * left[:, None]
        assert (np.diff(total, axis=0) >= -1e-15).all(), (symbol, day)
        assert (sigma > 0.01).all()
        assert (density(smile(seed, symbol), theta[:, None], left[:, None]) >= -1e-9).all(), (symbol, day)


def density(shape: object, theta: np.ndarray, left: np.ndarray) -> np.ndarray:
    """g(k) of Gatheral and Jacquier's lemma 2.2, by differences: negative exactly where a butterfly is free."""
    step = 1e-4
    below, here, above = (
        volatility(shape, theta, left, MONEYNESS + shift) ** 2 * left for shift in (-step, 0.0, step)
    )  # fmt: skip
    first, second = (above - below) / (2 * step), (above - 2 * here + below) / step**2
    near = (1 - MONEYNESS * first / (2 * here)) ** 2 - first**2 / 4 * (1 / here + 0.25) + second / 2
    return np.asarray(near + 1e-6 * np.abs(second))


def chain(symbol: str, now: datetime = NOW) -> list[OptionQuote]:
    source = Simulated(clock=lambda: now)
    expiries = source.option_expiries(symbol)
    return list(source.option_chain(symbol, expiries[0], expiries[-1]).quotes)


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "XYZ"])
def test_quotes_lie_on_their_tick_around_what_the_option_is_worth(symbol: str) -> None:
    for one in chain(symbol):
        spot, strike, left = one.underlying_price, one.contract.strike, years(one.contract.expiry, "simulated", NOW)
        is_call = one.contract.right is Right.CALL
        worth = price(spot * np.exp(RATE * left), strike, left, RATE, one.iv, is_call)
        exercise = max(spot - strike if is_call else strike - spot, 0.0)
        assert one.ask is not None
        assert one.ask >= max(worth, exercise) - 1e-9
        assert one.bid is None or 0 < one.bid <= max(worth, exercise)
        for side in (one.bid, one.ask):
            cents = 0 if side is None else round(100 * side, 6)
            assert cents == round(cents)
            assert side is None or side <= 3 or cents % 5 == 0
        assert one.bid is None or one.bid < one.ask


def test_far_out_of_the_money_there_is_no_bid_and_near_it_the_quote_is_tight() -> None:
    near, far = [], []
    for one in chain("AAPL"):
        out = np.log(one.contract.strike / one.underlying_price) * (1 if one.contract.right is Right.CALL else -1)
        days = (one.contract.expiry - NOW.date()).days
        if days > 5 and abs(out) < 0.05:
            near.append((one.ask - one.bid) / (one.ask + one.bid) * 2)
        if days < 10 and out > 0.25:
            far.append(one.bid is None)
    assert np.median(near) < 0.08
    assert len(far) > 5
    assert all(far)


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "XYZ"])
def test_the_middle_of_the_quotes_gives_the_volatility_back(symbol: str) -> None:
    found = [one for one in chain(symbol) if one.bid and (one.ask - one.bid) < 0.5 * one.bid]
    left = np.array([years(one.contract.expiry, "simulated", NOW) for one in found])
    forward = found[0].underlying_price * np.exp(RATE * left)
    strike = np.array([one.contract.strike for one in found])
    calls = np.array([one.contract.right is Right.CALL for one in found])
    middle = np.array([(one.bid + one.ask) / 2 for one in found])
    iv, _ = implied_volatility(middle, forward, strike, left, RATE, calls)
    out = calls == (strike >= forward)
    error = np.abs(iv - np.array([one.iv for one in found]))[out]
    assert len(error) > 300
    assert np.nanmedian(error) < 0.003
    assert np.nanquantile(error, 0.95) < 0.03


def test_the_level_follows_the_day_and_the_results_ahead() -> None:
    world, symbol, left = World(7, 0.0), "AAPL", np.array([30 / 365])
    days = np.arange(2000, 4000)
    iv = np.array([np.sqrt(variances(world, symbol, day, np.array([30]), left)[0] / left[0]) for day in days])
    sd = np.array([world.block(symbol, day // 512).sd[day % 512] for day in days]) * 365**0.5
    assert np.corrcoef(iv, sd)[0, 1] > 0.7
    assert 0.15 < np.median(iv) < 0.6
    near = variances(world, symbol, day_of(NOW), np.arange(1, 92), np.arange(1, 92) / 365)
    jump = np.diff(near)
    assert (jump > 0).all()
    assert jump.max() > 1.5 * np.median(jump)


def test_calls_less_puts_are_the_forward_near_the_money() -> None:
    for symbol in ("AAPL", "SPY"):
        quotes = {(one.contract.expiry, one.contract.strike, one.contract.right): one for one in chain(symbol)}
        spot = next(iter(quotes.values())).underlying_price
        for expiry, strike, right in quotes:
            if right is Right.PUT or abs(np.log(strike / spot)) > 0.04:
                continue
            call, put = (quotes[expiry, strike, side] for side in (Right.CALL, Right.PUT))
            owed = spot - strike * np.exp(-RATE * years(expiry, "simulated", NOW))
            assert (call.bid or 0) - put.ask <= owed <= call.ask - (put.bid or 0)


def test_the_surface_moves_with_the_clock_and_not_with_the_question() -> None:
    one, other = chain("AAPL", NOW)[0], chain("AAPL", NOW + timedelta(seconds=4))[0]
    assert (one.bid, one.iv, one.quote_as_of) == (other.bid, other.iv, other.quote_as_of)
