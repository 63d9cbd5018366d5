"""The door to the watchlist: what everybody sees, and who may change it."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketdata import answers, reading, sparks, store, wiring
from marketdata import serializers as shape
from marketdata.permissions import StaffOrThisMachine
from marketdata.symbols import canonical
from marketdata.views import PROBLEMS, SYMBOL, problems

REFUSALS = PROBLEMS | problems({401: "No account", 403: "Not an account of the staff", 415: "Not JSON"})


class WatchlistView(APIView):
    """The watchlist."""

    permission_classes = (StaffOrThisMachine,)

    @property
    def throttle_scope(self) -> str:
        """Writing has a budget of its own."""
        return "quotes" if self.request.method in ("GET", "HEAD", "OPTIONS") else "write"

    @extend_schema(operation_id="watchlist", responses={200: shape.WatchlistSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The watched symbols in their order, each with its latest quote and today's closes."""
        return Response(_watchlist())

    @extend_schema(
        operation_id="set_watchlist", request=shape.SymbolsSerializer,
        responses={200: shape.WatchlistSerializer, **REFUSALS},
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Watch exactly these symbols in this order; nothing changes when one of them does not exist."""
        wanted = _valid(shape.SymbolsSerializer, request)["symbols"]
        _check_exist(wanted)
        store.set_watchlist(wanted)
        return Response(_watchlist())

    @extend_schema(
        operation_id="watch", request=shape.SymbolSerializer, responses={201: shape.WatchedSerializer, **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Watch one more symbol. In the live market a vendor is asked once whether it exists."""
        wanted = _valid(shape.SymbolSerializer, request)
        _check_exist([wanted["symbol"]])
        store.add_symbol(wanted["symbol"], wanted["name"])
        return Response(_rows([wanted["symbol"]])[0], status=201)

    @extend_schema(
        operation_id="unwatch_by_query", responses={204: None, **REFUSALS},
        parameters=[OpenApiParameter("symbol", str, required=True, description="The symbol to watch no longer.")],
    )  # fmt: skip
    def delete(self, request: Request) -> Response:
        """Watch a symbol no longer."""
        store.remove_symbol(canonical(request.query_params.get("symbol", "")))
        return Response(status=204)


class WatchedView(APIView):
    """One symbol of the watchlist."""

    permission_classes = (StaffOrThisMachine,)
    throttle_scope = "write"

    @extend_schema(operation_id="unwatch", parameters=[SYMBOL], responses={204: None, **REFUSALS})
    def delete(self, request: Request, symbol: str) -> Response:
        """Watch a symbol no longer; it stays known, and its history stays."""
        store.remove_symbol(canonical(symbol))
        return Response(status=204)


def _watchlist() -> dict[str, Any]:
    return {"symbols": _rows(store.watchlist())}


def _rows(symbols: list[str]) -> list[dict[str, Any]]:
    quotes, names, closes = reading.quotes(symbols), store.names(), sparks.today(symbols)
    return [
        {
            "symbol": symbol,
            "name": names.get(symbol, ""),
            "quote": answers.quote(quotes[symbol]) if symbol in quotes else None,
            "spark": closes[symbol],
        }
        for symbol in symbols
    ]


def _check_exist(symbols: list[str]) -> None:
    """Ask the vendors, in one question, about those we do not know; raises UnknownSymbol, or why nobody could tell."""
    strangers = [symbol for symbol in symbols if not wiring.knows(symbol)]
    if strangers:
        reading.ask(strangers)


def _valid(serializer: type[Any], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data
