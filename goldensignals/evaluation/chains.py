"""`manage.py evaluate --chains DIR`: what is promised of options, measured on any folder of chain files."""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.conf import settings

from goldensignals.evaluation import chain_alerts, chain_telling
from goldensignals.evaluation.chain_figures import Figures, measure
from goldensignals.evaluation.goals import Goal, table
from marketdata.sources.base import SourceError
from marketdata.sources.recorded_chain import ChainFile, files, read
from options.confirming import rates
from options.domain import Alert, Analysis, Verdict

NEAR = 0.10
"""Points of volatility within which the median of our difference to Cboe lies."""
ALIKE = 0.08
"""Part by which the gamma may differ from that with Cboe's own gammas."""
EXCHANGE, INDEX = "cboe", ("SPX", "SPY", "^SPX")
MOST_ALERTS, OPENED = 5, 0.45
ENOUGH = 40
"""Judged alerts from which their share is a promise: fewer may miss it by chance."""

Run = tuple[str, str]
"""Underlying and vendor."""


def main(folder: str | Path) -> int:
    """Print what each chain shows; 1 where a promise was broken, 2 where there was nothing to measure."""
    began = time.process_time()
    try:
        found = files(Path(folder))
    except SourceError as error:
        print(f"{error}. {error.remedy}", file=sys.stderr)
        return 2
    goals, runs = list[Goal](), defaultdict[Run, list[Analysis]](list)
    pains = wrong = 0
    for file in found:
        for one in _measured(file):
            print(chain_telling.session(file.path.name, one))
            goals += of_session(file, one)
            pains, wrong = pains + len(one.pains), wrong + len(one.wrong_pains)
            runs[file.underlying, file.kind].append(one.analysis)
    if not runs:
        print(f"there is no chain to read in {folder}", file=sys.stderr)
        return 2
    brute = f"of {pains} expiries"
    goals.append(Goal(name="max pain unlike that of brute force", value=wrong, high=0.0, digits=0, note=brute))
    goals += of_alerts(runs)
    print(f"\n{table(goals)}")
    broken = [goal for goal in goals if not goal.kept]
    print(f"\n{len(goals) - len(broken)} of {len(goals)} kept; {time.process_time() - began:.1f} s of CPU time")
    return 1 if broken else 0


def _measured(file: ChainFile) -> Iterator[Figures]:
    """The figures of each session of a file; one that cannot be read is told and passed by."""
    try:
        for one in read(file):
            yield measure(one, settings.OPTIONS_RATE)
    except SourceError as error:
        print(f"\n{file.path.name} is left out: {error}. {error.remedy}")


def of_session(file: ChainFile, found: Figures) -> list[Goal]:
    """The promises of one chain: those about volatility and gamma of Cboe's index options only."""
    name = f"{file.underlying} {found.analysis.chain.session}"
    goals = []
    if file.kind == EXCHANGE and file.underlying in INDEX:
        if len(found.differences):
            middle = float(np.median(found.differences))
            goals.append(Goal(name=f"{name}: IV against Cboe's, median, points", value=middle, high=NEAR))
        if found.vendor_gex is not None:
            goals.append(Goal(
                name=f"{name}: GEX over that with Cboe's gammas", value=found.ratio, low=1 - ALIKE, high=1 + ALIKE
            ))  # fmt: skip
    return goals


def of_alerts(runs: dict[Run, list[Analysis]]) -> list[Goal]:
    """The promises about alerts, over all underlyings of which there are several days."""
    found: dict[Run, list[list[Alert]]] = {}
    for run, analyses in sorted(runs.items()):
        days = chain_alerts.by_day(analyses)
        if len(days) > 1:
            found[run] = chain_alerts.raised(days)
            print(chain_telling.alerts(" ".join(run), found[run]))
    if not found:
        return []
    most = max(len(each) for days in found.values() for each in days)
    goals = [Goal(name="alerts of one underlying and session, most", value=most, high=MOST_ALERTS, digits=0)]
    told = [alert for (_, kind), days in found.items() if kind == "yahoo" for each in days for alert in each]
    for one in rates(alert for days in found.values() for each in days for alert in each):
        share = "none" if one.share is None else f"{one.share:.0%} (95 %: {one.low:.0%} to {one.high:.0%})"
        print(f"\nrule {one.rule} {one.version}: {one.alerts} alerts, opened {share}, {one.pending} not judged yet")
    known = [one for one in told if one.verdict is not Verdict.PENDING]
    if len(known) >= ENOUGH:
        opened = sum(one.verdict is Verdict.OPENED for one in known) / len(known)
        note = f"of {len(known)} alerts"
        goals.append(Goal(name="Yahoo's days: opened by the next open interest", value=opened, low=OPENED, note=note))
    return goals
