"""A chain of hashes to which entries are only ever appended: who changes one must change all that follow.

After S. Haber and W. S. Stornetta, "How to time-stamp a digital document", Journal of Cryptology 3 (1991), section 5.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

GENESIS = "0" * 64
"""The head of an empty chain."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link: `payload` is the hash of what is vouched for, `head` that of all entries up to this one."""

    seq: int
    kind: str
    ref: str
    payload: str
    previous: str
    head: str


def chain(last: tuple[int, str], items: Iterable[tuple[str, str, str]]) -> list[Entry]:
    """Entries for (kind, ref, payload) behind an entry with this (seq, head); (0, GENESIS) behind none."""
    seq, head = last
    entries = []
    for kind, ref, payload in items:
        seq, previous, head = seq + 1, head, link(head, seq + 1, kind, ref, payload)
        entries.append(Entry(seq, kind, ref, payload, previous, head))
    return entries


def link(previous: str, seq: int, kind: str, ref: str, payload: str) -> str:
    """The head after one more entry."""
    return sha256("\n".join([previous, str(seq), kind, ref, payload]).encode()).hexdigest()


def breaks(entries: Iterable[Entry], after: tuple[int, str] = (0, GENESIS)) -> Iterator[tuple[int, str]]:
    """The places (seq, what is wrong) at which entries, given from behind this (seq, head) on, are no chain."""
    seq, head = after
    for one in entries:
        if one.seq != seq + 1:
            yield one.seq, f"follows entry {seq}"
        if one.previous != head:
            yield one.seq, "does not continue the entry before it"
        if one.head != link(one.previous, one.seq, one.kind, one.ref, one.payload):
            yield one.seq, "its head is not the hash of its parts"
        seq, head = one.seq, one.head
