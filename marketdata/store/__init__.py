"""The only SQL of this floor: domain values in, domain values out."""

from marketdata.store.action_rows import actions, save_actions, splits
from marketdata.store.announcements import KEPT as ANNOUNCED_KEPT
from marketdata.store.announcements import Announced, announced, drop_announced, save_announced
from marketdata.store.bar_rows import BarsSaved, bars, save_bars, write_bars
from marketdata.store.bar_windows import last_starts, windows
from marketdata.store.fingerprint import fingerprint
from marketdata.store.forgetting import forget
from marketdata.store.gap_ledger import Coverage, coverage, record_coverage
from marketdata.store.partitions import drop_partitions, ensure_days, ensure_partitions, partition_days
from marketdata.store.quote_rows import Saved, latest, quotes, save, save_quotes
from marketdata.store.rejects import drop_quarantine, quarantine
from marketdata.store.score_rows import save_scores, scores
from marketdata.store.switches import cursor, cursors, drop_cursor, enabled_sources, save_cursor, set_source
from marketdata.store.symbol_rows import (
    add_symbol,
    knows,
    names,
    note_symbol,
    remove_symbol,
    set_watchlist,
    symbols,
    watchlist,
)

__all__ = [
    "ANNOUNCED_KEPT",
    "Announced",
    "BarsSaved",
    "Coverage",
    "Saved",
    "actions",
    "add_symbol",
    "announced",
    "bars",
    "coverage",
    "cursor",
    "cursors",
    "drop_announced",
    "drop_cursor",
    "drop_partitions",
    "drop_quarantine",
    "enabled_sources",
    "ensure_days",
    "ensure_partitions",
    "fingerprint",
    "forget",
    "knows",
    "last_starts",
    "latest",
    "names",
    "note_symbol",
    "partition_days",
    "quarantine",
    "quotes",
    "record_coverage",
    "remove_symbol",
    "save",
    "save_actions",
    "save_announced",
    "save_bars",
    "save_cursor",
    "save_quotes",
    "save_scores",
    "scores",
    "set_source",
    "set_watchlist",
    "splits",
    "symbols",
    "watchlist",
    "windows",
    "write_bars",
]
