"""Black's formula in three numbers and its inverse: an out-of-the-money option, its price and strike freed of units.

With x = −|ln(F/K)| and s = σ√T the price over √(F·K) is b(x, s) = e^{x/2}·N(x/s + s/2) − e^{−x/2}·N(x/s − s/2), which
rises with s from 0 to e^{x/2} (Jäckel, "Let's be rational", Wilmott, January 2015, eq. 2.1 ff.).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ROOT = np.sqrt(2 * np.pi)
_POLYA = 1 - 2 / np.pi
_CLOSE = 1e-4
_STEPS, _HIGHEST = 200, 75.0


def deviation(x: Floats, b: Floats, missing: Floats, most: Floats) -> Floats:
    """s of the price b, with `missing` = `most` − b to the bound `most` = e^{x/2}; NaN where b is not between.

    Two Householder steps of third order after `_guess` leave rounding only in all that trades (each takes an error
    to its fourth power); where the second was not small, deep in the tails, the answer is bracketed.
    """
    upper = b > missing
    target = np.where(upper, missing, b)
    s = _guess(x, b, missing, most)
    s += _step(s, x, most, upper, target)[0]
    step, _ = _step(s, x, most, upper, target)
    s += step
    rest = np.flatnonzero(~(np.abs(step) <= _CLOSE * s) & (target > 0))
    if len(rest):
        s[rest] = _bracketed(x[rest], b[rest], most[rest], upper[rest], target[rest])
    return s


def _guess(x: Floats, b: Floats, missing: Floats, most: Floats) -> Floats:
    """Within 8 % wherever b > 1e−25 and |x| < 8: the price formula solved with Pólya's normal distribution.

    Stefanica and Radoičić, "An explicit implied volatility formula", Int. J. Theoretical and Applied Finance 20
    (2017), table 1, written for b. Never less than b·√(2π), which is s at the money and too low elsewhere.
    """
    tilt, least = np.exp(_POLYA * x), 1 / most
    wing = most * most / tilt
    lifted, swell = 2 * b + least - most, tilt + 1 / tilt
    first = (tilt - 1 / tilt) ** 2  # A, B and C of the paper
    second = 4 * (wing + 1 / wing) - 2 * swell * (most * most + least * least - lifted * lifted)
    third = 16 * b * (b + least - most) * missing * (least + b)
    reach = -np.pi / 2 * np.log(2 * third / (second + np.sqrt(second * second + 4 * first * third)))
    reach = np.maximum(reach, -x)
    turn = most / 2 - least * (1 - np.sqrt(1 - wing * wing)) / 2
    far, near = np.sqrt(reach - x), np.sqrt(reach + x)
    return np.asarray(np.maximum(np.where(b <= turn, far - near, far + near), _ROOT * b))


def _step(s: Floats, x: Floats, most: Floats, upper: Flags, target: Floats) -> tuple[Floats, Floats]:
    """Householder's third-order step to the root of ln(g/target), and g: b or, in the upper half, what is missing."""
    side = np.where(upper, -1.0, 1.0)
    ratio, half = x / s, s / 2
    g = most * ndtr(side * (ratio + half)) - side * ndtr(ratio - half) / most
    slope = side * np.exp(-0.5 * (ratio * ratio + half * half)) / (_ROOT * g)
    bend = ratio * ratio / s - s / 4
    second = bend - slope
    third = bend * bend - 3 * (ratio / s) ** 2 - 0.25 - 3 * slope * bend + 2 * slope * slope
    newton = -np.log(g / target) / slope
    return newton * (1 + newton * second / 2) / (1 + newton * (second + newton * third / 6)), g


def _bracketed(x: Floats, b: Floats, most: Floats, upper: Flags, target: Floats) -> Floats:
    """The same steps, but never out of a bracket that halves (in ln s) when they fail."""
    low, high = np.maximum(_ROOT * b, np.finfo(float).tiny), np.full_like(b, _HIGHEST)
    s = np.sqrt(low * high)
    for _ in range(_STEPS):
        step, g = _step(s, x, most, upper, target)
        below = np.where(upper, g > target, g < target)
        low, high = np.where(below, s, low), np.where(below, high, s)
        inside = (s + step >= low) & (s + step <= high)
        moved = np.where(inside, s + step, np.sqrt(low * high))
        if (np.abs(moved - s) <= 2 * np.spacing(s)).all():
            break
        s = moved
    return np.asarray(s)
