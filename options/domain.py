"""The values of the options floor. Frozen; what is absent is `None`, in a column of numbers NaN (dates: NaT)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """All contracts of one underlying that a vendor gave for one moment, as columns of equal length n.

    `taken_at` is the moment the quotes hold for (UTC), `session` the trading date they belong to; `spot` in dollars,
    known at `spot_as_of`. Prices per share; `volume` in contracts, of this session only (an older day's is 0, one that
    nobody gave NaN); `open_interest` in contracts, as of the close of `open_interest_date` (None: undated);
    `vendor_iv` as a fraction per year. `symbol` holds OCC symbols, `root` their roots, `expiry` datetime64[D].
    """

    underlying: str
    vendor: str
    market: str
    taken_at: datetime
    session: date
    spot: float | None
    spot_as_of: datetime | None
    symbol: NDArray[np.str_]
    root: NDArray[np.str_]
    expiry: NDArray[np.datetime64]
    strike: Floats
    is_call: NDArray[np.bool_]
    multiplier: Floats
    bid: Floats
    ask: Floats
    last: Floats
    volume: Floats
    open_interest: Floats
    vendor_iv: Floats
    vendor_delta: Floats
    vendor_gamma: Floats
    open_interest_date: date | None = None
    delayed_by: int | None = None
    simulated: bool = False
    left_out: tuple[str, ...] = ()
    """A reason for each row of the vendor's answer that is not here."""
    given_mid: Floats | None = None
    """The middle of bid and ask of a vendor that gives it instead of the two; None: it gives the two."""

    def __len__(self) -> int:
        return len(self.symbol)

    @property
    def mid(self) -> Floats:
        """The middle of a two-sided quote that is not crossed, else the vendor's own middle, else NaN."""
        with np.errstate(invalid="ignore"):
            quoted = (self.bid > 0) & (self.ask >= self.bid)
        given = np.full(len(self), np.nan) if self.given_mid is None else self.given_mid
        return np.where(quoted, (self.bid + self.ask) / 2, given)


class NoIV(StrEnum):
    """Why a contract has no implied volatility of its own or from its expiry's smile."""

    NONE = ""
    EXPIRED = "expired"
    NO_QUOTE = "no quote"
    NO_BID = "no bid"
    CROSSED = "crossed"
    WIDE = "wide"
    BELOW_INTRINSIC = "below intrinsic"
    ABOVE_BOUND = "above bound"
    NO_FORWARD = "no forward"
    OUTSIDE_SMILE = "outside the quoted strikes"
    ADJUSTED = "adjusted contract"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """One expiry of one root: its forward and its smile of out-of-the-money implied volatilities.

    `years` to expiry (days / 365, at least an hour); `forward` in dollars; `by_parity` is false where the forward was
    S·e^{(r−q)T} for want of two-sided quotes; `strikes` (rising) and `ivs` (fractions) are the points of the smile.
    """

    root: str
    expiry: date
    years: float
    rate: float
    forward: float | None
    by_parity: bool
    strikes: Floats
    ivs: Floats
    atm_iv: float | None
    taken_at: datetime | None = None
    """When its contracts were told; None: with the rest of the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSummary:
    """What a chain says in a few numbers; each that cannot be told is None and `reasons` says why (by field name).

    Volatilities as fractions per year, `gex` in dollars per 1 % move of the underlying (dealers long calls and short
    puts: an assumption), ranks and percentiles 0 to 100, `expected_move` one standard deviation in dollars to
    `expected_move_expiry`, `straddle` the price of the at-the-money straddle of that expiry.
    """

    underlying: str
    vendor: str
    market: str
    taken_at: datetime
    session: date
    spot: float | None
    simulated: bool = False
    delayed_by: int | None = None
    contracts: int = 0
    expiries: int = 0
    call_volume: float | None = None
    put_volume: float | None = None
    call_oi: float | None = None
    put_oi: float | None = None
    open_interest_date: date | None = None
    forward: float | None = None
    forward_expiry: date | None = None
    max_pain: float | None = None
    max_pain_expiry: date | None = None
    gex: float | None = None
    zero_gamma: float | None = None
    put_call_volume: float | None = None
    put_call_oi: float | None = None
    put_call_premium: float | None = None
    iv30: float | None = None
    iv_rank: float | None = None
    iv_percentile: float | None = None
    iv_sessions: int = 0
    """Own sessions with an iv30 in the last 252, today's not counted."""
    skew_25d: float | None = None
    skew_25d_relative: float | None = None
    term_slope: float | None = None
    term_ratio: float | None = None
    """iv30 / iv7."""
    expected_move: float | None = None
    expected_move_expiry: date | None = None
    straddle: float | None = None
    oldest_at: datetime | None = None
    """When the oldest part of the chain was told, where that was before `taken_at`: far expiries come by turns."""
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """A chain with what was computed from it; the columns stand beside the chain's own (n, NaN where there is none).

    `iv` is from the expiry's smile, the same for calls and puts of a strike; Greeks are Black-Scholes on the forward:
    delta per $1, gamma per $1², vega per volatility point, theta per calendar day, rho per 1 % of rate.
    """

    chain: Chain
    slices: tuple[Slice, ...]
    iv: Floats
    no_iv: NDArray[np.str_]
    """`NoIV` values; empty where there is an iv."""
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats
    summary: ChainSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPoint:
    """Dealer gamma in dollars per 1 % move: of the contracts of one strike, or of all at another spot."""

    price: float
    calls: float
    puts: float
    net: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a rule, as it was found: `value` (None: not known) `comparison` `threshold`."""

    name: str
    value: float | None
    comparison: str
    threshold: float
    held: bool
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One summand of the 0–100 score: `weight` × `share` (0 to 1), from `value`."""

    name: str
    value: float | None
    share: float
    weight: float


class Verdict(StrEnum):
    """What the next session's open interest says of an alert."""

    PENDING = "pending"
    OPENED = "opened"
    CLOSED = "closed"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One contract whose trading in one session is worth a look; nobody knows who bought and who sold.

    `id` is made of contract, session and rule, so that the same finding has it again. `expected_volume` is what the
    score compares with; `premium` in dollars; `change` the next session's open interest less `open_interest`.
    """

    id: str
    market: str
    vendor: str
    underlying: str
    symbol: str
    expiry: date
    strike: float
    is_call: bool
    session: date
    raised_at: datetime
    rule: str
    version: int
    score: float
    volume: float
    open_interest: float | None
    open_interest_date: date | None
    expected_volume: float | None
    price: float
    premium: float
    spot: float | None
    iv: float | None
    delta: float | None
    days: int
    conditions: tuple[Condition, ...]
    parts: tuple[Part, ...] = ()
    simulated: bool = False
    verdict: Verdict = Verdict.PENDING
    next_open_interest: float | None = None
    change: float | None = None
    confirmed_at: date | None = None
    best: float | None = None
    """The contract's largest gain in mid price since the alert, as a fraction of `price` (None: not seen again)."""
    worst: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """How often the next day's open interest confirmed the alerts of a rule: a share with its Wilson interval."""

    rule: str
    version: int
    alerts: int
    opened: int
    closed: int
    unclear: int
    pending: int
    share: float | None
    low: float | None
    high: float | None
