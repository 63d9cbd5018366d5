"""Alerts meet the next count of open interest: once it is later, and once it stands still."""

from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings

from options import ingest, store, verdicts
from options.domain import Alert, Verdict
from options.tests.chains import NOON
from options.tests.vendor_chains import FAR, answer, next_day, symbol

pytestmark = pytest.mark.django_db
BLOCK = symbol(105.0)
TUESDAY, WEDNESDAY, THURSDAY = (date(2024, 1, day) for day in (16, 17, 18))


@pytest.fixture(autouse=True)
def live(settings: LazySettings) -> None:
    settings.MARKET = "live"
    ingest.chain(answer(changed={BLOCK: {"volume": 4000.0, "open_interest": 100.0}}))


def look(minutes: float, interest: float, days: int = 1, **more: Any) -> list[Alert]:
    """A chain of the next day at so many minutes after noon, whose block contract has this open interest."""
    changed = {BLOCK: {"volume": 0.0, "open_interest": interest, **more}}
    ingest.chain(answer(next_day(days, minutes), changed=changed))
    return verdicts.confirm("live", next_day(days).date())


def verdict() -> Verdict:
    (one,) = store.alerts("live", session=TUESDAY)
    return one.verdict


def test_a_count_that_flickers_waits_until_it_stands_still() -> None:
    for minutes, interest in ((0, 100.0), (5, 3900.0), (12, 100.0), (20, 3900.0), (25, 100.0)):
        assert look(minutes, interest) == []
    assert look(30, 3900.0) == look(59, 3900.0) == []
    (judged,) = look(60, 3900.0)
    assert (judged.verdict, judged.change, judged.confirmed_at) == (Verdict.OPENED, 3800.0, WEDNESDAY)
    assert verdict() is Verdict.OPENED
    assert look(90, 50.0) == []
    assert store.alert(judged.id).next_open_interest == 3900.0


def test_the_count_that_its_session_ended_with_is_the_one_an_alert_began_with() -> None:
    """At the alert the vendor still told the count of the day before."""
    ingest.chain(answer(next_day(0, 30), [FAR], changed={BLOCK: {"volume": 4000.0, "open_interest": 3000.0}}))
    look(0, 3900.0)
    (judged,) = look(30, 3900.0)
    assert (judged.verdict, judged.open_interest, judged.change) == (Verdict.UNCLEAR, 3000.0, 900.0)
    assert store.alert(judged.id).open_interest == 3000.0


def test_a_vendor_that_never_counts_anew_is_unclear_when_the_session_is_over() -> None:
    assert look(0, 100.0) == look(60, 100.0) == []
    (judged,) = look(0, 100.0, days=2)
    assert (judged.verdict, judged.confirmed_at) == (Verdict.UNCLEAR, WEDNESDAY)


def test_a_count_of_the_same_date_is_never_compared() -> None:
    dated = {"open_interest_date": date(2024, 1, 16)}
    store.forget("TEST", "live")
    ingest.chain(answer(changed={BLOCK: {"volume": 4000.0, "open_interest": 100.0}}, **dated))
    for minutes in (0, 60):
        ingest.chain(answer(next_day(1, minutes), changed={BLOCK: {"open_interest": 3900.0}}, **dated))
    assert verdicts.confirm("live", WEDNESDAY) == []
    (judged,) = verdicts.confirm("live", THURSDAY)
    assert (judged.verdict, judged.next_open_interest) == (Verdict.UNCLEAR, None)


def test_a_contract_that_is_gone_is_unclear() -> None:
    ingest.chain(answer(next_day(), strikes=(90.0, 95.0, 100.0)))
    assert verdicts.confirm("live", WEDNESDAY) == []
    (judged,) = verdicts.confirm("live", WEDNESDAY, settled=True)
    assert (judged.verdict, judged.next_open_interest) == (Verdict.UNCLEAR, None)


def test_the_count_of_the_sessions_own_close_judges_it_and_is_not_what_trading_began_with() -> None:
    own = [{"open_interest_date": date(2024, 1, day)} for day in (17, 18)]
    store.forget("TEST", "live")
    ingest.chain(answer(changed={BLOCK: {"open_interest": 100.0}}, **own[0]))
    found = ingest.chain(answer(next_day(), changed={BLOCK: {"volume": 4000.0, "open_interest": 3900.0}}, **own[1]))
    (one,) = found.alerts
    assert (one.open_interest, one.open_interest_date) == (100.0, TUESDAY)
    assert store.latest("TEST", "live").summary.open_interest_date == WEDNESDAY
    (judged,) = verdicts.confirm("live", WEDNESDAY)
    assert (judged.verdict, judged.change, judged.confirmed_at) == (Verdict.OPENED, 3800.0, THURSDAY)


def test_nobody_judges_before_there_is_another_session() -> None:
    assert verdicts.confirm("live", TUESDAY) == []
    assert verdicts.confirm("live", WEDNESDAY, settled=True) == []
    assert verdict() is Verdict.PENDING


def test_the_price_is_followed_and_the_extremes_only_widen() -> None:
    for minutes, middle in ((1, 5.0), (2, 3.0), (3, 4.2)):
        quoted = {"bid": middle - 0.1, "ask": middle + 0.1}
        ingest.chain(answer(next_day(0, minutes), [FAR], changed={BLOCK: quoted}))
    (one,) = store.alerts("live")
    assert (one.raised_at, one.price) == (NOON, 4.0)
    assert (one.best, one.worst) == (pytest.approx(0.25), pytest.approx(-0.25))


def test_of_an_alert_that_nobody_heard_of_nobody_hears_the_verdict() -> None:
    store.forget("TEST", "live")
    ingest.chain(answer(changed={BLOCK: {"volume": 4000.0, "open_interest": 100.0}}), whole=True)
    look(0, 3900.0)
    assert [one.verdict for one in look(30, 3900.0)] == [Verdict.OPENED]
    assert store.untold_verdicts("live") == []


def test_the_share_that_was_confirmed_is_counted_by_rule() -> None:
    look(0, 3900.0)
    look(30, 3900.0)
    (rate,) = store.confirmations("live")
    assert (rate.rule, rate.version, rate.alerts, rate.opened, rate.share) == ("score", 1, 1, 1, 1.0)
    assert rate.low == pytest.approx(0.2065, abs=1e-3)
    assert store.confirmations("live", symbol="OTHER") == []
