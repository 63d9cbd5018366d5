"""The API's own pages: its documentation, served from this machine alone, and its tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from goldensignals.security import policy
from marketdata.views import problems

REFUSALS = problems({400: "Malformed", 401: "Not known, or no longer valid", 429: "Too often"})


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI out of our own static files; it writes style attributes, so its page allows them."""

    url_name = "schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The page, or with ?script its start script."""
        response = super().get(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = policy(request._request, styles="'self' 'unsafe-inline'")
        return response


class Token(TokenObtainPairView):
    """An access and a refresh token for a user name and a password."""

    throttle_scope = "token"

    @extend_schema(operation_id="token", responses={200: TokenObtainPairSerializer, **REFUSALS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """An access and a refresh token for a user name and a password."""
        return super().post(request, *args, **kwargs)


class Refresh(TokenRefreshView):
    """A new access token for a refresh token."""

    throttle_scope = "token"

    @extend_schema(operation_id="refresh_token", responses={200: TokenRefreshSerializer, **REFUSALS})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new access token for a refresh token."""
        return super().post(request, *args, **kwargs)
