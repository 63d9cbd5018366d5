"""The ground floor as a Django app."""

from django.apps import AppConfig


class MarketData(AppConfig):
    name = "marketdata"
    verbose_name = "Market data"
