"""One chain out of what came now and what came before: near expiries come every minute, far ones by turns."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from options.domain import Chain, Floats
from options.expiring import expires_at

ALONG = ("symbol", "root", "expiry", "strike", "is_call", "multiplier", "bid", "ask", "last", "volume",
         "open_interest", "vendor_iv", "vendor_delta", "vendor_gamma")  # fmt: skip


def merged(fresh: Chain, kept: Chain | None) -> Chain:
    """The fresh chain with those parts (root and expiry) of the kept one that it does not have and that live on.

    All else (moment, spot, vendor, dates) is the fresh chain's. Contracts stand by root, expiry, strike, calls first.
    """
    if kept is None:
        return fresh
    there = parts(fresh)
    mine = np.array([key not in there and _lives(key, fresh) for key in _keys(kept)], np.bool_)
    if not mine.any():
        return fresh
    joined: dict[str, Any] = {name: np.concatenate([getattr(fresh, name), getattr(kept, name)[mine]]) for name in ALONG}
    order = np.lexsort((~joined["is_call"], joined["strike"], joined["expiry"], joined["root"]))
    given = None
    if fresh.given_mid is not None or kept.given_mid is not None:
        given = np.concatenate([_middles(fresh), _middles(kept)[mine]])[order]
    return replace(fresh, **{name: column[order] for name, column in joined.items()}, given_mid=given)


def parts(chain: Chain) -> set[tuple[str, date]]:
    """Root and expiry of all its contracts."""
    return set(_keys(chain))


def older(chain: Chain, told: dict[tuple[str, date], datetime]) -> datetime | None:
    """When the oldest part of a merged chain was told, where that was before its own moment."""
    moments = [told[key] for key in parts(chain) if key in told]
    first = min(moments, default=chain.taken_at)
    return first if first < chain.taken_at else None


def _lives(key: tuple[str, date], fresh: Chain) -> bool:
    root, expiry = key
    return expires_at(expiry, fresh.market, root) > fresh.taken_at


def _keys(chain: Chain) -> list[tuple[str, date]]:
    return list(zip(chain.root.tolist(), chain.expiry.astype("datetime64[D]").tolist(), strict=True))


def _middles(chain: Chain) -> Floats:
    return np.full(len(chain), np.nan) if chain.given_mid is None else chain.given_mid
