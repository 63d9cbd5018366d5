"""What a client may say: a frame's text becomes commands or problems, and nothing else ever comes out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from marketdata.live import topics
from marketdata.live.problems import Id, Problem
from marketdata.symbols import InvalidSymbol, canonical

MAX_TEXT = 64
MAX_TOKEN = 8192
MAX_MESSAGES_IN_FRAME = 100
CHANNELS = {
    topics.MARKET: topics.market,
    topics.BARS: topics.bars,
    topics.OPTIONS: topics.options,
    topics.SIGNALS: None,
    topics.ALERTS: None,
    topics.OUTCOMES: None,
    topics.VERDICTS: None,
}
ACTIONS = frozenset({"agent_status"})


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Be told of these topics from now on; `resume` has the last number of a topic that the client knows."""

    symbols: dict[str, str | None]
    """topic -> its symbol (None: the topic has none)"""
    refused: tuple[Problem, ...] = ()
    resume: dict[str, int] = field(default_factory=dict)
    epoch: str | None = None
    id: Id = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Be told no more of these topics."""

    topics: tuple[str, ...]
    id: Id = None


@dataclass(frozen=True, slots=True)
class Request:
    """Ask for something once."""

    action: str
    id: Id = None


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life; `t` comes back in the answer."""

    t: float | str | None = None
    id: Id = None


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Say who one is by a JWT access token."""

    token: str
    id: Id = None


Command = Subscribe | Unsubscribe | Request | Ping | Authenticate


def parse(text: str | bytes, largest: int) -> list[Command | Problem]:
    """The commands in a frame, in order; a problem in the place of each message that is none."""
    size = len(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    if size > largest:
        return [Problem("too_large", f"A frame may have {largest} bytes; this one has {size}.")]
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return [Problem("malformed_json", 'This is not JSON. Write {"type": "…", "data": {…}}.')]
    if not isinstance(said, list):
        return [_one(said)]
    if not 1 <= len(said) <= MAX_MESSAGES_IN_FRAME:
        return [Problem("invalid_message", f"An array has 1 to {MAX_MESSAGES_IN_FRAME} messages.")]
    return [_one(message) for message in said]


def _one(said: Any) -> Command | Problem:
    if not isinstance(said, dict):
        return Problem("not_an_object", 'A message is an object: {"type": "…", "data": {…}}.')
    id_ = said.get("id")
    if not _is_id(id_):
        return Problem("invalid_message", f"`id` is a whole number or a text of at most {MAX_TEXT} characters.")
    try:
        return _command(said, id_)
    except _Refused as refused:
        return refused.problem


def _command(said: dict[str, Any], id_: Id) -> Command:
    data = said.get("data")
    match said.get("type"):
        case "subscribe":
            return _subscribe(_object(data, id_), id_)
        case "unsubscribe":
            symbols, _ = _topics(_object(data, id_), id_)
            return Unsubscribe(tuple(symbols), id_)
        case "request":
            return _request(_object(data, id_), id_)
        case "ping" | "heartbeat":
            return _ping(said, id_)
        case "authenticate":
            return _authenticate(data if isinstance(data, dict) else said, id_)
    raise _Refused("unknown_type", "`type` is subscribe, unsubscribe, request, ping, heartbeat or authenticate.", id_)


def _subscribe(data: dict[str, Any], id_: Id) -> Subscribe:
    symbols, refused = _topics(data, id_)
    resume, epoch = data.get("resume"), data.get("epoch")
    if resume is not None and not _is_resume(resume):
        raise _Refused("invalid_message", '`resume` maps topics to numbers, e.g. {"signals": 17}.', id_)
    if epoch is not None and not (isinstance(epoch, str) and len(epoch) <= MAX_TEXT):
        raise _Refused("invalid_message", "`epoch` is the text that stood beside the `seq`.", id_)
    return Subscribe(symbols, refused, resume or {}, epoch, id_)


def _topics(data: dict[str, Any], id_: Id) -> tuple[dict[str, str | None], tuple[Problem, ...]]:
    channel = data.get("channel")
    if not isinstance(channel, str) or channel not in CHANNELS:
        raise _Refused("unknown_channel", f"`channel` is one of {', '.join(CHANNELS)}.", id_)
    name = CHANNELS[channel]
    if name is None:
        return {channel: None}, ()
    found: dict[str, str | None] = {}
    refused = []
    for text in _symbols(data, id_):
        try:
            symbol = canonical(text)
        except InvalidSymbol as error:
            refused.append(Problem("invalid_symbol", str(error), id=id_, symbol=str(text)[:MAX_TEXT]))
        else:
            found[name(symbol)] = symbol
    return found, tuple(refused)


def _symbols(data: dict[str, Any], id_: Id) -> Iterator[Any]:
    many = data.get("symbols", [])
    if not isinstance(many, list) or ("symbol" not in data and not many):
        raise _Refused("invalid_message", 'Name a symbol: "symbol": "AAPL", or "symbols": ["AAPL", "MSFT"].', id_)
    if "symbol" in data:
        yield data["symbol"]
    yield from many


def _request(data: dict[str, Any], id_: Id) -> Request:
    action = data.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise _Refused("unknown_action", f"`action` is {', '.join(sorted(ACTIONS))}.", id_)
    return Request(action, id_)


def _ping(said: dict[str, Any], id_: Id) -> Ping:
    t = said.get("t")
    number = isinstance(t, int | float) and not isinstance(t, bool)
    if not (t is None or number or (isinstance(t, str) and len(t) <= MAX_TEXT)):
        raise _Refused("invalid_message", "`t` is a number or a short text.", id_)
    return Ping(t, id_)


def _authenticate(data: dict[str, Any], id_: Id) -> Authenticate:
    token = data.get("token")
    if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN:
        raise _Refused("invalid_message", '`data` has the access token: {"token": "…"}.', id_)
    return Authenticate(token, id_)


def _object(data: Any, id_: Id) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _Refused("invalid_message", "`data` is an object.", id_)
    return data


def _is_id(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= MAX_TEXT) or type(value) is int


def _is_resume(value: Any) -> bool:
    return isinstance(value, dict) and all(type(seq) is int and 0 <= seq < 2**53 for seq in value.values())


class _Refused(Exception):
    def __init__(self, code: str, title: str, id_: Id) -> None:
        self.problem = Problem(code, title, id=id_)
