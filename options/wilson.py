"""The interval of a share that was counted. Pure.

Wilson, "Probable Inference", Journal of the American Statistical Association 22 (1927), p. 209.
"""

from math import isnan, sqrt


def wilson(rate: float, n: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """The interval of a share `rate` seen in `n` (effective, so not always whole) outcomes; (0, 1) for none."""
    if n <= 0 or isnan(rate):
        return 0.0, 1.0
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return min(rate, max(0.0, middle - half)), max(rate, min(1.0, middle + half))
