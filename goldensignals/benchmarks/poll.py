"""1,000 symbols of each vendor every five seconds: whether a lone worker keeps up, and at what price.

Each vendor (a stand-in), each poller and each server is a process of its own. A poller does what a worker does: the
feed with its budget and breakers, the vendor's real client, the checks, Postgres, and the announcement through Redis.
The pollers take turns: one begins its cycles half a period after the other.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from goldensignals.benchmarks.sockets import promise, servers

SYMBOLS, CYCLES, PERIOD = 1_000, 8, 5.0
CPU_MS = 1.0
"""What we promise of each symbol and cycle, beside that every cycle ends within its period with every quote stored."""

VENDORS = ("polygon", "alpaca")
Process = subprocess.Popen[str]


def main() -> int:
    """Measure, print, and return 1 if a promise is broken."""
    with servers() as urls, ExitStack() as stack:
        pairs = [stack.enter_context(pair(vendor, urls)) for vendor in VENDORS]
        for _, poller in pairs:
            told(poller)
        for place, (_, poller) in enumerate(pairs):
            tell(poller, str(place * PERIOD / len(pairs)))
        found = {vendor: figures(*pair) for vendor, pair in zip(VENDORS, pairs, strict=True)}
    kept = [report(vendor, of_vendor) for vendor, of_vendor in found.items()]
    return 0 if all(kept) else 1


@contextmanager
def pair(vendor: str, urls: dict[str, str]) -> Iterator[tuple[Process, Process]]:
    """A vendor and its poller, which loads while others do."""
    settings = {"MARKET": "live", "DJANGO_SETTINGS_MODULE": "goldensignals.settings"}
    with ExitStack() as stack:
        standin = stack.enter_context(start("poll_vendor", vendor, {}))
        address = json.loads(told(standin))
        yield standin, stack.enter_context(start("poll_cycles", vendor, {**urls, **address, **settings}))


def figures(standin: Process, poller: Process) -> dict[str, Any]:
    """The poller's figures, and the requests that its vendor counted."""
    return {**json.loads(told(poller)), "requests": json.loads(standin.communicate()[0])}


def report(vendor: str, found: dict[str, Any]) -> bool:
    """Print the figures of one vendor; whether every promise was kept."""
    seconds, stored = found["seconds"], found["stored"]
    cpu = 1000 * found["cpu"] / SYMBOLS / CYCLES
    asked = ", ".join(f"{count / CYCLES:g} {kind}" for kind, count in sorted(found["requests"].items()))
    print(f"{vendor}: {SYMBOLS:,} symbols every {PERIOD:g} s, {CYCLES} cycles; requests per cycle: {asked}")
    print(f"  cycles: median {statistics.median(seconds):.2f} s; loading took {found['load']:.1f} s")
    kept = [
        promise("s, the longest cycle", max(seconds), max(seconds) < PERIOD, PERIOD),
        promise("ms of the poller's CPU per symbol and cycle", cpu, cpu < CPU_MS, CPU_MS),
        promise("quotes stored in the poorest cycle", min(stored), min(stored) == SYMBOLS, SYMBOLS),
    ]
    return all(kept)


@contextmanager
def start(module: str, vendor: str, env: dict[str, str]) -> Iterator[Process]:
    """A process of this benchmark, told how much there is to do; it ends with the block."""
    command = [sys.executable, "-m", f"goldensignals.benchmarks.{module}", vendor, *map(str, (SYMBOLS, CYCLES, PERIOD))]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=os.environ | env, text=True, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def tell(process: Process, line: str) -> None:
    """Write a line to the process."""
    if process.stdin:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def told(process: Process) -> str:
    """The next line that the process prints; raises RuntimeError if it ends without one."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended with status {process.wait()}.")
    return line


if __name__ == "__main__":
    sys.exit(main())
