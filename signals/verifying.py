"""Whether the ledger and the rows it vouches for are still what they were when they were written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from signals import chaining, hashing, issue, spans, store
from signals.chaining import Entry
from signals.domain import Decision, LetGo, Outcome
from signals.spans import Span

BATCH = 1000
Fault = tuple[int, str]
"""The number of an entry (0: of none), and what is wrong."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The entries that were looked at, the head of the last one, and each thing that is wrong: (seq, words).

    `let_go`: how many of the entries vouch for decisions that were let go, all from before `let_go_before`. That they
    were made, and when, is proven still; what they said can no longer be compared.
    """

    entries: int
    head: str
    faults: tuple[Fault, ...]
    let_go: int = 0
    let_go_before: datetime | None = None


def verify(after: tuple[int, str] = (0, chaining.GENESIS)) -> Verified:
    """Walk the chain (from behind this entry and its head), and make each hash again from the row it vouches for."""
    first = after[0] + 1
    with transaction.atomic():
        records = _vouched(store.let_go())
        gone = spans.merged(span for one in records for span in one.entries)
        faults, let_go = [*_cut_off(after), *chaining.breaks(store.entries(first), after)], 0
        for batch in _batches(store.entries(first)):
            wrong, missing = changed(batch, gone)
            faults, let_go = faults + wrong, let_go + missing
        faults += [(0, f"{kind} {ref} stands in no entry") for kind, ref in store.unvouched()]
        seq, head = store.head()
    until = max((one.before for one in records), default=None) if let_go else None
    return Verified(seq, head, tuple(sorted(faults)), let_go, until)


def changed(batch: Sequence[Entry], gone: tuple[Span, ...] = ()) -> tuple[list[Fault], int]:
    """The entries whose row is not what it was or is missing, and how many of those missing were let go (`gone`)."""
    rows, faults, let_go = _rows(batch), [], 0
    for one in batch:
        row = rows.get((one.kind, one.ref))
        if row is None and one.kind == issue.SIGNAL and spans.has(gone, one.seq):
            let_go += 1
        elif row is None:
            faults.append((one.seq, f"{one.kind} {one.ref} is gone"))
        elif hashing.digest(row) != one.payload:
            faults.append((one.seq, f"{one.kind} {one.ref} was changed after it was written"))
    return faults, let_go


def _cut_off(after: tuple[int, str]) -> Iterator[tuple[int, str]]:
    """The end of a ledger that reached further once."""
    if after[0] > store.head()[0]:
        yield after[0], f"entry {after[0]} is gone, with which the ledger ended; its head was {after[1]}"


def _rows(batch: Sequence[Entry]) -> dict[tuple[str, str], Decision | Outcome | LetGo]:
    """What these entries vouch for, by kind and id."""
    refs = {kind: [one.ref for one in batch if one.kind == kind] for kind in (issue.SIGNAL, issue.OUTCOME)}
    records = store.let_go() if any(one.kind == issue.LET_GO for one in batch) else []
    return {
        **{(issue.SIGNAL, id_): one for id_, one in store.decisions_of(refs[issue.SIGNAL]).items()},
        **{(issue.OUTCOME, id_): one for id_, one in store.outcomes_of(refs[issue.OUTCOME]).items()},
        **{(issue.LET_GO, one.id): one for one in records},
    }


def _vouched(records: Sequence[LetGo]) -> list[LetGo]:
    """Those that are what the ledger says they were: no other excuses a row that is missing."""
    entries = {one.ref: one.payload for one in store.entries_of(issue.LET_GO, [one.id for one in records])}
    return [one for one in records if entries.get(one.id) == hashing.digest(one)]


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while batch := list(islice(rest, BATCH)):
        yield batch
