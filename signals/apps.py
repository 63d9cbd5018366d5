"""The second floor as a Django app."""

from django.apps import AppConfig


class Signals(AppConfig):
    name = "signals"
    verbose_name = "Signals"
