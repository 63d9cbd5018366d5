"""Quotes to 1,000 sockets: our hub, a plain Channels consumer and a FastAPI loop, side by side on one core each."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from goldensignals import throwaway
from marketdata.live.frames import UVICORN

FASTER_THAN_CHANNELS, FASTER_THAN_FASTAPI, TICK_MS, GROWTH_BYTES = 150, 6, 60, 4 * 2**20
"""What we promise: two ratios at least, the 99th percentile of a tick and the memory of stalled clients at most."""

STARTS_WITHIN = 30.0
COMMANDS = {
    "hub": ["uvicorn", "goldensignals.asgi:application", "--log-level", "warning", *UVICORN],
    "channels": ["daphne", "-v", "0", "goldensignals.benchmarks.peers_channels:application"],
    "fastapi": [
        "uvicorn", "goldensignals.benchmarks.peers_fastapi:app", "--log-level", "warning",
        "--ws", "websockets-sansio", "--ws-per-message-deflate", "false",
    ],
}  # fmt: skip


def main() -> int:
    """Measure, print, and return 1 if a promise is broken."""
    with servers() as urls:
        found = {kind: measure(kind, urls) for kind in COMMANDS}
    return report(found)


def measure(kind: str, urls: dict[str, str]) -> dict[str, Any]:
    """The figures of one server, alone on the first core; the crowd has the last."""
    settings = {
        "MARKET": "simulated",
        "WS_HEARTBEAT_INTERVAL": "3600",
        "DJANGO_SETTINGS_MODULE": "goldensignals.settings",
    }
    env = os.environ | urls | settings
    port = free_port()
    command = [sys.executable, "-m", *COMMANDS[kind], *(["-p"] if kind == "channels" else ["--port"]), str(port)]
    server = subprocess.Popen(command, env=env)
    try:
        os.sched_setaffinity(server.pid, {min(os.sched_getaffinity(0))})
        await_port(port, server)
        crowd = [sys.executable, "-m", "goldensignals.benchmarks.crowd", kind, str(port), str(server.pid)]
        done = subprocess.run(crowd, env=env, stdout=subprocess.PIPE, check=True, preexec_fn=to_last_core)
    finally:
        server.terminate()
        server.wait()
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def report(found: dict[str, dict[str, Any]]) -> int:
    """Print the figures beside what is promised."""
    hub = found["hub"]
    for kind, figures in found.items():
        rounds = ", ".join(f"{rate:,.0f}" for rate in figures["rates"])
        print(f"{kind:9} {figures['rate']:>10,.0f} quotes per server CPU-second (rounds: {rounds})")
    calm, stalled = (percentiles(hub[name]) for name in ("latency_ms", "stalled_latency_ms"))
    growth = hub["stalled_growth_bytes"]
    print(f"tick of 9 quotes to 1,000 sockets: p50 {calm[0]:.1f} ms, p95 {calm[1]:.1f} ms, p99 {calm[2]:.1f} ms")
    memory = f"memory {growth / 2**20:+.1f} MiB"
    print(f"{hub['stalled']} clients that never read: {memory}; p99 of the others {stalled[2]:.1f} ms")
    channels, fastapi = (hub["rate"] / found[peer]["rate"] for peer in ("channels", "fastapi"))
    kept = [
        promise("times a plain Channels consumer", channels, channels >= FASTER_THAN_CHANNELS, FASTER_THAN_CHANNELS),
        promise("times a FastAPI send loop", fastapi, fastapi >= FASTER_THAN_FASTAPI, FASTER_THAN_FASTAPI),
        promise("ms, p99 of a tick", calm[2], calm[2] < TICK_MS, TICK_MS),
        promise("MiB for clients that never read", growth / 2**20, growth < GROWTH_BYTES, GROWTH_BYTES / 2**20),
    ]
    return 0 if all(kept) else 1


def promise(what: str, value: float, kept: bool, bound: float) -> bool:
    """One line: the figure, the bound and whether it holds."""
    print(f"{'ok    ' if kept else 'BROKEN'} {value:8.1f} {what} (promised: {bound:g})")
    return kept


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile."""
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[94], cuts[98]


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """A Redis and a Postgres of our own, migrated, for the time of the benchmark."""
    with throwaway.servers("bench") as urls:
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(
            migrate, check=True, env=os.environ | urls | {"DJANGO_SETTINGS_MODULE": "goldensignals.settings"}
        )
        yield urls


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers; raises RuntimeError if it ends or takes too long."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args!r} did not start listening.")


def to_last_core() -> None:
    """Pin this process where the server is not (if there is a second core)."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    sys.exit(main())
