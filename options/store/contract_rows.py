"""The contracts that vendors have named, each once."""

from collections.abc import Iterable
from functools import partial
from hashlib import blake2b

from django.db import transaction

from marketdata.store import columns
from options.domain import Chain
from options.store import packing
from options.store.packing import Part

_noted: set[bytes] = set()
"""What this process has written: chains name the same contracts every minute."""
_MOST = 50_000


def save_contracts(chain: Chain) -> None:
    """Know the contracts of a chain; a symbol that is known stays as it is."""
    marks = {_mark(chain, part): part for part in packing.parts(chain)}
    fresh = {mark: part for mark, part in marks.items() if mark not in _noted}
    for part in fresh.values():
        _save(chain, part)
    transaction.on_commit(partial(_note, fresh))


def contracts(underlying: str) -> list[str]:
    """The symbols of all contracts of an underlying that were ever named, by expiry."""
    with columns.cursor() as cursor:
        cursor.execute(
            "SELECT symbol FROM option_contract WHERE underlying = %s ORDER BY expiry, strike, is_call DESC, symbol",
            [underlying],
        )
        return [symbol for (symbol,) in cursor]


def forget_notes() -> None:
    """Write all contracts again: the rows may be gone."""
    _noted.clear()


def _save(chain: Chain, part: Part) -> None:
    rows = part.rows
    with columns.cursor() as cursor:
        cursor.execute(_SAVE, [
            chain.underlying, part.root, part.expiry, columns.texts(chain.symbol[rows].tolist()),
            columns.floats(chain.strike[rows]), columns.booleans(chain.is_call[rows]),
            columns.floats(chain.multiplier[rows]),
        ])  # fmt: skip


def _mark(chain: Chain, part: Part) -> bytes:
    return blake2b(chain.symbol[part.rows].tobytes() + chain.underlying.encode(), digest_size=12).digest()


def _note(marks: Iterable[bytes]) -> None:
    if len(_noted) > _MOST:
        _noted.clear()
    _noted.update(marks)


_SAVE = """
INSERT INTO option_contract (underlying, root, expiry, symbol, strike, is_call, multiplier)
SELECT %s, %s, %s, symbol, strike, is_call, multiplier
FROM unnest(%s, %s, %s, %s) AS t(symbol, strike, is_call, multiplier)
ON CONFLICT DO NOTHING
"""
