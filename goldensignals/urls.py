"""The door for HTTP: which address leads to which room."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from goldensignals import docs, health, metrics
from marketdata import page
from signals import page as signals_page

urlpatterns = [
    path("", page.dashboard, name="dashboard"),
    path("record", signals_page.record, name="record"),
    path("admin/", admin.site.urls),
    path("health", health.health),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics.prometheus),
    path("metrics/live-data", metrics.live_data),
    path("api/v1/", include("marketdata.urls")),
    path("api/v1/", include("options.urls")),
    path("api/v1/", include("signals.urls")),
    path("api/v1/token", docs.Token.as_view()),
    path("api/v1/token/refresh", docs.Refresh.as_view()),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", docs.Docs.as_view(), name="docs"),
]
