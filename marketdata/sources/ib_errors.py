"""Interactive Brokers' message codes -> errors of our tree. Pure. Its texts are not repeated: they name accounts."""

from marketdata.sources.base import (
    BadPayload,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)

PAUSE = 60.0
TAKEN = 326
DELAYED = frozenset({10167})
LOST = frozenset({1100, 1300, 2110})
RESTORED_EMPTY = 1101
"""The way to the exchanges is back, and every subscription is gone."""
RESTORED = frozenset({1101, 1102})
FARM_DOWN, FARM_UP = frozenset({2103, 2105}), frozenset({2104, 2106})
NOT_SUBSCRIBED = frozenset({354, 10089, 10090, 10092, 10168, 10186})
GONE = frozenset({502, 504, 1100, 1300, 2110})


def named(code: int, text: str) -> SourceError | None:
    """The error for a message about one request; None for what is only news (2104, 10167, 300, 366 and their like)."""
    if code in NOT_SUBSCRIBED:
        return NotEntitled(f"the account at Interactive Brokers is not subscribed to this ({code})")
    if code in GONE:
        return Unavailable(f"TWS has lost its connection ({code})")
    match code:
        case 200:
            return UnknownSymbol("Interactive Brokers does not know this contract (200)")
        case 162:
            return history(text)
        case 100:
            return RateLimited("Interactive Brokers asks for fewer messages (100)", PAUSE)
        case 101:
            return RateLimited("all market data lines of the account are in use (101)", PAUSE)
        case 309:
            return RateLimited("all order books of the account are in use (309)", PAUSE)
        case 10197:
            return Unavailable("another session of this account receives the market data (10197)")
        case 326:
            return Unavailable("this client id is in use at TWS (326): choose another IB_CLIENT_ID")
        case 10091 | 10190 | 2152:
            return None
        case 316 | 317:
            return Unavailable(f"the order book was reset ({code})")
        case 321 | 320 | 322 | 503:
            return BadPayload(f"TWS refused the request ({code})")
    return None


def history(text: str) -> SourceError:
    """What a 162 means is in its text only."""
    said = text.lower()
    if "no data" in said:
        return NoData("Interactive Brokers has no data for this time (162)")
    if "pacing" in said:
        return RateLimited("Interactive Brokers asks for fewer requests of bars (162)", PAUSE)
    if "permission" in said or "subscri" in said:
        return NotEntitled("the account at Interactive Brokers has no permission for these bars (162)")
    if "cancelled" in said:
        return VendorTimeout("TWS ended the request of bars (162)")
    if "connect" in said:
        return Unavailable("Interactive Brokers' servers of bars cannot be reached (162)")
    if "not supported" in said or "invalid" in said:
        return Unsupported("Interactive Brokers has no such bars (162)")
    return BadPayload("Interactive Brokers answered with an error (162)")


def raised(error: BaseException) -> SourceError:
    """The error of our tree for whatever a call to the library raised."""
    if isinstance(error, SourceError):
        return error
    code = getattr(error, "code", None)
    if isinstance(code, int) and not isinstance(error, OSError):
        text = str(getattr(error, "message", ""))
        return named(code, text) or BadPayload(f"TWS refused the request ({code})")
    if isinstance(error, TimeoutError):
        return VendorTimeout("TWS did not answer in time")
    if isinstance(error, OSError):
        return Unavailable(f"TWS cannot be reached ({type(error).__name__})")
    return BadPayload(f"TWS answered what it never promised ({type(error).__name__})")
