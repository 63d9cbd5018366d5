"""Figures in sentences: how many decimals a price shows, and counts of bars as words."""

import math

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def price_digits(price: float) -> int:
    """Decimals that show a price: two from a dollar up, then as many as make four figures."""
    return 2 if abs(price) >= 1.0 or price == 0.0 else min(12, 4 - math.ceil(math.log10(abs(price))))


def in_words(number: int) -> str:
    """A count from 1 to 999 in words, because sentences carry no figure besides their measured ones."""
    hundreds, rest = divmod(number, 100)
    head = [] if not hundreds else ["hundred"] if hundreds == 1 else [_ONES[hundreds - 1], "hundred"]
    if rest >= 20:
        head.append(_TENS[rest // 10 - 1])
        rest %= 10
    return "-".join(head + ([(_ONES + _TEENS)[rest - 1]] if rest else []))
