"""The quota planner: whether a watchlist, asked so often, fits what a vendor allows, and what to drop if not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` requests (or the vendor's weights) in any `window` seconds."""

    amount: int
    window: float
    name: str


@dataclass(frozen=True, slots=True)
class Load:
    """What is polled: every `every` seconds, `per_request` symbols in a request that costs `cost`."""

    what: str
    every: float
    per_request: int = 1
    cost: int = 1

    def need(self, symbols: int, window: float) -> float:
        """Requests (or weights) in a window of so many seconds."""
        return ceil(symbols / self.per_request) * self.cost * window / self.every


@dataclass(frozen=True, slots=True)
class Line:
    """One limit beside what is needed of it."""

    limit: Limit
    need: float

    @property
    def fits(self) -> bool:
        """Whether it is enough."""
        return self.need <= self.limit.amount


@dataclass(frozen=True, slots=True)
class Plan:
    """A vendor's day: each limit, the symbols that are one too many, and by what factor to poll more slowly instead.

    `slower` is None where no slower poll would help: the vendor has too few lines.
    """

    source: str
    symbols: int
    lines: tuple[Line, ...]
    drop: tuple[str, ...]
    slower: float | None

    @property
    def fits(self) -> bool:
        """Whether nothing needs to be dropped or slowed down."""
        return all(line.fits for line in self.lines)

    @property
    def advice(self) -> str:
        """What to do about it, in words."""
        if self.fits:
            return "fits"
        kept = self.symbols - len(self.drop)
        drop = f"drop {', '.join(self.drop[:5])}{' …' if len(self.drop) > 5 else ''} ({kept} symbols fit)"
        if self.slower is None:
            return drop
        slow = f"poll {self.slower:.3g} times more slowly"
        return f"{drop}, or {slow}" if kept else f"not even one symbol fits: {slow}"


def plan(
    source: str, symbols: Sequence[str], loads: Sequence[Load], limits: Sequence[Limit], most: int | None = None
) -> Plan:
    """Hold the watchlist (in order of importance) against the limits, and against `most` symbols, where there are such.

    A symbol too many is dropped from the end of the list.
    """
    lines = _lines(len(symbols), loads, limits, most)
    kept = next(n for n in range(len(symbols), -1, -1) if all(one.fits for one in _lines(n, loads, limits, most)))
    factors = [line.need / line.limit.amount for line in lines if line.limit.window]
    slower = max(factors, default=1.0) if most is None or len(symbols) <= most else None
    return Plan(source, len(symbols), tuple(lines), tuple(symbols[kept:]), slower)


def _lines(symbols: int, loads: Sequence[Load], limits: Sequence[Limit], most: int | None) -> list[Line]:
    lines = [Line(one, sum(load.need(symbols, one.window) for load in loads)) for one in limits]
    return [*lines, Line(Limit(most, 0.0, f"{most} lines"), symbols)] if most is not None else lines
