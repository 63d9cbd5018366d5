"""The worker of `bench chain`: one chain after another, and the CPU time of everybody who had to do with it."""

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import django

from goldensignals.benchmarks.chain_vendor import SYMBOL
from marketdata.chains import OptionChain


def main(argv: Sequence[str]) -> None:
    """Take in the chain of an earlier session, then that of noon and of each minute after it."""
    django.setup()
    noon = datetime.fromisoformat(argv[1])
    before(noon)
    print(json.dumps([round_(noon + timedelta(minutes=i)) for i in range(int(argv[0]) + 1)]), flush=True)
    sys.stdin.read()


def before(noon: datetime) -> None:
    """So that there is a memory to read: the same chain a week ago."""
    from options import ingest

    at = noon - timedelta(days=7)
    ingest.chain(ask(), session=at.date(), taken_at=at, market="live", whole=True)


def round_(at: datetime) -> dict[str, float]:
    """One chain from the vendor's bytes to the sockets; CPU seconds of each who took part."""
    from options import ingest

    began, ours, theirs = time.monotonic(), time.process_time(), servers()
    value = ask()
    read = time.process_time()
    found = ingest.chain(value, session=at.date(), taken_at=at)
    done, after = time.process_time(), servers()
    cpu = {name: after[name] - theirs[name] for name in theirs}
    return {
        "asked and read": read - ours, "analysed, stored, published": done - read, **cpu,
        "total": done - ours + sum(cpu.values()), "seconds": time.monotonic() - began,
        "contracts": len(found.analysis.chain), "parts": found.saved.parts, "summaries": int(found.saved.summary),
        "expiries": found.analysis.summary.expiries,
    }  # fmt: skip


def ask() -> OptionChain:
    """The whole chain, as a poll asks for it."""
    from marketdata import asking

    answer = asking.ask(lambda feed: feed.option_chain(SYMBOL, date.min, date.max), "polygon")
    if answer.value is None:
        raise SystemExit(f"no chain: {[str(failure.error) for failure in answer.failures]}")
    return answer.value


def servers() -> dict[str, float]:
    """CPU seconds that Postgres (its children that have ended too) and Valkey have had so far."""
    from django.db import connection

    from marketdata.cache import client

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        master = _parent(cursor.fetchone()[0])
    family = [master, *(pid for pid in _pids() if _parent(pid) == master)]
    return {"Postgres": sum(map(_cpu, family)), "Valkey": _cpu(int(client().info("server")["process_id"]))}  # type: ignore[index]


def _cpu(pid: int) -> float:
    """User and system time of a process and of its children that were collected."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pids() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


if __name__ == "__main__":
    main(sys.argv[1:])
