"""Prices, Greeks and implied volatilities of 200,000 options beside QuantLib and vollib (py_vollib), in CPU time.

The peers answer one contract a call, so they are asked about a sample, in the same run, and compared by their rate.
One underlying, one rate; strikes to two and a half deviations either side, a week to two years, 10 % to 80 %.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np

from goldensignals.benchmarks.peers_options import Row, Work, works
from options.pricing import DAYS, forward_price, greeks, price
from options.volatility import Floats, implied_volatility

OPTIONS, SAMPLE, ROUNDS = 200_000, 2_000, 5
SPOT, RATE = 150.0, 0.04
SECONDS, RATIOS = 0.3, {"iv quantlib": 25.0, "iv vollib": 20.0}
"""What is promised: CPU seconds for all volatilities, and how many times a peer's rate ours is."""
ERRORS = {"price": 1e-10, "greeks": 1e-10, "iv": 1e-8}
"""The largest differences: of price and Greeks from QuantLib's, of a volatility from the one that made the price."""
TITLES = {"iv": "implied volatility", "price": "price", "greeks": "five Greeks"}
PEERS = {"quantlib": "QuantLib", "quantlib bare": "QuantLib's bare blackFormulaImpliedStdDev", "vollib": "vollib"}


def main() -> int:
    """Print the table; 0 if every promise is kept."""
    book = market()
    rows = sample(book)
    ours, peers = mine(book), works(rows)
    each = {name: seconds(work, ROUNDS) / OPTIONS for name, work in ours.items()}
    theirs = {name: seconds(work, 3) / SAMPLE for name, work in peers.items()}
    lines, kept = report(each, theirs, differences(book, peers))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if kept else 1


def market() -> dict[str, Floats]:
    """The columns of 200,000 options out of the money, and their prices."""
    dice = np.random.default_rng(4)
    days = dice.integers(7, 730, OPTIONS).astype(float)
    sigma, years = dice.uniform(0.1, 0.8, OPTIONS), days / DAYS
    strike = SPOT * np.exp(dice.uniform(-2.5, 2.5, OPTIONS) * sigma * np.sqrt(years))
    forward = forward_price(SPOT, years, RATE)
    is_call = strike >= forward
    return {
        "forward": forward, "strike": strike, "years": years, "sigma": sigma, "is_call": is_call, "days": days,
        "price": price(forward, strike, years, RATE, sigma, is_call),
    }  # fmt: skip


def sample(book: Mapping[str, Floats]) -> list[Row]:
    """The first of them, as a peer wants them."""
    names = ("strike", "days", "sigma", "is_call", "price")
    columns = zip(*(book[name][:SAMPLE].tolist() for name in names), strict=True)
    return [(SPOT, strike, int(days), RATE, sigma, bool(call), value) for strike, days, sigma, call, value in columns]


def mine(book: Mapping[str, Floats]) -> dict[str, Callable[[], object]]:
    """Our way to each answer for all of them."""
    terms = book["forward"], book["strike"], book["years"], RATE
    sigma, is_call = book["sigma"], book["is_call"]
    return {
        "iv": lambda: implied_volatility(book["price"], *terms, is_call),
        "price": lambda: price(*terms, sigma, is_call),
        "greeks": lambda: greeks(*terms, sigma, is_call, SPOT),
    }


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median CPU time of some work, once warm."""
    took = []
    for _ in range(rounds + 1):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return statistics.median(took[1:])


def differences(book: Mapping[str, Floats], peers: Mapping[str, Work]) -> dict[str, float]:
    """The largest difference of each of our answers."""
    part = {name: column[:SAMPLE] for name, column in book.items()}
    terms = part["forward"], part["strike"], part["years"], RATE, part["sigma"], part["is_call"]
    found, _ = implied_volatility(book["price"], book["forward"], book["strike"], book["years"], RATE, book["is_call"])
    sensitivities = np.array(peers["greeks quantlib"]()).reshape(SAMPLE, 5).T
    return {
        "iv": float(np.abs(found - book["sigma"]).max()),
        "price": float(np.abs(price(*terms) - np.array(peers["price quantlib"]())).max()),
        "greeks": float(np.abs(np.array(greeks(*terms, SPOT)) - sensitivities).max()),
    }


def report(
    each: Mapping[str, float], theirs: Mapping[str, float], errors: Mapping[str, float]
) -> tuple[list[str], bool]:
    """The lines of the table, and whether every promise was kept."""
    lines = [f"{OPTIONS:,} options, microseconds of CPU each (peers: a sample of {SAMPLE:,})"]
    kept = [each["iv"] * OPTIONS <= SECONDS]
    for what, title in TITLES.items():
        lines.append(f"  {title:<58}{1e6 * each[what]:>8.3f}")
        for peer, name in PEERS.items():
            if (key := f"{what} {peer}") in theirs:
                ratio, goal = theirs[key] / each[what], RATIOS.get(key)
                kept.append(goal is None or ratio >= goal)
                promised = f" (promised: {goal:g})" if goal else ""
                lines.append(f"    {name:<56}{1e6 * theirs[key]:>8.3f}  {ratio:>6.1f} times ours{promised}")
        kept.append(errors[what] <= ERRORS[what])
        lines.append(f"    {'largest difference':<56}{errors[what]:>8.1e}  (promised: {ERRORS[what]:g})")
    lines.append(f"  all {OPTIONS:,} volatilities: {each['iv'] * OPTIONS:.3f} s of CPU (promised: {SECONDS:g})")
    return [*lines, "ok" if all(kept) else "BROKEN"], all(kept)
