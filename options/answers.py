"""What a REST answer is made of: a chain's contracts page by page, its gamma, its smiles, the alerts."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketdata.wire import instant, number
from options import cursors, gamma, wire
from options.choosing import Choice, Place, chosen, page
from options.domain import Alert, Analysis, Confirmation
from options.forward import own_spot


def chain(
    value: Analysis, choice: Choice, after: Place | None, limit: int, scores: Mapping[str, float]
) -> dict[str, Any]:
    """The contracts asked for, the expiries there are, and the cursor of the next page."""
    spot, _ = own_spot(value.chain, value.slices)
    rows, end = page(value.chain, chosen(value.chain, choice, spot), after, limit)
    return {
        **_head(value),
        "delayed_by": value.chain.delayed_by,
        "spot_as_of": instant(value.chain.spot_as_of),
        "expiries": wire.expiries(value),
        "results": wire.contracts(value, rows.tolist(), scores),
        "next": end and cursors.of_place(end),
    }


def exposure(value: Analysis) -> dict[str, Any]:
    """Dealer gamma by strike and by spot."""
    said = value.summary
    return {
        **_head(value),
        "gex": number(said.gex),
        "zero_gamma": number(said.zero_gamma),
        "by_strike": wire.gamma(gamma.profile(value)),
        "by_spot": wire.gamma(gamma.exposure_at(value)),
        "reasons": {name: said.reasons[name] for name in ("spot", "gex", "zero_gamma") if name in said.reasons},
        "assumption": wire.ASSUMPTIONS["gex"],
    }


def smile(value: Analysis) -> dict[str, Any]:
    """Smiles and term structure."""
    return {**_head(value), **wire.smile(value), "assumption": wire.ASSUMPTIONS["iv"]}


def alerts(found: Sequence[Alert], limit: int, confirmations: Sequence[Confirmation]) -> dict[str, Any]:
    """A page of alerts, of which one more than `limit` was looked for, and the record of each rule."""
    shown = found[:limit]
    return {
        "results": [wire.alert(one) for one in shown],
        "next": cursors.of_moment(shown[-1].raised_at, shown[-1].id) if len(found) > limit else None,
        "confirmation": [wire.confirmation(one) for one in confirmations],
    }


def _head(value: Analysis) -> dict[str, Any]:
    chain = value.chain
    return {
        "symbol": chain.underlying,
        "vendor": chain.vendor,
        "market": chain.market,
        "simulated": chain.simulated,
        "taken_at": instant(chain.taken_at),
        "session": chain.session.isoformat(),
        "spot": number(chain.spot),
    }
