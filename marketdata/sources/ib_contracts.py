"""Which instrument of Interactive Brokers' a symbol is: its answers to a question for contract details. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketdata.sources.base import UnknownSymbol
from marketdata.symbols import IbName


@dataclass(frozen=True, slots=True)
class Instrument:
    """A contract of the library with its number, and by how much its prices exceed those in its currency."""

    symbol: str
    contract: Any
    magnifier: int = 1

    @property
    def currency(self) -> str:
        """ISO 4217."""
        return str(getattr(self.contract, "currency", "") or "")


def fields(name: IbName) -> dict[str, str]:
    """What to ask for: options go by their local symbol."""
    key = "localSymbol" if name.kind == "OPT" else "symbol"
    return {"secType": name.kind, key: name.symbol, "exchange": name.exchange, "currency": name.currency}


def chosen(symbol: str, name: IbName, details: Sequence[Any]) -> Instrument:
    """The one of the contracts that was asked for; raises UnknownSymbol where none is."""
    found = [one for one in details if _fits(getattr(one, "contract", None), name)]
    exact = [one for one in found if name.exchange in ("", one.contract.exchange)]
    for one in exact or found:
        magnifier = getattr(one, "priceMagnifier", 1)
        if name.exchange == "SMART":
            one.contract.exchange = "SMART"
        return Instrument(symbol, one.contract, magnifier if isinstance(magnifier, int) and magnifier > 0 else 1)
    raise UnknownSymbol(f"Interactive Brokers does not know {symbol}")


def _fits(contract: Any, name: IbName) -> bool:
    if not getattr(contract, "conId", 0) or contract.secType != name.kind:
        return False
    ours = contract.localSymbol if name.kind == "OPT" else contract.symbol
    return bool(ours == name.symbol and contract.currency == name.currency)
