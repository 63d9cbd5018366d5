"""What is promised of signals on real daily bars, one line each, and whether it was kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A measured value (None: it could not be measured) and the range in which it was promised to lie."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    digits: int = 3
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the value lies in the range; one that could not be measured does not."""
        if self.value is None:
            return False
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)

    @property
    def promise(self) -> str:
        """The range in words."""
        low, high = (None if one is None else f"{one:g}" for one in (self.low, self.high))
        return f"{low} to {high}" if low and high else f">= {low}" if low else f"<= {high}"


def table(goals: list[Goal]) -> str:
    """All goals as lines of text."""
    lines = [f"{'':5}{'goal':<58}{'measured':>10}  {'promised':<14}"]
    for goal in goals:
        value = "none" if goal.value is None else f"{goal.value:.{goal.digits}f}"
        verdict = "pass" if goal.kept else "FAIL"
        lines.append(f"{verdict:5}{goal.name:<58}{value:>10}  {goal.promise:<14}{goal.note}".rstrip())
    return "\n".join(lines)
