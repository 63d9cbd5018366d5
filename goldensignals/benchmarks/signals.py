"""A closed minute of 500 symbols: seen, judged by every agent, stored with its ledger, announced, and later scored.

The judge is a process of its own, as a worker's is, on servers that live as long as this measurement.
"""

import json
import statistics
import subprocess
import sys

from goldensignals.benchmarks.sockets import promise, servers

SECONDS = 5.0
"""What we promise of the median turn: others use this machine too."""


def main() -> int:
    """Measure, print, and return 1 if the promise is broken."""
    with servers() as urls:
        settings = {"MARKET": "simulated", "DJANGO_SETTINGS_MODULE": "goldensignals.settings", "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "goldensignals.benchmarks.signals_turns"]
        done = subprocess.run(command, env=settings | dict(urls), stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    print(
        f"{found['symbols']} symbols, {found['bars']} bars each, {found['agents']} agents, {found['stored']} decisions"
    )
    print(f"  the first turn, which sees all bars anew: {found['first']:.2f} s")
    print(f"  scoring {found['scored']} decisions: {found['score']:.2f} s")
    print(f"  turns: {', '.join(f'{one:.2f}' for one in found['turns'])} s; CPU of one: {found['cpu']:.2f} s")
    median = statistics.median(found["turns"])
    return 0 if promise("s, the median turn", median, median < SECONDS, SECONDS) else 1
