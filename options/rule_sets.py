"""Rules over a chain as data: what each of them asks, and those that are there at the first start."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from options.domain import Floats

UNITS = {
    "volume": "contracts", "open interest": "contracts", "last": "$", "price": "$", "premium": "$", "days": "days",
    "score": "points", "average": "contracts", "sessions": "sessions", "z": "deviations",
}  # fmt: skip
"""What a rule may ask for, and its unit."""
Truths = NDArray[np.bool_]
COMPARISONS: dict[str, Callable[[Floats, Floats], Truths]] = {
    ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "=": np.equal,
}  # fmt: skip
AT_NONE = {"open interest": "new strike", "average": "never traded before"}
"""What it is called when there is nothing that volume could be a multiple of."""
MEMORY = frozenset({"average", "sessions", "z"})
"""What takes the volumes of earlier sessions to tell."""
KNOWN_SESSIONS = 20.0


class BadRule(ValueError):
    """A rule asks for something that there is not; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Demand:
    """`measure` `comparison` `threshold`, which is a multiple of the measure `of` where that is named."""

    measure: str
    comparison: str
    threshold: float
    of: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All `tests` must hold. A rule that is changed is another `version`; only `enabled` ones raise alerts."""

    name: str
    version: int
    title: str
    tests: tuple[Demand, ...]
    enabled: bool = False
    most: int = 5

    def __post_init__(self) -> None:
        for one in self.tests:
            if one.measure not in UNITS or one.of not in ("", *UNITS) or one.comparison not in COMPARISONS:
                raise BadRule(
                    f"{self.name} asks for {one.measure!r} {one.comparison!r} {one.of!r}. A measure is one of"
                    f" {', '.join(UNITS)}; a comparison one of {', '.join(COMPARISONS)}."
                )

    @property
    def remembers(self) -> bool:
        """Whether it takes the plain volumes of earlier sessions."""
        return any({one.measure, one.of} & MEMORY for one in self.tests)


_SOUND = (Demand("volume", ">=", 100), Demand("premium", ">=", 25_000), Demand("price", ">=", 0.05))
BUILT_IN = (
    RuleSet(
        "score", 1, "Unusual activity, ranked",
        (*_SOUND, Demand("days", ">=", 1), Demand("score", ">=", 50)), enabled=True,
    ),
    RuleSet("first_version", 1, "Volume over half the open interest", (
        Demand("volume", ">", 0.5, "open interest"), Demand("volume", ">", 100),
    )),
    RuleSet("barchart", 1, "As Barchart lists US options", (
        Demand("volume", ">", 500), Demand("open interest", ">", 100), Demand("last", ">", 0.10),
        Demand("volume", ">=", 1.25, "open interest"),
    )),
    RuleSet("double_average", 1, "Twice the average of 90 sessions", (
        Demand("volume", ">", 2, "average"), Demand("sessions", ">=", KNOWN_SESSIONS),
    )),
    RuleSet("z_score", 1, "Three standard deviations over 90 sessions", (
        Demand("z", ">=", 3), Demand("sessions", ">=", KNOWN_SESSIONS),
    )),
    RuleSet("zero_dte", 1, "Expires today, ranked without open interest", (
        *_SOUND, Demand("days", "=", 0), Demand("score", ">=", 50),
    )),
)  # fmt: skip
"""The rules of the first start; afterwards the operator's table says what counts."""
