"""The API's own pages: its documentation, served from this machine alone, and its tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from goldensignals.security import policy


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


class Refresh(TokenRefreshView):
    """A new access token for a refresh token."""

    throttle_scope = "token"
