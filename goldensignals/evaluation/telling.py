"""What the evaluation prints besides its promises."""

import sys
import time
from datetime import UTC, datetime

from goldensignals.evaluation import daily_files, planting, ranging
from goldensignals.evaluation.leaning import Leans
from signals import reliability
from signals.effective import effective

MOST = 10
"""Lines about rows that were left out."""
ENOUGH = 13
FEW = "so few symbols prove little: the promises are made of about forty, and were kept with half of 26"


class Steps:
    """One line of progress that goes over itself (a line for each step where nobody looks)."""

    def __init__(self, count: int) -> None:
        self.count, self.done, self.began = count, 0, time.monotonic()

    def __call__(self, what: str) -> None:
        """The next step."""
        self.done += 1
        self._say(f"[{self.done}/{self.count}] {time.monotonic() - self.began:5.1f} s  {what}")

    def end(self) -> None:
        """No more steps."""
        self._say(f"[{self.count}/{self.count}] {time.monotonic() - self.began:5.1f} s  done")
        print(file=sys.stderr)

    def _say(self, text: str) -> None:
        print(f"\r{text[:100]:<100}" if sys.stderr.isatty() else f"\n{text}", end="", file=sys.stderr, flush=True)


def what_was_read(found: daily_files.Read) -> str:
    """Symbols, dates, and every row that was left out (the first ones in words)."""
    if not found.bars:
        return "\n".join([*_few(found.left_out), "no symbol to walk through"])
    start = min(int(one.start[0]) for one in found.bars.values())
    end = max(int(one.start[-1]) for one in found.bars.values())
    first, last = (datetime.fromtimestamp(second, UTC).date() for second in (start, end))
    head = f"{len(found.bars)} symbols, {found.rows:,} bars, {first} to {last}; {len(found.left_out)} left out"
    few = [FEW] if len(found.bars) < ENOUGH else []
    return "\n".join([head, *_few(found.left_out), *found.notes, *few])


def beside(warm: Leans, cold: Leans, horizon: int) -> str:
    """The calibrated confidence beside what others would have shown, and the money beside always long."""
    n_eff = effective(warm.days, horizon)
    lines = [
        f"\n{len(warm.won):,} leans ({n_eff:,.0f} independent), over {len(warm.days):,} sessions",
        f"{'confidence shown':<34}{'mean':>7}{'Brier':>9}{'skill':>9}{'ECE':>7}",
    ]
    for name, of, shown in (
        ("calibrated, warm", warm, warm.confidence), ("calibrated, cold", cold, cold.confidence),
        ("base rate, warm", warm, warm.base), ("share of agents that agree", warm, warm.votes),
    ):  # fmt: skip
        skill = reliability.skill(shown, warm.base, of.won)
        error = reliability.calibration_error(shown, of.won)
        lines.append(
            f"{name:<34}{shown.mean():>7.3f}{reliability.brier(shown, of.won):>9.4f}{skill or 0:>+9.4f}{error:>7.3f}"
        )
    return "\n".join([*lines, _money(warm), ""])


def besides(flocking: planting.Found, ranged: ranging.Ranged) -> str:
    """Figures without a promise."""
    soon = "never" if flocking.sessions is None else f"after {flocking.sessions} sessions"
    moves = ", ".join(f"{100 * move:.0f} % {skill or 0:+.3f}" for move, skill in ranged.skill.items())
    return (
        f"also: the same edge planted in the agents' own strong leans up, which come in flocks: proven {soon}\n"
        f"also: skill of the chance of a move over {moves}\n"
    )


def _money(warm: Leans) -> str:
    sides = []
    for name, side in (("up", warm.up), ("down", ~warm.up)):
        if side.any():
            sides.append(
                f"{name} {int(side.sum()):,}: {100 * warm.won[side].mean():.1f} % won (base "
                f"{100 * warm.base[side].mean():.1f} %), {1e4 * warm.net[side].mean():+.1f} bp net, "
                f"always long {1e4 * warm.long[side].mean():+.1f} bp"
            )
    return "\n".join(sides)


def _few(lines: list[str]) -> list[str]:
    more = [f"  … and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [f"  left out: {line}" for line in lines[:MOST]] + more
