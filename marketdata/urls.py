"""The addresses below /api/v1/."""

from django.urls import path

from marketdata import scoreboard, views, watchlist

urlpatterns = [
    path("market-data/<str:symbol>", views.QuoteView.as_view()),
    path("market-data/<str:symbol>/historical", views.HistoryView.as_view()),
    path("watchlist", watchlist.WatchlistView.as_view()),
    path("watchlist/<str:symbol>", watchlist.WatchedView.as_view()),
    path("sources", views.SourcesView.as_view()),
    path("sources/scoreboard", scoreboard.ScoreboardView.as_view()),
    path("market", views.MarketView.as_view()),
]
