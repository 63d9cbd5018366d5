"""What can be wrong with Alpaca, and the answers of a broken server."""

import json
from enum import StrEnum

from marketdata.standins.proxy import Response


class Fault(StrEnum):
    """What can be wrong with Alpaca; `slow` waits for `delay` seconds, those after `reset` concern the stream only."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_ENTITLED = "not_entitled"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    DRIP = "drip"
    GARBAGE = "garbage"
    HTML = "html"
    EMPTY_OBJECT = "empty_object"
    EMPTY_BODY = "empty_body"
    CIRCLE = "circle"
    RESET = "reset"
    MUTE = "mute"
    SILENT = "silent"
    CLEAN_CLOSE = "clean_close"
    SLOT_TAKEN = "slot_taken"
    HANDSHAKE_LIMITED = "handshake_limited"
    NOISE = "noise"


def broken(fault: Fault | None, delay: float) -> Response | None:
    """The answer to every request while something is wrong; None where the request is answered as usual."""
    found = {
        Fault.SERVER_ERROR: Response(502, b"<html><body>Bad Gateway</body></html>"),
        Fault.SLOW: Response(200, b"{}", delay=delay),
        Fault.GARBAGE: Response(200, b'\xff\xfe{"AAPL":{"latest'),
        Fault.HTML: Response(200, b"<!DOCTYPE html><html><body>Be right back</body></html>"),
        Fault.EMPTY_OBJECT: as_json(200, {}),
        Fault.EMPTY_BODY: Response(200, b""),
        Fault.CIRCLE: as_json(200, {"bars": {}, "next_page_token": "again"}),
        Fault.RESET: Response(drop=True),
    }
    return found.get(fault) if fault else None


def as_json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    """An answer of JSON."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
