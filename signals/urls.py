"""The addresses of this floor below /api/v1/."""

from django.urls import path

from signals import record_views, views

urlpatterns = [
    path("signals", views.SignalsView.as_view()),
    path("signals/<uuid:signal>", views.SignalView.as_view()),
    path("signals/<uuid:signal>/explain", views.ExplainView.as_view()),
    path("decisions", views.DecisionsView.as_view()),
    path("agents", record_views.AgentsView.as_view()),
    path("track-record", record_views.TrackRecordView.as_view()),
    path("ledger/head", views.HeadView.as_view()),
]
