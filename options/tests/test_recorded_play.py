"""A recording with files of chains, played: each session's chain when it held, judged by the next."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import LazySettings

from goldensignals.tests.shared_data import folder
from marketdata import store as market_store
from marketdata import wiring
from marketdata.live import topics
from options import store, tasks
from options.domain import Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording(settings: LazySettings, tmp_path: Path) -> Any:
    """TWX in June 2014."""
    (tmp_path / "lean_TWX_universe.csv.gz").symlink_to(folder("data/chains") / "lean_TWX_universe.csv.gz")
    sources = settings.MARKETDATA_SOURCES
    settings.MARKET = "recorded"
    settings.MARKETDATA_SOURCES = {"recorded": sources["recorded"] | {"OPTIONS": {"folder": str(tmp_path)}}}
    wiring._built.cache_clear()
    market_store.set_watchlist(["TWX"])
    yield
    for source in wiring.all_sources():
        source.close()
    wiring._built.cache_clear()


def test_each_session_has_its_chain_and_the_next_its_verdicts(recording: None, redis_connection: redis.Redis) -> None:
    tasks.poll_chains()
    assert store.underlyings("recorded") == []
    for day in (4, 5, 6):
        redis_connection.set(topics.POSITION, datetime(2014, 6, day, 20, 10, tzinfo=UTC).isoformat())
        tasks.poll_chains()
        tasks.confirm_alerts()
    assert store.sessions("TWX", "recorded") == [date(2014, 6, day) for day in (4, 5, 6)]
    found = store.latest("TWX", "recorded")
    assert (len(found.chain), found.chain.session) == (184, date(2014, 6, 6))
    alerts = store.alerts("recorded")
    assert {one.session for one in alerts} == {date(2014, 6, 4), date(2014, 6, 5)}
    assert all(one.verdict is not Verdict.PENDING for one in alerts)
    assert Verdict.OPENED in {one.verdict for one in alerts}
