"""Two doors: HTTP and WebSocket."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldensignals.settings")
http = get_asgi_application()

# Only now may anything be imported that needs Django's applications.
from goldensignals.auth import SocketIdentity  # noqa: E402
from marketdata.live.routing import urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": SocketIdentity(URLRouter(urlpatterns))})
