"""The roof as a Django app: it brings the commands, the templates and the logs."""

from django.apps import AppConfig


class GoldenSignals(AppConfig):
    name = "goldensignals"
    verbose_name = "GoldenSignals"
