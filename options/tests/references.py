"""What QuantLib says of one option, in our units."""

import QuantLib as ql  # noqa: N813

from options.pricing import Greeks


def quantlib(
    forward: float, strike: float, years: float, rate: float, sigma: float, is_call: bool, spot: float
) -> tuple[float, Greeks]:
    """Price and Greeks by its BlackCalculator, to any fraction of a day."""
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, strike)
    discount = ql.FlatForward(ql.Date(2, 1, 2024), rate, ql.Actual365Fixed()).discount(years)
    said = ql.BlackCalculator(payoff, forward, sigma * years**0.5, discount)
    return said.value(), Greeks(
        delta=said.delta(spot), gamma=said.gamma(spot), vega=said.vega(years) / 100,
        theta=said.theta(spot, years) / 365, rho=said.rho(years) / 100,
    )  # fmt: skip


def by_dates(
    spot: float, strike: float, days: int, rate: float, dividends: float, sigma: float, is_call: bool
) -> tuple[float, Greeks]:
    """Price and Greeks by its analytic engine over the Black-Scholes-Merton process: spot, two curves, a date."""
    today, count = ql.Date(2, 1, 2024), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, dividends, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), sigma, count)),
    )
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, strike)
    option = ql.EuropeanOption(payoff, ql.EuropeanExercise(today + days))
    option.setPricingEngine(ql.AnalyticEuropeanEngine(process))
    return option.NPV(), Greeks(
        option.delta(), option.gamma(), option.vega() / 100, option.thetaPerDay(), option.rho() / 100
    )
