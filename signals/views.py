"""The doors to signals, to why they are what they are, and to how they did."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from marketdata.answers import conditional
from marketdata.views import PROBLEMS, Public
from options.views import linked
from signals import answers, reading, store, whatif
from signals import serializers as shape
from signals.domain import Action, Lean, Signal

MORE: Any = {304: OpenApiResponse(description="The If-None-Match of the request still holds."), **PROBLEMS}
ID = OpenApiParameter("signal", UUID, OpenApiParameter.PATH, description="A signal_id.")
HORIZON = OpenApiParameter("horizon", str, description="5d, 30m, …")
_TIME = "RFC 3339, as 2026-11-20T15:30:00Z; by the end of the bar that was judged."


class SignalsView(Public):
    """The list of signals."""

    @extend_schema(
        operation_id="signals", responses={200: shape.SignalPageSerializer, **MORE},
        parameters=[
            OpenApiParameter("symbol", str), HORIZON,
            OpenApiParameter("type", str, enum=[one.value for one in Action]),
            OpenApiParameter("lean", str, enum=[one.value for one in Lean]),
            OpenApiParameter("since", str, description=f"From then on. {_TIME}"),
            OpenApiParameter("until", str, description=f"Before then. {_TIME}"),
            OpenApiParameter("announced", bool, default=True, description="0: also what nobody was told of."),
            OpenApiParameter("limit", int, default=shape.DEFAULT_LIMIT, description=f"1 to {shape.MOST}."),
            OpenApiParameter("cursor", str, description="`next` of the page before; new signals shift nothing."),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Signals newest first, each with what became of it as far as that is known."""
        asked = shape.SignalsSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = _signals(**asked.validated_data)
        return linked(request, conditional(request, said, max_age=1), said["next"])


class SignalView(Public):
    """One signal."""

    @extend_schema(operation_id="signal", parameters=[ID], responses={200: shape.SignalSerializer, **MORE})
    def get(self, request: Request, signal: UUID) -> Response:
        """A signal, and what became of it."""
        return conditional(request, answers.wire.signal(*reading.signal(str(signal))), max_age=5)


class ExplainView(Public):
    """Why."""

    throttle_scope = "history"

    @extend_schema(
        operation_id="signal_explain", responses={200: shape.ExplanationOfSignalSerializer, **MORE},
        parameters=[
            ID,
            OpenApiParameter("without", str, many=True, description="Agents to leave out, one parameter each."),
            OpenApiParameter("threshold", float, description="The score from which agents lean anywhere, 0 to 1."),
        ],
    )  # fmt: skip
    def get(self, request: Request, signal: UUID) -> Response:
        """What a signal was made from, its gates, and what would have turned it."""
        asked = shape.WhatIfSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = reading.signal(str(signal))
        without, threshold = asked.validated_data["without"], asked.validated_data["threshold"]
        _check(found[0].signal, without)
        return conditional(request, answers.explanation(reading.explained(found), without, threshold), max_age=5)


class DecisionsView(Public):
    """What was decided about a symbol."""

    throttle_scope = "history"

    @extend_schema(
        operation_id="decisions", responses={200: shape.ExplanationOfSignalSerializer, **MORE},
        parameters=[
            OpenApiParameter("symbol", str, required=True),
            OpenApiParameter("at", str, description=f"The last decision by then; without: by now. {_TIME}"),
            HORIZON,
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The decision in force at a moment, whether it fired or not, and why."""
        asked = shape.DecisionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = reading.explained(reading.decision(**asked.validated_data))
        return conditional(request, answers.explanation(found), max_age=1)


class HeadView(Public):
    """The end of the ledger."""

    @extend_schema(operation_id="ledger_head", responses={200: shape.HeadSerializer, **MORE})
    def get(self, request: Request) -> Response:
        """The number and hash of the ledger's last entry: keep it elsewhere, and verify_ledger can be held to it."""
        return conditional(request, answers.head(*store.headed()), max_age=1)


def _signals(*, cursor: Any, limit: int, since: Any, until: Any, announced: bool, **asked: Any) -> dict[str, Any]:
    action = asked.pop("type")
    found = reading.signals(
        **asked, start=since, end=until, actions=[action] if action else None, announced=announced or None,
        before=cursor, limit=limit + 1,
    )  # fmt: skip
    return answers.signals(found, limit)


def _check(signal: Signal, without: list[str]) -> None:
    counted = whatif.counted(signal)
    if unknown := sorted(set(without) - set(counted)):
        named = ", ".join(counted) or "nobody"
        raise ValidationError({"without": f"{', '.join(unknown)} had no share in this score; {named} had."})
