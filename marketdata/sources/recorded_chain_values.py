"""One recorded chain, and how lines become its quotes: each alone, so that a bad one loses nobody else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from marketdata.chains import OptionChain, OptionQuote
from marketdata.sources.recorded_chain_table import BadRow, Line, Rejects


@dataclass(frozen=True, slots=True)
class RecordedChain:
    """The chain of one session: when its quotes held, and the underlying's price with the time that it is of.

    `spot_as_of` may be later than `taken_at`: a file written in the evening has the evening's price of the underlying
    beside the options' quotes of the close.
    """

    chain: OptionChain
    session: date
    taken_at: datetime
    spot: float | None
    spot_as_of: datetime | None


def of_rows(
    rows: Iterable[Line], make: Callable[[Line], OptionQuote], rejects: Rejects, day: str
) -> tuple[OptionQuote, ...]:
    """The quotes of all lines that can be read, each contract once; the others are noted with their reason."""
    found: dict[str, OptionQuote] = {}
    for line in rows:
        try:
            quote = make(line)
            if quote.contract.symbol in found:
                raise BadRow(f"a second line for {quote.contract.symbol}")
        except BadRow as error:
            rejects.add(line, error, day)
            continue
        found[quote.contract.symbol] = quote
    return tuple(found.values())
