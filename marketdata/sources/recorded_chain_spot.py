"""The underlying's price that a chain without one tells by itself: put–call parity at the nearest expiry."""

from datetime import date
from statistics import median

from marketdata.chains import OptionChain, OptionQuote, Right

NEAREST = 6
"""Strikes whose call and put cost most alike: the ones at the money."""


def implied(chain: OptionChain, session: date) -> float | None:
    """Median of K + C − P over the strikes at the money, dollars to the cent; None without a pair quoted on both sides.

    Of the nearest expiry after the session, whose interest and dividends are small; adjusted contracts do not count.
    """
    later = [one for one in chain.quotes if one.contract.expiry > session and not one.contract.adjusted]
    for expiry in sorted({one.contract.expiry for one in later}):
        pairs = _pairs([one for one in later if one.contract.expiry == expiry])
        if pairs:
            near = sorted(pairs, key=lambda pair: abs(pair[1]))[:NEAREST]
            return round(median(strike + difference for strike, difference in near), 2)
    return None


def _pairs(quotes: list[OptionQuote]) -> list[tuple[float, float]]:
    """Strike and call less put, where both have two sides."""
    middles = {
        (one.contract.strike, one.contract.right): (one.bid + one.ask) / 2
        for one in quotes if one.bid and one.ask and one.ask > one.bid
    }  # fmt: skip
    return [
        (strike, call - middles[strike, Right.PUT])
        for (strike, right), call in middles.items() if right is Right.CALL and (strike, Right.PUT) in middles
    ]  # fmt: skip
