"""Every error of the API as a problem document (RFC 9457): what happened, and what can be done about it."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import redis
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from rest_framework import exceptions

from marketdata.periods import Impossible
from marketdata.sources import base
from marketdata.symbols import InvalidSymbol

MEDIA_TYPE = "application/problem+json"
PATHS = ("/api/", "/health", "/livez", "/readyz", "/metrics")
"""Where an error is answered to a program, not to a person."""
RETRY = 5
"""Seconds after which to ask again when a server of ours is away."""

_SOURCE_STATUS: tuple[tuple[type[base.SourceError], int], ...] = (
    (base.UnknownSymbol, 404),
    (base.NoData, 404),
    (base.Unsupported, 404),
    (base.BadPayload, 502),
    (base.SourceError, 503),
)
_SAID = {
    400: "The request cannot be understood.",
    401: "This takes an account: POST /api/v1/token gives a token, for the header Authorization: Bearer.",
    403: "This is not allowed to you.",
    404: "There is nothing at this address. The addresses of the API are at /api/docs/.",
    405: "This address does not offer this method; the Allow header names those it does.",
    500: "The fault is ours; the log of the web process has the details.",
}


def problem(status: int, detail: str, code: str = "", **more: Any) -> JsonResponse:
    """A problem document; `code` names a kind of our own, without one the HTTP status says all."""
    kind = f"urn:goldensignals:problem:{code}" if code else "about:blank"
    title = code.replace("-", " ").capitalize() if code else HTTPStatus(status).phrase
    body = {"type": kind, "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler; None leaves a real fault to Django, which logs it."""
    match error:
        case InvalidSymbol():
            return problem(400, str(error), "invalid-symbol")
        case Impossible():
            return problem(400, str(error), error.code, allowed=list(error.allowed))
        case base.SourceError():
            return _source_problem(error)
        case redis.RedisError() | OperationalError() | InterfaceError():
            return _unavailable(error)
        case Http404():
            return problem(404, _SAID[404])
        case PermissionDenied():
            return problem(403, str(error) or _SAID[403])
        case exceptions.APIException():
            return _api_problem(error)
    return None


def as_problems(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what Django itself answers with a page becomes a problem where a program asked."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        status = response.status_code
        if status < 400 or not request.path.startswith(PATHS) or "json" in response.headers.get("Content-Type", ""):
            return response
        answer = problem(status, _SAID.get(status, HTTPStatus(status).description))
        if "Allow" in response.headers:
            answer.headers["Allow"] = response.headers["Allow"]
        return answer

    return middleware


def _source_problem(error: base.SourceError) -> HttpResponse:
    status = next(status for kind, status in _SOURCE_STATUS if isinstance(error, kind))
    answer = problem(status, f"{error}. {error.remedy}", _kebab(type(error).__name__))
    if status == 503 or isinstance(error, base.NoData):
        wait = error.retry_after if isinstance(error, base.RateLimited) else RETRY
        answer.headers["Retry-After"] = str(math.ceil(wait))
    return answer


def _unavailable(error: Exception) -> HttpResponse:
    # Never the message: it may name hosts and users.
    server = "Redis" if isinstance(error, redis.RedisError) else "The database"
    answer = problem(503, f"{server} does not answer. See /health; ask again in {RETRY} s.", "server-away")
    answer.headers["Retry-After"] = str(RETRY)
    return answer


def _api_problem(error: exceptions.APIException) -> HttpResponse:
    if isinstance(error, exceptions.ValidationError):
        answer = problem(400, "A field is missing or wrong.", "invalid-input", errors=error.detail)
    elif isinstance(error, exceptions.NotAuthenticated):
        answer = problem(error.status_code, _SAID[401])
    else:
        detail = error.detail.get("detail", "") if isinstance(error.detail, dict) else error.detail
        answer = problem(error.status_code, str(detail))
    if header := getattr(error, "auth_header", None):
        answer.headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled):
        answer.headers["Retry-After"] = str(math.ceil(error.wait or 1))
    return answer


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
