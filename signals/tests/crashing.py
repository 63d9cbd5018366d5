"""Processes of the judge that are killed at a named point, or begin where another one ended.

Each part runs in a process of its own, forked from one that has opened no connection yet.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

MARKET = "simulated"
POINTS = ("judged", "stored", "entered", "committed", "published")
"""Between the decision and its announcement: nothing stored; row written; ledger written; committed; told."""
WALKED = ["AAPL", "MSFT"]
"""What is walked through before minutes are known well, and where that is killed: in a piece, before one is kept, when
all is learned, when it is written and not yet committed."""
WALKS = ("votes", "_packed", "retraced", "save_calibration")


def child(work: Callable[[], object]) -> int:
    """Do some work in a process of its own; returns the signal that killed it, or 0."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a child failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def judge(now: datetime) -> None:
    """One turn of the judge over daily bars."""
    from marketdata.domain import Interval
    from signals import turns

    turns.run(Interval.DAY, MARKET, now)


def killed_at(point: str, now: datetime) -> None:
    """One turn whose process kills itself at this point."""
    from signals import issue, store

    where: dict[str, tuple[Any, str, bool]] = {
        "judged": (issue, "decisions", False), "stored": (store, "write", True), "entered": (store, "append", True),
        "committed": (issue, "publish", False), "published": (store, "mark_announced", False),
    }  # fmt: skip
    module, name, after = where[point]
    whole = getattr(module, name)

    def deadly(*args: Any, **options: Any) -> None:
        if after:
            whole(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, deadly)
    judge(now)


def crashes(first: datetime) -> None:
    """At each point, a day later each: killed there; then the next process does what the service does."""
    for day, point in enumerate(POINTS):
        now = first + timedelta(days=day)
        assert child(lambda now=now: comes(now)) == 0
        assert child(lambda point=point, now=now: killed_at(point, now)) == signal.SIGKILL
        assert child(lambda now=now: restarted(now)) == 0
    assert child(lambda: replays(first - timedelta(days=1))) == 0


def recalls(now: datetime) -> None:
    """The walk of the minutes is killed at each point, some pieces further on each; then it comes to its end."""
    for turns, point in zip((0, 2, 9, 9), WALKS, strict=True):
        assert child(lambda point=point, turns=turns: recalled(now, turns, point)) == signal.SIGKILL
    assert child(lambda: recalled(now, 9)) == 0


def recalled(now: datetime, turns: int, point: str = "") -> None:
    """So many turns of the walk and one more whose process kills itself at this point."""
    from signals import recalling, retracing, store, wiring

    horizon = wiring.horizon("30m")
    assert horizon
    where: dict[str, Any] = {"votes": retracing, "_packed": recalling, "retraced": retracing, "save_calibration": store}
    for turn in range(turns + 1):
        if point and (turn == turns or point in WALKS[2:]):
            deadly(where[point], point)
        recalling.recall(horizon, MARKET, now)


def deadly(module: Any, name: str) -> None:
    """From now on, whoever has called this is killed."""
    whole = getattr(module, name)

    def killing(*args: Any, **options: Any) -> None:
        whole(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, killing)


def restarted(now: datetime) -> None:
    """A turn and an announcement, after the dead one's lease has run out."""
    from marketdata.cache import client
    from marketdata.live import topics
    from signals import issue

    client().delete(f"{topics.LEASE}announce:{MARKET}")
    judge(now)
    issue.announce(MARKET)


def comes(now: datetime) -> None:
    """The day that has just ended is stored."""
    from signals.tests.house import LENGTH, SYMBOLS, cut, fill, history
    from signals.tests.values import CLOSE

    last = LENGTH + (now - CLOSE).days
    fill({symbol: cut(history(symbol, 412, CLOSE + timedelta(days=12)), last - 1, last) for symbol in SYMBOLS})


def replays(first: datetime) -> None:
    """All of it once more."""
    from signals import replaying

    found = replaying.replay(MARKET, first, first + timedelta(days=30))
    assert found.equal > len(POINTS)
    assert not found.differences, found.differences[0]


def main() -> None:
    """`crashing.py PART TIME`: the part of this name, from this time on."""
    import django

    django.setup()
    # Imported here, so that no child pays for it.
    import signals.recalling
    import signals.turns
    from marketdata.domain import Interval
    from signals.tests import house  # noqa: F401

    signals.turns.wiring.agents(Interval.DAY)
    globals()[sys.argv[1]](datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
