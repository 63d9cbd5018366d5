"""What was planted into the simulated chains is found by the rules, and its outcome is the one that was planted."""

from datetime import UTC, datetime, timedelta

from options.chain import analyse
from options.columns import columns
from options.confirming import confirmed
from options.domain import Alert, Chain, Verdict
from options.expecting import nothing
from options.rules import BUILT_IN, alerts
from options.simulated import RATE, Planted, Simulated

FIRST = datetime(2026, 3, 2, 23, 59, 57, tzinfo=UTC)
SYMBOL = "SPY"


def chain(now: datetime) -> Chain:
    """The columns of the expiries within ten weeks."""
    source, today = Simulated(clock=lambda: now), now.date()
    quote = source.quotes([SYMBOL])[SYMBOL]
    return columns(
        source.option_chain(SYMBOL, today, today + timedelta(days=70)), market="simulated", session=today, taken_at=now,
        spot=quote.price, spot_as_of=quote.as_of,
    )  # fmt: skip


def raised(now: datetime) -> dict[str, Alert]:
    seen = chain(now)
    found = alerts(analyse(seen, RATE, ()), nothing(len(seen)), BUILT_IN, ())
    return {one.symbol: one for one in found if one.rule == "score"}


def test_planted_blocks_raise_alerts_whose_verdict_was_planted_too() -> None:
    found: list[tuple[Planted, Alert]] = []
    planted = 0
    for i in range(21):
        now = FIRST + timedelta(days=i)
        blocks = Simulated().planted(SYMBOL, now.date())
        planted += len(blocks)
        ranked = raised(now) if blocks else {}
        found += [(one, ranked[one.symbol]) for one in blocks if one.symbol in ranked]
    assert planted >= 6
    assert len(found) >= 0.7 * planted
    for block, alert in found:
        assert alert.simulated
        assert verdict(alert) is (Verdict.OPENED if block.opened >= 0.5 * block.volume else Verdict.UNCLEAR)


def verdict(alert: Alert) -> Verdict:
    tomorrow = chain(alert.raised_at + timedelta(days=1))
    held = tomorrow.open_interest[tomorrow.symbol == alert.symbol][0]
    return confirmed(alert, float(held), tomorrow.session).verdict
