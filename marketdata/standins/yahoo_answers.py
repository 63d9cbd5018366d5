"""Refusals of the Yahoo stand-in, in Yahoo's words."""

import json

from marketdata.standins import yahoo_payloads
from marketdata.standins.proxy import Response


def out_of_reach(interval: str, start: float, end: float, now: float) -> Response | None:
    """Yahoo's refusal of too long or too old a range of intraday bars."""
    if interval == "1d":
        return None
    what = f"{interval} data not available for startTime={start:.0f} and endTime={end:.0f}."
    if end - start > yahoo_payloads.LONGEST.get(interval, end):
        return no_chart(422, "Unprocessable Entity", f"{what} Only 8 days worth may be fetched per request.")
    if start < now - yahoo_payloads.KEPT.get(interval, yahoo_payloads.KEPT_ELSE):
        return no_chart(422, "Unprocessable Entity", f"{what} The requested range must be within the last 30 days.")
    return None


def no_chart(status: int, code: str, description: str) -> Response:
    """A chart that Yahoo does not give, with its reason."""
    return as_json(status, {"chart": {"result": None, "error": {"code": code, "description": description}}})


def unauthorized(description: str) -> dict[str, str]:
    """Yahoo's words for a missing or wrong cookie or crumb."""
    return {"code": "Unauthorized", "description": description}


def as_json(status: int, body: object) -> Response:
    """A body as Yahoo sends it."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json;charset=utf-8"})
