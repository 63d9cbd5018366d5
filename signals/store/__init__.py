"""The only SQL of this floor: domain values in, domain values out."""

from signals.store.calibration_rows import Version, calibration, calibration_of, newest_calibration, save_calibration
from signals.store.ledger_rows import append, entries, entries_of, entry_of, head, headed, lock, unvouched
from signals.store.let_go_rows import delete_bars, delete_decisions, due, let_go, let_go_before
from signals.store.let_go_rows import write as write_let_go
from signals.store.outcome_rows import agent_sets, last_outcome, numbered_outcomes, outcome, outcomes, outcomes_of
from signals.store.outcome_rows import mark_told as mark_outcomes_told
from signals.store.outcome_rows import note as note_outcomes
from signals.store.outcome_rows import untold as untold_outcomes
from signals.store.outcome_rows import write as write_outcomes
from signals.store.signal_rows import (
    decision,
    decisions,
    decisions_of,
    first_judged,
    judged_ids,
    last_announced,
    last_judged,
    mark_announced,
    unannounced,
    unresolved,
    write,
)
from signals.store.view_rows import COLUMNS, next_run, see, see_summaries, seen, seen_summaries

__all__ = [
    "COLUMNS",
    "Version",
    "agent_sets",
    "append",
    "calibration",
    "calibration_of",
    "decision",
    "decisions",
    "decisions_of",
    "delete_bars",
    "delete_decisions",
    "due",
    "entries",
    "entries_of",
    "entry_of",
    "first_judged",
    "head",
    "headed",
    "judged_ids",
    "last_announced",
    "last_judged",
    "last_outcome",
    "let_go",
    "let_go_before",
    "lock",
    "mark_announced",
    "mark_outcomes_told",
    "newest_calibration",
    "next_run",
    "note_outcomes",
    "numbered_outcomes",
    "outcome",
    "outcomes",
    "outcomes_of",
    "save_calibration",
    "see",
    "see_summaries",
    "seen",
    "seen_summaries",
    "unannounced",
    "unresolved",
    "untold_outcomes",
    "unvouched",
    "write",
    "write_let_go",
    "write_outcomes",
]
