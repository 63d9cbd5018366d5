"""The doors to option chains, what they say in a few numbers, and alerts."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketdata import wiring
from marketdata.answers import conditional
from marketdata.views import PROBLEMS, SYMBOL, OfSymbol, Public
from options import alert_serializers, answers, reading, store, wire
from options import serializers as shape
from options.domain import Verdict

KEEP = 5
"""Seconds for which an answer about a chain may be kept; chains come once a minute."""
_MORE: Any = {304: OpenApiResponse(description="The If-None-Match of the request still holds."), **PROBLEMS}
_PAGE = (
    OpenApiParameter("limit", int, default=shape.DEFAULT_LIMIT, description=f"1 to {shape.MOST}."),
    OpenApiParameter("cursor", str, description="`next` of the page before; rows that come or go shift nothing."),
)
_CHOICE = (
    OpenApiParameter("expiry", str, many=True, description="YYYY-MM-DD; several by commas, or one parameter each."),
    OpenApiParameter("type", str, enum=shape.SIDES),
    OpenApiParameter("strike_min", float),
    OpenApiParameter("strike_max", float),
    OpenApiParameter(
        "moneyness", str, enum=[one.value for one in shape.Moneyness], default="all",
        description="itm: worth something if exercised now; otm: nothing; atm: the strike nearest to spot, per expiry.",
    ),
)  # fmt: skip


class ChainView(OfSymbol):
    """The contracts of an underlying."""

    @extend_schema(
        operation_id="options", parameters=[SYMBOL, *_CHOICE, *_PAGE], responses={200: shape.ChainSerializer, **_MORE}
    )
    def get(self, request: Request, symbol: str) -> Response:
        """The newest option chain: contracts with quotes, open interest, implied volatility and Greeks."""
        asked = shape.ChoiceSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = reading.chain(self.kwargs["symbol"])
        page = asked.validated_data
        said = answers.chain(found, asked.choice(), page["cursor"], page["limit"], reading.scores(found))
        return linked(request, conditional(request, said, max_age=KEEP), said["next"])


class SummaryView(OfSymbol):
    """A chain in a few numbers."""

    @extend_schema(
        operation_id="options_summary", parameters=[SYMBOL], responses={200: shape.SummarySerializer, **_MORE}
    )
    def get(self, request: Request, symbol: str) -> Response:
        """What the newest chain says: volatility and its rank, dealer gamma, max pain, ratios, skew, expected move."""
        return conditional(request, wire.summary(reading.summary(self.kwargs["symbol"])), max_age=KEEP)


class GammaView(OfSymbol):
    """Dealer gamma."""

    @extend_schema(operation_id="options_gex", parameters=[SYMBOL], responses={200: shape.GammaSerializer, **_MORE})
    def get(self, request: Request, symbol: str) -> Response:
        """Dealer gamma by strike, and of the whole book at other prices of the underlying."""
        return conditional(request, answers.exposure(reading.chain(self.kwargs["symbol"])), max_age=KEEP)


class SmileView(OfSymbol):
    """Smiles and term structure."""

    @extend_schema(operation_id="options_smile", parameters=[SYMBOL], responses={200: shape.SmileSerializer, **_MORE})
    def get(self, request: Request, symbol: str) -> Response:
        """The smile of each expiry, and the at-the-money volatility by days to expiry."""
        return conditional(request, answers.smile(reading.chain(self.kwargs["symbol"])), max_age=KEEP)


class AlertsView(Public):
    """Unusual activity."""

    @extend_schema(
        operation_id="alerts", responses={200: alert_serializers.AlertPageSerializer, **_MORE},
        parameters=[
            OpenApiParameter("symbol", str, description="Of this underlying."),
            OpenApiParameter("rule", str, description="Raised by this rule."),
            OpenApiParameter("session", str, description="Of this session, YYYY-MM-DD."),
            OpenApiParameter("verdict", str, enum=[one.value for one in Verdict]),
            OpenApiParameter("min_score", float, description="0 to 100."),
            *_PAGE,
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Contracts whose trading was worth a look, newest first, and how often each rule was confirmed."""
        asked = shape.AlertsSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = _alerts(**asked.validated_data)
        return linked(request, conditional(request, said, max_age=1), said["next"])


def linked(request: Request, response: Response, cursor: str | None) -> Response:
    """The answer with a Link to the next page (RFC 8288)."""
    if cursor:
        asked = request.query_params.copy()
        asked["cursor"] = cursor
        response.headers["Link"] = f'<{request.build_absolute_uri(request.path)}?{asked.urlencode()}>; rel="next"'
    return response


def _alerts(*, cursor: Any, limit: int, verdict: str | None, **asked: Any) -> dict[str, Any]:
    market = wiring.market()
    chosen = verdict and Verdict(verdict)
    found = store.alerts(market, **asked, verdict=chosen or None, after=cursor, limit=limit + 1)
    return answers.alerts(found, limit, store.confirmations(market, symbol=asked["symbol"]))
