"""Our own files: scripts, styles, pictures."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class Static(WhiteNoiseMiddleware):
    """WhiteNoise that answers with the whole file at once.

    It answers with an open file, which Django under ASGI reads in one go too, but only after it has warned of it.
    """

    def __init__(self, *given: Any) -> None:
        # It serves the apps' own files; it warns where nothing was ever collected.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        super().__init__(*given)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """The file, or the part of it or the 304 that was asked for."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as opened:
                content = opened.read()
        response = HttpResponse(content, status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response
