"""Runs checks and counts what they say."""

import os
import re
import subprocess
import time
from collections import Counter

from goldensignals.checks import ROOT, Check

PYTEST = re.compile(r"(\d+) (passed|failed|errors?|skipped|rerun)\b")
NODE = re.compile(r"^(?:#|ℹ) (pass|fail|cancelled|skipped) (\d+)$")
MEANS = {"pass": "passed", "fail": "failed", "cancelled": "failed", "error": "failed", "errors": "failed"}
SKIPPED = re.compile(r"^SKIPPED \[\d+\] (.*)$")
AGAIN = re.compile(r"^RERUN (\S+)")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)")


class Tally:
    """What all checks together found."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.skips: list[str] = []
        self.unsteady: list[str] = []
        self.began = time.monotonic()

    @property
    def failed(self) -> bool:
        return self.counts["failed"] > 0

    def run(self, check: Check) -> tuple[str, str]:
        """Run one check and show what it says; its result and its seconds, for a table."""
        if check.missing:
            self.skips.append(f"{check.name}: {check.missing}")
            self.counts["skipped"] += 1
            return "skipped", ""
        began, lines = time.monotonic(), []
        with subprocess.Popen(
            check.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
        ) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                lines.append(line.rstrip())
        found = self.count(lines, process.returncode)
        return ", ".join(f"{number} {what}" for what, number in found.items()), f"{time.monotonic() - began:.1f}"

    def count(self, lines: list[str], code: int) -> Counter[str]:
        """The numbers a runner of tests prints; any other check is one that passed or failed."""
        found = counted(lines)
        if code and not found["failed"]:
            found["failed"] += 1
        if not found:
            found["passed"] += 1
        self.counts += found
        self.skips += [match.group(1) for line in lines if (match := SKIPPED.match(line))]
        self.unsteady += sorted(named(AGAIN, lines) - named(FAILED, lines))
        return found

    def summary(self) -> str:
        """The last line, in pytest's words."""
        numbers = [f"{self.counts[what]} {what}" for what in ("passed", "failed", "skipped")]
        return f"{', '.join(numbers)} in {time.monotonic() - self.began:.1f}s"


def named(pattern: re.Pattern[str], lines: list[str]) -> set[str]:
    return {match.group(1) for line in lines if (match := pattern.match(line))}


def counted(lines: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        if match := NODE.match(line):
            found[MEANS.get(match.group(1), match.group(1))] += int(match.group(2))
    if not found and lines and (last := next((line for line in reversed(lines) if PYTEST.search(line)), "")):
        for number, what in PYTEST.findall(last):
            found[MEANS.get(what, what)] += int(number)
    return +found


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
