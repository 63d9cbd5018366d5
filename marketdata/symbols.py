"""Canonical symbols and each vendor's spelling.

Canonical: upper case; class shares with a dot (BRK.B); indices `^` + root; crypto and currencies BASE-QUOTE; listings
outside the US with Yahoo's suffix (OCDO.L); options as unpadded OCC symbols.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class InvalidSymbol(ValueError):
    """The text cannot be a symbol."""

    def __init__(self, text: object) -> None:
        shown = str(text)[:32]
        super().__init__(f"{shown!r} is not a symbol. Write it like AAPL, BRK.B, ^GSPC, BTC-USD or EUR-USD.")


class Kind(StrEnum):
    """What kind of instrument a symbol names."""

    SHARE = "share"
    FOREIGN = "foreign share"
    INDEX = "index"
    OPTION = "option"
    CRYPTO = "crypto"
    CURRENCY = "currency"
    FUTURE = "future"


OPTION = re.compile(r"[A-Z]{1,5}[0-9]?[0-9]{6}[CP][0-9]{8}")
PATTERN = re.compile(
    r"\^[A-Z0-9]{1,10}"
    r"|[A-Z]{1,5}[0-9]?[0-9]{6}[CP][0-9]{8}"
    r"|[A-Z0-9]{2,10}-[A-Z]{3,5}"
    r"|[A-Z0-9]{1,6}=F"
    r"|[A-Z0-9]{1,6}(\.PR)?(\.[A-Z]{1,4})?"
    r"|[A-Z0-9&]{1,12}(-[A-Z])?\.[A-Z]{1,4}"
)
CURRENCIES = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNH",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "JPY",
        "KRW",
        "MXN",
        "MYR",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "RON",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "TWD",
        "USD",
        "ZAR",
    ]
)
# One-letter suffixes that name an exchange (London, Frankfurt, Tokyo, Toronto Venture), not a class of shares.
EXCHANGES = frozenset("LFTV")


def canonical(text: object) -> str:
    """The canonical spelling of what somebody typed; raises InvalidSymbol."""
    if not isinstance(text, str) or len(text) > 32:
        raise InvalidSymbol(text)
    symbol = text.strip().upper()
    symbol = re.sub(r"^([A-Z]{1,5})[- ]([A-Z])$", r"\1.\2", symbol)
    symbol = re.sub(r"^([A-Z]{3})([A-Z]{3})=X$", r"\1-\2", symbol)
    symbol = re.sub(r"^([A-Z]{1,5}) +([0-9]{6}[CP][0-9]{8})$", r"\1\2", symbol)
    if not symbol.isascii() or not PATTERN.fullmatch(symbol):
        raise InvalidSymbol(text)
    return symbol


def kind(symbol: str) -> Kind:
    """The kind of a canonical symbol, told by its form."""
    if symbol.startswith("^"):
        return Kind.INDEX
    if OPTION.fullmatch(symbol):
        return Kind.OPTION
    if symbol.endswith("=F"):
        return Kind.FUTURE
    if "-" in symbol and "." not in symbol:
        base, quote = symbol.split("-")
        return Kind.CURRENCY if {base, quote} <= CURRENCIES else Kind.CRYPTO
    _, _, suffix = symbol.rpartition(".")
    foreign = "." in symbol and ".PR" not in symbol and (len(suffix) > 1 or suffix in EXCHANGES or "-" in symbol)
    return Kind.FOREIGN if foreign else Kind.SHARE


def yahoo(symbol: str) -> str:
    """Yahoo's spelling: BRK.B -> BRK-B, BAC.PR.L -> BAC-PL, EUR-USD -> EURUSD=X; all else as it is."""
    match kind(symbol):
        case Kind.CURRENCY:
            return symbol.replace("-", "") + "=X"
        case Kind.SHARE:
            return symbol.replace(".PR.", "-P").replace(".PR", "-P").replace(".", "-")
    return symbol


def from_yahoo(spelling: str) -> str:
    """The canonical symbol of Yahoo's spelling (for answers to a request, map back by the request instead)."""
    if match := re.fullmatch(r"([A-Z]{1,5})-P([A-Z]?)", spelling):
        return f"{match[1]}.PR" + (f".{match[2]}" if match[2] else "")
    return canonical(spelling)


POLYGON_INDICES = {"^GSPC": "I:SPX", "^IXIC": "I:COMP"}
"""Where Polygon's root is not Yahoo's."""


def polygon(symbol: str) -> str | None:
    """Polygon's spelling: ^GSPC -> I:SPX, BTC-USD -> X:BTCUSD, BAC.PR.L -> BACpL; None for kinds that it lacks."""
    match kind(symbol):
        case Kind.SHARE:
            return re.sub(r"\.PR(\.|$)", "p", symbol)
        case Kind.INDEX:
            return POLYGON_INDICES.get(symbol, f"I:{symbol[1:]}")
        case Kind.OPTION:
            return f"O:{symbol}"
        case Kind.CRYPTO:
            return "X:" + symbol.replace("-", "")
        case Kind.CURRENCY:
            return "C:" + symbol.replace("-", "")
    return None


def from_polygon(spelling: str) -> str:
    """The canonical symbol of Polygon's spelling (for answers to a request, map back by the request instead)."""
    if match := re.fullmatch(r"[XC]:([A-Z0-9]{2,10}?)(USDT|USDC|[A-Z]{3})", spelling):
        return canonical(f"{match[1]}-{match[2]}")
    if match := re.fullmatch(r"([A-Z0-9]{1,6})p([A-Z]{0,4})", spelling):
        return f"{match[1]}.PR" + (f".{match[2]}" if match[2] else "")
    if spelling.startswith("I:"):
        known = {theirs: ours for ours, theirs in POLYGON_INDICES.items()}
        return known.get(spelling) or canonical("^" + spelling.removeprefix("I:"))
    return canonical(spelling.removeprefix("O:"))


