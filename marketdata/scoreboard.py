"""The door to the scoreboard: what each source did on each of the last days."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketdata import scores, store
from marketdata.scoring import Score
from marketdata.views import PROBLEMS, Public

MOST_DAYS = 366


def _figure(text: str, **more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=text, **more)


def _latency(text: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=text)


class ScoreSerializer(serializers.Serializer):
    """What a source did on a UTC date."""

    source = serializers.CharField()
    day = serializers.DateField()
    answers = _figure("Calls that it answered.")
    pushes = _figure("Quotes that it pushed.")
    errors = _figure("Calls and connections that failed whole.")
    gaps = _figure("Symbols that it left out of an answer.")
    disagreements = _figure("Lasting differences with another live source about a price.")
    outages = _figure("Three failures in a row, or more, until the next answer.")
    outage_seconds = _figure("How long they were, those that are over.")
    latency_p50_ms = _latency("Of its answers: half of them came faster.")
    latency_p95_ms = _latency("Of its answers: 95 in a hundred came faster.")
    push_p50_ms = _latency("Of its pushes, from the vendor's time to ours, beyond the feed's own delay.")
    push_p95_ms = _latency("The same for 95 in a hundred.")


class ScoreboardSerializer(serializers.Serializer):
    """Days and sources, newest day first."""

    scores = ScoreSerializer(many=True)


class DaysSerializer(serializers.Serializer):
    """How many days back."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=7)


class ScoreboardView(Public):
    """The scoreboard."""

    @extend_schema(
        operation_id="scoreboard", responses={200: ScoreboardSerializer, **PROBLEMS},
        parameters=[OpenApiParameter("days", int, default=7, description=f"Today and days before, 1 to {MOST_DAYS}.")],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Each source's days: latency, gaps, errors, disagreements, outages."""
        asked = DaysSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        today = datetime.now(UTC).date()
        found = read(today - timedelta(days=asked.validated_data["days"] - 1), today)
        return Response({"scores": [{**dataclasses.asdict(one), "day": one.day.isoformat()} for one in found]})


def read(first: date, today: date) -> list[Score]:
    """Today's from Redis, where it is being counted; the other days' as they were kept."""
    return [*scores.of(today).values(), *store.scores(first, today - timedelta(days=1))]
