"""Days of the simulated market, whose blocks are planted: how many alerts find, and whether they are judged right."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from options import ingest, store, verdicts
from options.domain import Verdict
from options.simulated import Simulated

pytestmark = pytest.mark.django_db
SYMBOLS, DAYS = ("AAPL", "TSLA", "NVDA"), 10


def test_planted_blocks_are_found_and_judged_by_what_became_of_them(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    now = [datetime(2026, 9, 1, 23, 59, 50, tzinfo=UTC)]
    source = Simulated(7, 0.0, lambda: now[0])
    planted = {}
    for _ in range(DAYS):
        session = now[0].date()
        for symbol in SYMBOLS:
            listed = source.option_expiries(symbol)
            ingest.chain(source.option_chain(symbol, listed[0], listed[-1]))
            planted |= {(one.symbol, session): one for one in source.planted(symbol, session)}
        verdicts.confirm("simulated", session, settled=True)
        now[0] += timedelta(days=1)
    alerts = {(one.symbol, one.session): one for one in store.alerts("simulated", limit=1000)}
    assert max(Counter((one.underlying, one.session) for one in alerts.values()).values()) <= 5
    found = {key: alerts[key] for key in planted.keys() & alerts.keys()}
    assert len(found) >= 0.75 * len(planted) >= 9
    judged = {key: one.verdict for key, one in found.items() if one.verdict is not Verdict.PENDING}
    truth = {key: planted[key].opened >= planted[key].volume / 2 for key in judged}
    assert {key: verdict is Verdict.OPENED for key, verdict in judged.items()} == truth
    assert set(truth.values()) == {True, False}
