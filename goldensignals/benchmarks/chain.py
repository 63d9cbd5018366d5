"""A chain of 5,000 contracts, from a vendor's bytes to stored, summarised and published, in CPU time.

The vendor (a stand-in that answers as Polygon does, with a chain of the simulated market), the worker and each server
are processes of their own. What counts is the CPU time of the worker, of Postgres and of Valkey together: twenty pages
through the vendor's real client, the analysis with its memory of the session before, one transaction, the announcement.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from goldensignals.benchmarks.sockets import promise, servers
from marketdata import calendar

CONTRACTS, ROUNDS = 5_000, 7
MOST = 1.5
Process = subprocess.Popen[str]


def main() -> int:
    """Measure, print, and return 1 if the promise is broken."""
    noon = last_noon()
    with servers() as urls, start("chain_vendor", {}, str(CONTRACTS), noon.isoformat()) as vendor:
        settings = {"MARKET": "live", "DJANGO_SETTINGS_MODULE": "goldensignals.settings"}
        env = {**urls, **settings, **json.loads(told(vendor))}
        with start("chain_worker", env, str(ROUNDS), noon.isoformat()) as worker:
            rounds = json.loads(told(worker))
    return 0 if report(rounds[1:]) else 1


def report(rounds: list[dict[str, float]]) -> bool:
    """Print the medians of the rounds after the first, which connects, imports and makes partitions."""
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    print(f"{middle['contracts']:,.0f} contracts of {middle['expiries']:.0f} expiries in {middle['parts']:.0f} rows,")
    print(f"median of {len(rounds)} rounds; {middle['seconds']:.2f} s by the clock, of the vendor's pages too")
    for name in ("asked and read", "analysed, stored, published", "Postgres", "Valkey"):
        print(f"       {middle[name]:8.3f} s of CPU: {name}")
    total = statistics.median(one["total"] for one in rounds)
    whole = min(one["contracts"] for one in rounds) >= CONTRACTS and min(one["summaries"] for one in rounds) == 1
    print(f"{'ok    ' if whole else 'BROKEN'} every contract read, and every chain summarised and published")
    return promise("s of CPU in all", total, total < MOST, MOST) and whole


def last_noon() -> datetime:
    """Noon in New York of the last session that has ended: a chain of then is new whenever this runs."""
    today = datetime.now(UTC).date()
    session = calendar.sessions(today - timedelta(days=10), today - timedelta(days=1), "live")[-1]
    return datetime(session.year, session.month, session.day, 12, tzinfo=calendar.NEW_YORK).astimezone(UTC)


@contextmanager
def start(module: str, env: dict[str, str], *args: str) -> Iterator[Process]:
    """A process of this benchmark; it ends with the block."""
    command = [sys.executable, "-m", f"goldensignals.benchmarks.{module}", *args]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=os.environ | env, text=True, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(process: Process) -> str:
    """The next line that the process prints; raises RuntimeError if it ends without one."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended with status {process.wait()}.")
    return line


if __name__ == "__main__":
    sys.exit(main())
