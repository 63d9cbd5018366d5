"""The addresses of this floor below /api/v1/."""

from django.urls import path

from options import views

urlpatterns = [
    path("market-data/<str:symbol>/options", views.ChainView.as_view()),
    path("options/<str:symbol>/summary", views.SummaryView.as_view()),
    path("options/<str:symbol>/gex", views.GammaView.as_view()),
    path("options/<str:symbol>/smile", views.SmileView.as_view()),
    path("alerts", views.AlertsView.as_view()),
]
