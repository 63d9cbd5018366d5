"""Option contracts and what a vendor says of them. Frozen; what is absent is `None`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


class Right(StrEnum):
    """What the holder of an option may do."""

    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionContract:
    """One listed option. `symbol` is the unpadded OCC symbol; `strike` in dollars per share; `multiplier` in shares."""

    symbol: str
    underlying: str
    expiry: date
    strike: float
    right: Right
    multiplier: int = 100

    @property
    def root(self) -> str:
        """The OCC root (SPX and SPXW are two roots of one underlying)."""
        return self.symbol[:-15]

    @property
    def adjusted(self) -> bool:
        """Whether a corporate action changed what the contract delivers: such roots end in a digit."""
        return self.root[-1:].isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionQuote:
    """What one vendor says of a contract.

    Prices per share; sizes and volume in contracts; `volume` is that of the day of `last_as_of`; open interest is the
    number at the close before `open_interest_date` (None: the vendor does not date it); `iv` as a fraction per year;
    Greeks as the vendor gave them (delta per $1, gamma per $1², vega per vol point, theta per day, rho per 1 % rate).
    `mid` only where a vendor gives the middle of bid and ask instead of the two.
    """

    contract: OptionContract
    vendor: str
    received_at: datetime
    bid: float | None = None
    ask: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    quote_as_of: datetime | None = None
    last: float | None = None
    last_as_of: datetime | None = None
    volume: float | None = None
    open_interest: float | None = None
    open_interest_date: date | None = None
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None
    underlying_price: float | None = None
    mid: float | None = None
    feed: str | None = None
    delayed_by: int | None = None
    simulated: bool = False
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionChain:
    """The contracts of one underlying that a vendor gave in one answer, and a reason for each row left out."""

    underlying: str
    vendor: str
    received_at: datetime
    quotes: tuple[OptionQuote, ...]
    left_out: tuple[str, ...] = ()

    @property
    def expiries(self) -> tuple[date, ...]:
        """The expiries in it, rising."""
        return tuple(sorted({quote.contract.expiry for quote in self.quotes}))


def contract(symbol: str, underlying: str, multiplier: int = 100) -> OptionContract:
    """The contract that an unpadded OCC symbol names: root, yymmdd, C or P, strike × 1000 in eight digits."""
    day, right, strike = symbol[-15:-9], symbol[-9], symbol[-8:]
    return OptionContract(
        symbol=symbol,
        underlying=underlying,
        expiry=datetime.strptime(day, "%y%m%d").replace(tzinfo=UTC).date(),
        strike=int(strike) / 1000,
        right={"C": Right.CALL, "P": Right.PUT}[right],
        multiplier=multiplier,
    )
