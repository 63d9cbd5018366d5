"""The wire format of the options floor: REST and sockets say the same words for the same value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.wire import instant, number
from options.domain import Alert, Analysis, Chain, ChainSummary, Confirmation, GammaPoint, Slice

OPTIONS, ALERT, VERDICT = topics.OPTIONS, "alert", "verdict"
"""The types of the messages."""

NO_SIDE = "not available from this source: it gives no trade prints"
NO_EARNINGS = "no earnings calendar is connected; this does not mean that there are no earnings"
ASSUMPTIONS = {
    "iv": "European, from the out-of-the-money smile of each expiry on its own forward; the same for calls and puts",
    "forward": "Put-call parity near the money, per expiry and root; from spot and rate where by_parity is false",
    "gex": "Dealers are long every call and short every put; dollars per 1 % move of the underlying",
    "zero_gamma": "The price nearest to spot at which gex changes its sign, each contract keeping its own iv",
    "max_pain": "Open interest of one expiry is all held to settlement",
    "expected_move": "One standard deviation to expected_move_expiry; the at-the-money straddle is about 0.8 of it",
    "open_interest": "As of the close of open_interest_date: today's trading is not in it",
    "volume": "Of this session only; a contract last traded on an earlier day has 0",
}
"""What the figures of a chain take for granted."""

_SUMMARY_NUMBERS = (
    "spot", "forward", "max_pain", "gex", "zero_gamma", "put_call_volume", "put_call_oi", "put_call_premium", "iv30",
    "iv_rank", "iv_percentile", "skew_25d", "skew_25d_relative", "term_slope", "term_ratio", "expected_move",
    "straddle", "call_volume", "put_volume", "call_oi", "put_oi",
)  # fmt: skip
_SUMMARY_DATES = ("session", "forward_expiry", "max_pain_expiry", "expected_move_expiry", "open_interest_date")
_SUMMARY_PLAIN = ("vendor", "market", "simulated", "delayed_by", "contracts", "expiries", "iv_sessions")
_ALERT_NUMBERS = (
    "strike", "score", "volume", "open_interest", "expected_volume", "price", "premium", "spot", "iv", "delta",
    "next_open_interest", "change", "best", "worst",
)  # fmt: skip
_ALERT_DATES = ("expiry", "session", "open_interest_date", "confirmed_at")
_ALERT_PLAIN = ("vendor", "market", "simulated", "rule", "version", "days")
_COLUMNS = ("bid", "ask", "last", "volume", "open_interest")
_COMPUTED = ("iv", "delta", "gamma", "vega", "theta", "rho")


def summary(value: ChainSummary) -> dict[str, Any]:
    """A summary as JSON has it, with why each null is null and what the figures assume."""
    return {
        "symbol": value.underlying,
        "taken_at": instant(value.taken_at),
        "oldest_at": instant(value.oldest_at),
        **_plain(value, _SUMMARY_PLAIN), **_dates(value, _SUMMARY_DATES), **_numbers(value, _SUMMARY_NUMBERS),
        "reasons": dict(value.reasons),
        "assumptions": ASSUMPTIONS,
    }  # fmt: skip


def alert(value: Alert) -> dict[str, Any]:
    """An alert with the evidence for it: every condition, every part of its score, and what nobody knows."""
    return {
        "alert_id": value.id,
        "symbol": value.underlying,
        "contract": value.symbol,
        "type": _side(value.is_call),
        "raised_at": instant(value.raised_at),
        **_plain(value, _ALERT_PLAIN), **_dates(value, _ALERT_DATES), **_numbers(value, _ALERT_NUMBERS),
        "conditions": [_evidence(one) for one in value.conditions],
        "parts": [_evidence(one) for one in value.parts],
        "side": None,
        "side_reason": NO_SIDE,
        "earnings": None,
        "earnings_reason": NO_EARNINGS,
        "verdict": value.verdict.value,
    }  # fmt: skip


def summary_event(value: ChainSummary, now: datetime | None = None) -> Event:
    """The announcement of a new chain: its summary, kept for newcomers."""
    topic = topics.options(value.underlying)
    return Event(topic=topic, type=OPTIONS, data=summary(value), timestamp=now or datetime.now(UTC), retain=topic)


def alert_event(value: Alert, now: datetime | None = None) -> Event:
    """The announcement of an alert, which no client may miss."""
    return Event(
        topic=topics.ALERTS, type=ALERT, data=alert(value), timestamp=now or datetime.now(UTC), conflates=False
    )


def verdict_event(value: Alert, now: datetime | None = None) -> Event:
    """The announcement of what the next open interest said of an alert: the alert once more, now judged."""
    return Event(
        topic=topics.VERDICTS, type=VERDICT, data=alert(value), timestamp=now or datetime.now(UTC), conflates=False
    )


def confirmation(value: Confirmation) -> dict[str, Any]:
    """How often a rule was confirmed."""
    return _evidence(value)


def contracts(value: Analysis, rows: Iterable[int], scores: Mapping[str, float]) -> list[dict[str, Any]]:
    """Those rows of a chain, in the order given; `scores` has the unusual-activity score of a contract, by symbol."""
    mids = value.chain.mid
    return [_contract(value, row, mids[row], scores) for row in rows]


def expiries(value: Analysis) -> list[dict[str, Any]]:
    """Each expiry of each root: how many contracts it has, its forward and at-the-money volatility."""
    chain = value.chain
    counts = Counter(zip(chain.expiry.tolist(), chain.root.tolist(), strict=True))
    known = {(one.expiry, one.root): one for one in value.slices}
    return [
        {"date": key[0].isoformat(), "contracts": counts[key], **_slice(key[1], key[0], known.get(key), chain)}
        for key in sorted(counts)
    ]


def gamma(points: Iterable[GammaPoint]) -> list[dict[str, Any]]:
    """Dealer gamma by price, in dollars per 1 % move."""
    return [_evidence(one) for one in points]


def smile(value: Analysis) -> dict[str, Any]:
    """The smiles, by expiry and root, and the term structure of their at-the-money volatilities."""
    chain = value.chain
    return {
        "expiries": [
            {
                **_slice(one.root, one.expiry, one, chain), "expiry": one.expiry.isoformat(), "points": _points(one),
            }
            for one in value.slices
        ],
        "term": _term(value.slices, chain.session),
    }  # fmt: skip


def _term(slices: Sequence[Slice], session: date) -> list[dict[str, Any]]:
    """One point a date: where several roots expire on it, the one whose forward is by parity."""
    known = sorted((one for one in slices if one.atm_iv is not None), key=lambda one: (one.expiry, not one.by_parity))
    firsts = [next(same) for _, same in groupby(known, key=lambda one: one.expiry)]
    return [{"days": (one.expiry - session).days, "atm_iv": number(one.atm_iv)} for one in firsts]


def _points(value: Slice) -> list[dict[str, Any]]:
    """`moneyness` is strike / forward."""
    return [
        {
            "strike": number(strike), "iv": _cell(iv),
            "moneyness": number(strike / value.forward) if value.forward else None,
        }
        for strike, iv in zip(value.strikes.tolist(), value.ivs.tolist(), strict=True)
    ]  # fmt: skip


def _slice(root: str, expiry: date, known: Slice | None, chain: Chain) -> dict[str, Any]:
    """What is known of an expiry; of one without a smile only its name."""
    return {
        "root": root,
        "days": (expiry - chain.session).days,
        "taken_at": instant(known.taken_at if known and known.taken_at else chain.taken_at),
        "forward": number(known.forward) if known else None,
        "by_parity": known.by_parity if known else False,
        "atm_iv": number(known.atm_iv) if known else None,
    }


def _contract(value: Analysis, row: int, mid: float, scores: Mapping[str, float]) -> dict[str, Any]:
    chain = value.chain
    symbol = str(chain.symbol[row])
    dated = chain.open_interest_date
    return {
        "contract": symbol,
        "root": str(chain.root[row]),
        "expiry": str(chain.expiry[row].astype("datetime64[D]")),
        "strike": number(float(chain.strike[row])),
        "type": _side(bool(chain.is_call[row])),
        "multiplier": _cell(chain.multiplier[row]),
        **{name: _cell(getattr(chain, name)[row]) for name in _COLUMNS},
        "mid": _cell(mid),
        "open_interest_date": dated.isoformat() if dated else None,
        **{name: _cell(getattr(value, name)[row]) for name in _COMPUTED},
        "no_iv": str(value.no_iv[row]) or None,
        "unusual": number(scores.get(symbol)),
    }


def _cell(value: Any) -> float | None:
    """A cell of a column, whose NaN is an absent value."""
    plain = float(value)
    return None if plain != plain else number(plain)


def _side(is_call: bool) -> str:
    return "call" if is_call else "put"


def _evidence(value: Any) -> dict[str, Any]:
    return {name: number(one) if isinstance(one, float) else one for name, one in asdict(value).items()}


def _plain(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _numbers(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: number(getattr(value, name)) for name in names}


def _dates(value: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: day.isoformat() if (day := getattr(value, name)) else None for name in names}
