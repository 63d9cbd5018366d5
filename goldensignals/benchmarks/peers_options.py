"""The peers of the options mathematics, each the way its documentation has it: one contract a call, in Python.

QuantLib's implied volatility is asked of a EuropeanOption that is built already, to the accuracy that we promise; its
bare `blackFormulaImpliedStdDev`, which is given the forward, too. vollib is py_vollib under its maintained name.
"""

from collections.abc import Callable, Sequence

import QuantLib as ql  # noqa: N813
from vollib.black_scholes import black_scholes
from vollib.black_scholes.greeks.analytical import delta, gamma, rho, theta, vega
from vollib.black_scholes.implied_volatility import implied_volatility

Row = tuple[float, float, int, float, float, bool, float]
"""Spot, strike, days, rate, sigma, whether it is a call, price."""
ACCURACY = 1e-8
Work = Callable[[], list[float]]


def works(rows: Sequence[Row]) -> dict[str, Work]:
    """What each peer has to do for these rows, by its name."""
    forms, options = [_black(row) for row in rows], _options(rows)
    process = _process(rows[0])
    flags = [("c" if row[5] else "p", row[2] / 365, *row) for row in rows]
    return {
        "iv quantlib": lambda: [o.impliedVolatility(p, process, ACCURACY, 100, 1e-4, 10.0) for o, p in options],
        "iv quantlib bare": lambda: [
            ql.blackFormulaImpliedStdDev(kind, strike, forward, p, discount, 0.0, ql.nullDouble(), ACCURACY) / t**0.5
            for kind, strike, forward, _, discount, t, p in forms
        ],
        "iv vollib": lambda: [implied_volatility(p, s, k, t, r, flag) for flag, t, s, k, _, r, _, _, p in flags],
        "price quantlib": lambda: [ql.blackFormula(*form[:5]) for form in forms],
        "price vollib": lambda: [black_scholes(flag, s, k, t, r, v) for flag, t, s, k, _, r, v, _, _ in flags],
        "greeks quantlib": lambda: [
            greek
            for (kind, strike, forward, deviation, discount, t, _), row in zip(forms, rows, strict=True)
            for greek in _calculated(kind, strike, forward, deviation, discount, t, row[0])
        ],
        "greeks vollib": lambda: [
            greek(flag, s, k, t, r, v)
            for flag, t, s, k, _, r, v, _, _ in flags
            for greek in (delta, gamma, vega, theta, rho)
        ],
    }


def _calculated(
    kind: int, strike: float, forward: float, deviation: float, discount: float, t: float, spot: float
) -> tuple[float, ...]:
    said = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation, discount)
    return said.delta(spot), said.gamma(spot), said.vega(t) / 100, said.theta(spot, t) / 365, said.rho(t) / 100


def _black(row: Row) -> tuple[int, float, float, float, float, float, float]:
    spot, strike, days, rate, sigma, is_call, price = row
    years, today = days / 365, ql.Date(2, 1, 2024)
    discount = ql.FlatForward(today, rate, ql.Actual365Fixed()).discount(years)
    kind = ql.Option.Call if is_call else ql.Option.Put
    return kind, strike, spot / discount, sigma * years**0.5, discount, years, price


def _process(row: Row) -> ql.BlackScholesProcess:
    today, count = ql.Date(2, 1, 2024), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    return ql.BlackScholesProcess(
        ql.QuoteHandle(ql.SimpleQuote(row[0])),
        ql.YieldTermStructureHandle(ql.FlatForward(today, row[3], count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.2, count)),
    )


def _options(rows: Sequence[Row]) -> list[tuple[ql.EuropeanOption, float]]:
    today = ql.Date(2, 1, 2024)
    return [
        (ql.EuropeanOption(
            ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, strike),
            ql.EuropeanExercise(today + days),
        ), price)
        for _, strike, days, _, _, is_call, price in rows
    ]  # fmt: skip
