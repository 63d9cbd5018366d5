"""The only SQL of this floor: domain values in, domain values out."""

from options.store.alert_rows import (
    alert,
    alerts,
    confirmations,
    follow,
    followed,
    judge,
    note_told,
    note_verdicts_told,
    pending,
    raised,
    untold,
    untold_verdicts,
)
from options.store.chains import Saved, fingerprint, latest, locked, save
from options.store.contract_rows import contracts
from options.store.forgetting import forget, is_current, make_partitions, retain
from options.store.memory import expected, newest, sessions, underlyings
from options.store.packing import symbols
from options.store.reject_rows import rejects, save_rejects
from options.store.rule_rows import read_tests, rule_sets, save_rule
from options.store.slice_rows import current, expiries, of_session
from options.store.summary_rows import past_iv30, save_summary, summaries, summary

__all__ = [
    "Saved",
    "alert",
    "alerts",
    "confirmations",
    "contracts",
    "current",
    "expected",
    "expiries",
    "fingerprint",
    "follow",
    "followed",
    "forget",
    "is_current",
    "judge",
    "latest",
    "locked",
    "make_partitions",
    "newest",
    "note_told",
    "note_verdicts_told",
    "of_session",
    "past_iv30",
    "pending",
    "raised",
    "read_tests",
    "rejects",
    "retain",
    "rule_sets",
    "save",
    "save_rejects",
    "save_rule",
    "save_summary",
    "sessions",
    "summaries",
    "summary",
    "symbols",
    "underlyings",
    "untold",
    "untold_verdicts",
]
