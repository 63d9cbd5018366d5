"""The poller of `bench poll`: what a lone worker does with a long watchlist, cycle after cycle, and what it costs."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, product
from string import ascii_uppercase

import django


def main(argv: Sequence[str]) -> None:
    """Load, wait to be told, poll one vendor; print seconds, CPU seconds and stored quotes of each cycle."""
    began = time.monotonic()
    load(vendor := argv[0])
    loaded = time.monotonic() - began
    print("loaded", flush=True)
    time.sleep(float(sys.stdin.readline()))
    symbols = names(vendor, int(argv[1]))
    measured = list(_cycles(symbols, int(argv[2]), float(argv[3])))
    seconds, cpu, stored = zip(*measured, strict=True)
    print(json.dumps({"seconds": seconds, "cpu": sum(cpu), "stored": stored, "load": loaded}))


def load(vendor: str) -> None:
    """What a worker does once (the vendors' libraries take seconds to import); sources without a key are let be."""
    django.setup()
    from marketdata import store, wiring

    for source in wiring.all_sources():
        if source.name != vendor:
            store.set_source(source.name, enabled=False)


def names(vendor: str, count: int) -> list[str]:
    """So many shares that no vendor knows."""
    return [vendor[0].upper() + "".join(letters) for letters in islice(product(ascii_uppercase, repeat=3), count)]


def _cycles(symbols: Sequence[str], cycles: int, period: float) -> Iterator[tuple[float, float, int]]:
    """The first one also connects and makes the day's partition."""
    began = time.monotonic()
    for cycle in range(cycles):
        time.sleep(max(0.0, began + cycle * period - time.monotonic()))
        yield _cycle(symbols)


def _cycle(symbols: Sequence[str]) -> tuple[float, float, int]:
    from marketdata import store, tasks, wiring

    at, began, before = datetime.now(UTC), time.monotonic(), time.process_time()
    for i in range(0, len(symbols), tasks.QUOTES_BATCH):
        tasks.poll_quotes_of(symbols[i : i + tasks.QUOTES_BATCH])
    seconds, cpu = time.monotonic() - began, time.process_time() - before
    return seconds, cpu, sum(one.received_at >= at for one in store.latest(symbols, wiring.LIVE).values())


if __name__ == "__main__":
    main(sys.argv[1:])
