"""The doors to the agents and to the record."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from marketdata import wiring as market_wiring
from marketdata.answers import conditional
from marketdata.views import Public
from signals import record_serializers as shape
from signals import records, roll_call, wire, wiring
from signals.domain import Horizon
from signals.track_record import GROUPS
from signals.views import HORIZON, MORE


class AgentsView(Public):
    """The roll call."""

    @extend_schema(operation_id="agents", responses={200: shape.AgentsSerializer, **MORE})
    def get(self, request: Request) -> Response:
        """Each agent: when it last spoke, how long it took, and how its own leans did; and the judge."""
        return conditional(request, roll_call.said(), max_age=1)


class TrackRecordView(Public):
    """The record."""

    throttle_scope = "history"

    @extend_schema(
        operation_id="track_record", responses={200: shape.TrackRecordSerializer, **MORE},
        parameters=[
            HORIZON,
            OpenApiParameter("symbol", str, description="Its signals only, beside the base rate of all."),
            OpenApiParameter("group", str, enum=GROUPS, default="all"),
            OpenApiParameter("agent_set", str, description="Without: the one whose signals were graded last."),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """How signals did that were issued: hit rate, calibration and return, always beside the base rate."""
        asked = shape.WhoseRecordSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        horizon = _horizon(asked.validated_data["horizon"])
        market, group = market_wiring.market(), asked.validated_data["group"]
        symbol = asked.validated_data["symbol"]
        found = records.records(market, horizon, asked.validated_data["agent_set"], symbol)
        rows = [wire.track_record(row) for row in found.of(group)]
        said = {
            "market": market, "horizon": horizon.name, "horizons": [one.name for one in wiring.horizons()],
            "symbol": symbol, "group": group, "agent_set": found.agent_set, "outcomes": found.counted,
            "total": found.total,
            "warm": records.warm(market, horizon, found.agent_set),
            "reason": None if rows else records.none_yet(horizon, symbol, found.counted),
            "rows": rows,
        }  # fmt: skip
        return conditional(request, said, max_age=5)


def _horizon(name: str | None) -> Horizon:
    """The horizon of this name, the first one without."""
    ours = wiring.horizons()
    found = ours[0] if name is None else wiring.horizon(name)
    if found is None:
        raise ValidationError({"horizon": f"There is no {name} here, only {', '.join(one.name for one in ours)}."})
    return found
