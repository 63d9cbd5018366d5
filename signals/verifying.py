"""Whether the ledger and the rows it vouches for are still what they were when they were written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from signals import chaining, hashing, issue, store
from signals.chaining import Entry

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """The entries that were looked at, the head of the last one, and each thing that is wrong: (seq, words)."""

    entries: int
    head: str
    faults: tuple[tuple[int, str], ...]


def verify(after: tuple[int, str] = (0, chaining.GENESIS)) -> Verified:
    """Walk the chain (from behind this entry and its head), and make each hash again from the row it vouches for."""
    first = after[0] + 1
    with transaction.atomic():
        faults = [*_cut_off(after), *chaining.breaks(store.entries(first), after)]
        for batch in _batches(store.entries(first)):
            faults += _changed(batch)
        faults += [(0, f"{kind} {ref} stands in no entry") for kind, ref in store.unvouched()]
        seq, head = store.head()
    return Verified(seq, head, tuple(sorted(faults)))


def _cut_off(after: tuple[int, str]) -> Iterator[tuple[int, str]]:
    """The end of a ledger that reached further once."""
    if after[0] > store.head()[0]:
        yield after[0], f"entry {after[0]} is gone, with which the ledger ended; its head was {after[1]}"


def _changed(batch: list[Entry]) -> Iterator[tuple[int, str]]:
    """The entries whose row is not what it was, or is gone."""
    decisions = store.decisions_of([one.ref for one in batch if one.kind == issue.SIGNAL])
    outcomes = store.outcomes_of([one.ref for one in batch if one.kind == issue.OUTCOME])
    for one in batch:
        row = decisions.get(one.ref) if one.kind == issue.SIGNAL else outcomes.get(one.ref)
        if row is None:
            yield one.seq, f"{one.kind} {one.ref} is gone"
        elif hashing.digest(row) != one.payload:
            yield one.seq, f"{one.kind} {one.ref} was changed after it was written"


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while batch := list(islice(rest, BATCH)):
        yield batch
