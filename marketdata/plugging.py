"""Building a source that a package brought, and looking at it before the feed relies on it."""

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from marketdata.plugins import PLUGIN
from marketdata.sources.base import (
    BookSource,
    Capability,
    NewsSource,
    OptionSource,
    Source,
    SourceError,
    StreamingSource,
)

PROTOCOLS: dict[Capability, Any] = {
    Capability.STREAM: StreamingSource,
    Capability.OPTIONS: OptionSource,
    Capability.NEWS: NewsSource,
    Capability.BOOK: BookSource,
}


class BrokenPlugin(SourceError):
    """A package brings a source that cannot be used."""

    remedy = "Install another version of the package or uninstall it; CONTRIBUTING says what a plug-in must be."


def plug(name: str, entry: Mapping[str, Any], options: Mapping[str, Any]) -> Source:
    """The source of this entry; raises BrokenPlugin and nothing else."""
    backend = entry["BACKEND"]
    if not backend:
        raise BrokenPlugin(f"no installed package brings the source {name}, and its settings name no BACKEND")
    try:
        module, _, attribute = backend.rpartition(".")
        source = getattr(import_module(module), attribute)(**options)
        fault = _fault(name, source, entry["MARKET"])
    except Exception as error:
        fault = f"{type(error).__name__}: {_without(options, str(error))}"
    if fault:
        raise BrokenPlugin(f"{entry[PLUGIN]}, {backend}: {fault}")
    built: Source = source
    return built


def knows(source: Source, symbol: str) -> bool:
    """Whether the source is sure that the symbol exists; one that fails over the question is not."""
    with suppress(Exception):
        return bool(source.knows(symbol))
    return False


def _fault(name: str, source: object, market: str) -> str:
    if not isinstance(source, Source):
        lacks = [one for one in Source.__annotations__ if not hasattr(source, one)]
        lacks += [one for one in ("quotes", "bars", "knows", "close") if not hasattr(source, one)]
        return f"not a source: no {', no '.join(lacks)}"
    if source.name != name:
        return f"calls itself {source.name!r}; its entry point is {name!r}"
    if not source.capabilities <= set(Capability):
        return f"its capabilities are none of {', '.join(Capability)}"
    if source.simulated != (market == "simulated"):
        return f"simulated is {source.simulated} in the {market} market"
    offered = {one: protocol for one, protocol in PROTOCOLS.items() if one in source.capabilities}
    lacking = [one for one, protocol in offered.items() if not isinstance(source, protocol)]
    return f"offers {', '.join(lacking)} without the methods for it" if lacking else ""


def _without(options: Mapping[str, Any], text: str) -> str:
    """A vendor's library may put the key into its message."""
    for value in options.values():
        text = text.replace(str(value), "…") if str(value) else text
    return text