def alpaca(symbol: str) -> str | None:
    """Alpaca's spelling: BTC-USD -> BTC/USD, BAC.PR.L -> BAC.PRL; None for kinds that it lacks."""
    match kind(symbol):
        case Kind.SHARE:
            return symbol.replace(".PR.", ".PR")
        case Kind.OPTION:
            return symbol
        case Kind.CRYPTO:
            return symbol.replace("-", "/")
    return None


def from_alpaca(spelling: str) -> str:
    """The canonical symbol of Alpaca's spelling (for answers to a request, map back by the request instead)."""
    if match := re.fullmatch(r"([A-Z0-9]{1,6})\.PR([A-Z]{1,4})", spelling):
        return f"{match[1]}.PR.{match[2]}"
    # Its news name pairs without the slash; no share's ticker is that long.
    if match := re.fullmatch(r"([A-Z0-9]{3,10}?)(USD[TC]?)", spelling):
        return f"{match[1]}-{match[2]}"
    return canonical(spelling.replace("/", "-"))


def binance(symbol: str) -> str | None:
    """Binance's pair, as ccxt spells it: BTC-USD -> BTC/USDT (it trades no dollars); None for kinds that it lacks."""
    if kind(symbol) is not Kind.CRYPTO:
        return None
    base, _, quote = symbol.partition("-")
    return f"{base}/{'USDT' if quote == 'USD' else quote}"


def from_binance(spelling: str) -> str:
    """The canonical symbol of Binance's pair (for answers to a request, map back by the request instead)."""
    return canonical(spelling.replace("/", "-"))


class IbName(NamedTuple):
    """How Interactive Brokers names an instrument: kind, symbol (an option: its local symbol), exchange, currency."""

    kind: str
    symbol: str
    exchange: str
    currency: str


IB_INDICES = {
    "^GSPC": ("SPX", "CBOE"), "^VIX": ("VIX", "CBOE"), "^OEX": ("OEX", "CBOE"), "^NDX": ("NDX", "NASDAQ"),
    "^IXIC": ("COMP", "NASDAQ"), "^DJI": ("INDU", "CME"), "^RUT": ("RUT", "RUSSELL"),
}  # fmt: skip
"""Root and exchange; the exchange of any other index is left for Interactive Brokers to tell."""
IB_EXCHANGES = {
    "L": ("LSE", "GBP"), "DE": ("IBIS", "EUR"), "F": ("FWB", "EUR"), "PA": ("SBF", "EUR"), "AS": ("AEB", "EUR"),
    "MI": ("BVME", "EUR"), "MC": ("BM", "EUR"), "BR": ("ENEXT.BE", "EUR"), "SW": ("EBS", "CHF"), "ST": ("SFB", "SEK"),
    "TO": ("TSE", "CAD"), "V": ("VENTURE", "CAD"), "HK": ("SEHK", "HKD"), "T": ("TSEJ", "JPY"), "AX": ("ASX", "AUD"),
}  # fmt: skip
"""Yahoo's suffix -> exchange and currency."""


def ib(symbol: str) -> IbName | None:
    """Interactive Brokers' name: BRK.B -> STK "BRK B", ^GSPC -> IND SPX at CBOE; None for what cannot be named."""
    match kind(symbol):
        case Kind.SHARE:
            return IbName("STK", re.sub(r"\.PR\.", " PR", symbol).replace(".", " "), "SMART", "USD")
        case Kind.INDEX:
            return IbName("IND", *IB_INDICES.get(symbol, (symbol[1:], "")), "USD")
        case Kind.OPTION:
            return IbName("OPT", symbol[:-15].ljust(6) + symbol[-15:], "SMART", "USD")
        case Kind.CRYPTO | Kind.CURRENCY as pair:
            base, _, quote = symbol.partition("-")
            return (
                IbName("CRYPTO", base, "PAXOS", quote)
                if pair is Kind.CRYPTO
                else IbName("CASH", base, "IDEALPRO", quote)
            )
        case Kind.FOREIGN:
            root, _, suffix = symbol.rpartition(".")
            if suffix not in IB_EXCHANGES or not root.isalnum() or (suffix == "HK" and len(root) != 4):
                return None
            return IbName("STK", root.lstrip("0") if suffix == "HK" else root, *IB_EXCHANGES[suffix])
    return None


def from_ib(name: IbName) -> str:
    """The canonical symbol of Interactive Brokers' name (for answers to a request, map back by the request instead)."""
    match name.kind:
        case "OPT":
            return canonical(name.symbol.replace(" ", ""))
        case "CASH" | "CRYPTO":
            return canonical(f"{name.symbol}-{name.currency}")
        case "IND":
            known = {theirs: ours for ours, (theirs, _) in IB_INDICES.items()}
            return known.get(name.symbol) or canonical("^" + name.symbol)
    for suffix, place in IB_EXCHANGES.items():
        if place == (name.exchange, name.currency):
            return canonical(f"{name.symbol.zfill(4) if suffix == 'HK' else name.symbol}.{suffix}")
    return canonical(re.sub(r" PR([A-Z]{1,4})$", r".PR.\1", name.symbol).replace(" ", "."))
