"""The doors to quotes, history, sources and the market's clock."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketdata import answers, calendar, periods, reading, standing, store, wire, wiring
from marketdata import serializers as shape
from marketdata.history import history
from marketdata.symbols import canonical


def problems(meanings: Mapping[int, str]) -> dict[tuple[int, str], OpenApiResponse]:
    """The refusals of a door, by status, as the OpenAPI document has them."""
    return {
        (status, "application/problem+json"): OpenApiResponse(shape.ProblemSerializer, meaning)
        for status, meaning in meanings.items()
    }


PROBLEMS = problems({400: "Malformed", 404: "Unknown, or nothing there", 429: "Too often", 503: "Away"})
SYMBOL = OpenApiParameter("symbol", str, OpenApiParameter.PATH, description="AAPL, BRK.B, ^GSPC, BTC-USD, EUR-USD")
EXPLAIN = OpenApiParameter(
    "explain", bool, default=False, description="Also say, of each field, which vendor it is from and how old it is."
)
_PAIRS = "; ".join(
    f"{period}: {', '.join(intervals)} (default {periods.DEFAULTS[period]})"
    for period, intervals in periods.INTERVALS.items()
)
_NOT_MODIFIED = {304: OpenApiResponse(description="The If-None-Match of the request still holds.")}


class Public(APIView):
    """Everybody may read, and there is nothing to write: no method is refused for want of a login."""

    permission_classes = ()
    throttle_scope = "quotes"


class OfSymbol(Public):
    """A view of one symbol. Nonsense is refused before it is counted, looked up or asked of anybody."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.kwargs["symbol"] = kwargs["symbol"] = canonical(kwargs["symbol"])
        super().initial(request, *args, **kwargs)


class QuoteView(OfSymbol):
    """The latest quote."""

    @extend_schema(
        operation_id="quote", parameters=[SYMBOL, EXPLAIN],
        responses={200: shape.ExplainedQuoteSerializer, **_NOT_MODIFIED, **PROBLEMS},
    )  # fmt: skip
    def get(self, request: Request, symbol: str) -> Response:
        """The latest quote of a symbol."""
        asked = shape.ExplainSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        held = reading.quote(self.kwargs["symbol"])
        found = answers.quote(held)
        if asked.validated_data["explain"]:
            return answers.conditional(request, {**found, "explain": answers.explained(held)}, max_age=1)
        # The age of a stale quote is news; that of a fresh one can be told from as_of.
        unlike = found if found["stale"] else {**found, "age": None}
        return answers.conditional(request, found, max_age=1, tag_of=unlike)


class HistoryView(OfSymbol):
    """Bars of the past."""

    throttle_scope = "history"

    @extend_schema(
        operation_id="historical",
        parameters=[
            SYMBOL,
            OpenApiParameter("period", str, enum=[one.value for one in periods.Period], default="1D"),
            OpenApiParameter(
                "interval", str, enum=[one.value for one in periods.Interval],
                description=_PAIRS,
            ),
            OpenApiParameter(
                "adjust", str, enum=[one.value for one in periods.Adjust], default="splits",
                description="Prices as they traded (none), in today's shares (splits), or less dividends too (all)",
            ),
        ],
        responses={200: shape.HistorySerializer, **_NOT_MODIFIED, **PROBLEMS},
    )  # fmt: skip
    def get(self, request: Request, symbol: str) -> Response:
        """The bars of a period that ends now; 1D is the latest session that has begun."""
        asked = request.query_params
        period, interval = periods.choose(asked.get("period") or "1D", asked.get("interval") or None)
        adjust = periods.adjusting(asked.get("adjust"))
        found = answers.history(history(self.kwargs["symbol"], period, interval, adjust))
        running = bool(found["bars"]) and found["bars"][-1]["partial"]
        unlike = {**found, "coverage": None}
        return answers.conditional(request, found, max_age=1 if running else 30, tag_of=unlike)


class SourcesView(Public):
    """The sources of this market."""

    @extend_schema(operation_id="sources", responses={200: shape.SourcesSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The sources in failover order, and how each one stands."""
        found = standing.sources(store.enabled_sources())
        return Response({"market": wiring.market(), "sources": [answers.source(one) for one in found]})


class MarketView(Public):
    """The market's clock."""

    @extend_schema(operation_id="market", responses={200: shape.MarketSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Which market is shown, and whether it is open."""
        market, now = wiring.market(), wiring.clock()()
        said: dict[str, Any] = {"market": market, "simulated": market == wiring.SIMULATED}
        try:
            said |= {
                "session": calendar.session(now, market).value,
                "is_open": calendar.is_open(now, market),
                "next_open": wire.instant(calendar.next_open(now, market)),
                "next_close": wire.instant(calendar.next_close(now, market)),
                "now": wire.instant(now),
            }
        except calendar.OutOfCalendar:
            said |= {"session": "closed", "is_open": False, "next_open": None, "next_close": None, "now": None}
        return Response(said)
