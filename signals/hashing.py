"""The one spelling of a value in bytes, and the short names (SHA-256) that are made of it.

Floats are told exactly: columns as their 64 bits, single ones as the shortest decimal that reads back the same. What
was read back from Postgres has the same bytes as what was written.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars, Interval, Quote
from options.domain import ChainSummary
from signals.domain import Condition, MarketView, Signal

COLUMNS = ("open", "high", "low", "close", "volume")
_MINUS_ZERO = re.compile(rb"(?<=[:,\[])-0\.0(?=[,}\]])")
"""Postgres' numbers have no minus zero."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, of values of this house (an absent one is null)."""
    told = msgspec.json.encode(value, order="sorted")
    return _MINUS_ZERO.sub(b"0.0", told) if b"-0.0" in told else told


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes of a value, in hexadecimal; numbers as the fields of its type have them (2 for a
    float is 2.0)."""
    typed = msgspec.json.decode(msgspec.json.encode(value), type=type(value))
    return sha256(canonical(typed)).hexdigest()


def parts(view: MarketView) -> dict[str, str]:
    """SHA-256 of each part of a view to the last bit: of each column of its bars (little-endian, 64 bits a value), and
    of everything else (`head`). Who gave the bars is not in it: no agent knows."""
    bars = view.bars
    head = _Head(
        symbol=view.symbol, market=view.market, at=view.at, simulated=view.simulated, condition=view.condition,
        quote=view.quote, summaries=view.summaries, interval=bars.interval, bars=len(bars),
    )  # fmt: skip
    columns = {"start": bars.start.astype("<i8").tobytes(), **{name: _cells(bars, name) for name in COLUMNS}}
    return {"head": digest(head), **{name: sha256(cells).hexdigest() for name, cells in columns.items()}}


def short(parts: Mapping[str, str]) -> dict[str, str]:
    """As much of each hash as tells which part differs."""
    return {name: full[:16] for name, full in parts.items()}


def inputs(view: MarketView) -> str:
    """The name of a view: equal for equal views only."""
    return digest(parts(view))


def decision(signal: Signal) -> str:
    """The name of everything that was decided, and of the inputs it was decided from."""
    return digest(replace(signal, decision=""))


def identity(market: str, symbol: str, horizon: str, agent_set: str, at: datetime) -> str:
    """The id of a judgement: the same judgement has it again, in whichever process."""
    return name(f"{market}:{symbol}:{horizon}:{agent_set}:{at.isoformat()}")


def name(text: str) -> str:
    """The UUID that this text always has."""
    return str(uuid5(NAMESPACE_URL, f"goldensignals:{text}"))


class _Head(msgspec.Struct):
    symbol: str
    market: str
    at: datetime
    simulated: bool
    condition: Condition
    quote: Quote | None
    summaries: tuple[ChainSummary, ...]
    interval: Interval
    bars: int


def _cells(bars: Bars, name: str) -> bytes:
    column: NDArray[np.float64] = getattr(bars, name)
    # An absent volume has many bit patterns; here it has one.
    return np.where(np.isnan(column), np.nan, column).astype("<f8").tobytes()
