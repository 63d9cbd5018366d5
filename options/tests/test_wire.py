"""The words of the options floor: absent is null, numbers without binary noise, and what nobody knows is said."""

import json
from dataclasses import fields, replace

from options import wire
from options.domain import Alert, ChainSummary, Confirmation, GammaPoint
from options.tests.shown import AT, FAR, NEAR, SESSION, alert, analysis

RENAMED = {"underlying", "id", "is_call"}


def test_a_summary_says_every_field_and_why_a_null_is_null() -> None:
    said = wire.summary(analysis().summary)
    assert {one.name for one in fields(ChainSummary)} - RENAMED <= said.keys()
    assert (said["symbol"], said["taken_at"], said["session"]) == ("AAPL", "2026-11-20T20:30:00Z", "2026-11-20")
    assert (said["iv30"], said["max_pain_expiry"], said["open_interest_date"]) == (0.3, "2026-11-27", "2026-11-19")
    assert (said["iv_rank"], said["reasons"]) == (None, {"iv_rank": "have 37 of 60 sessions"})
    assert "dealers" in said["assumptions"]["gex"].lower()
    assert json.loads(json.dumps(said)) == said


def test_an_alert_says_its_evidence_and_claims_no_side() -> None:
    said = wire.alert(alert())
    assert {one.name for one in fields(Alert)} - RENAMED - {"symbol"} <= said.keys()
    assert (said["symbol"], said["contract"], said["type"]) == ("AAPL", "AAPL261127P00180000", "put")
    assert said["conditions"] == [
        {"name": "volume", "value": 4200.0, "comparison": ">=", "threshold": 100.0, "held": True, "unit": "contracts"}
    ]
    assert said["parts"] == [{"name": "surprise", "value": 0.3, "share": 1.0, "weight": 40.0}]
    assert (said["verdict"], said["change"], said["confirmed_at"]) == ("pending", None, None)
    assert (said["side"], said["side_reason"]) == (None, "not available from this source: it gives no trade prints")
    assert (said["earnings"], "not mean" in said["earnings_reason"]) == (None, True)
    assert json.loads(json.dumps(said)) == said


def test_events_name_their_topics_and_only_alerts_are_never_dropped() -> None:
    chain, found = wire.summary_event(analysis().summary, AT), wire.alert_event(alert(), AT)
    assert (chain.topic, chain.type, chain.retain, chain.conflates) == ("options:AAPL", "options", "options:AAPL", True)
    assert (found.topic, found.type, found.retain, found.conflates) == ("alerts", "alert", None, False)


def test_contracts_have_null_where_their_column_has_nan() -> None:
    value = analysis()
    bare, put = wire.contracts(value, [0, 1], {str(value.chain.symbol[1]): 0.1 + 0.2})
    assert (bare["contract"], bare["type"], bare["expiry"]) == ("AAPL261127C00180000", "call", "2026-11-27")
    assert (bare["bid"], bare["mid"], bare["volume"], bare["iv"], bare["no_iv"]) == (0.0, None, None, None, "no bid")
    assert (put["type"], put["mid"], put["volume"], put["no_iv"]) == ("put", 1.15, 10.0, None)
    assert (bare["unusual"], put["unusual"]) == (None, 0.3)
    assert json.loads(json.dumps([bare, put], allow_nan=False)) == [bare, put]


def test_a_crossed_quote_has_no_mid() -> None:
    value = analysis()
    value.chain.ask[3] = value.chain.bid[3] - 0.5
    assert wire.contracts(value, [3], {})[0]["mid"] is None


def test_expiries_count_their_contracts() -> None:
    said = wire.expiries(analysis())
    assert [(one["date"], one["days"], one["contracts"]) for one in said] == [
        ("2026-11-27", 7, 6),
        ("2026-12-18", 28, 6),
    ]
    assert said[0].items() >= {"root": "AAPL", "forward": 185.6, "by_parity": True, "atm_iv": 0.268}.items()


def test_an_expiry_without_a_smile_is_listed_too() -> None:
    value = analysis()
    said = wire.expiries(replace(value, slices=value.slices[:1]))
    assert [(one["date"], one["forward"], one["atm_iv"]) for one in said][1] == ("2026-12-18", None, None)


def test_a_smile_is_in_strikes_and_in_moneyness() -> None:
    said = wire.smile(analysis())
    assert [one["expiry"] for one in said["expiries"]] == [NEAR.isoformat(), FAR.isoformat()]
    assert said["expiries"][0]["points"][0] == {"strike": 180.0, "iv": 0.3, "moneyness": 0.9698275862}
    assert said["term"] == [{"days": 7, "atm_iv": 0.268}, {"days": 28, "atm_iv": 0.268}]


def test_the_term_structure_prefers_a_root_with_parity_and_leaves_out_the_unknown() -> None:
    value = analysis()
    near, far = value.slices
    guessed = replace(near, root="AAPL1", by_parity=False, atm_iv=0.5)
    said = wire.smile(replace(value, slices=(guessed, near, replace(far, atm_iv=None, forward=None))))
    assert said["term"] == [{"days": (NEAR - SESSION).days, "atm_iv": 0.268}]
    assert said["expiries"][2]["points"][0]["moneyness"] is None


def test_gamma_and_confirmations_are_said_field_by_field() -> None:
    assert wire.gamma([GammaPoint(price=185.0, calls=0.1 + 0.2, puts=-1.0, net=-0.7)]) == [
        {"price": 185.0, "calls": 0.3, "puts": -1.0, "net": -0.7}
    ]
    said = wire.confirmation(Confirmation(rule="score", version=1, alerts=3, opened=1, closed=0, unclear=0, pending=2,
                                          share=None, low=None, high=None))  # fmt: skip
    assert (said["alerts"], said["pending"], said["share"]) == (3, 2, None)
