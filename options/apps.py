"""The first floor as a Django app."""

from django.apps import AppConfig


class Options(AppConfig):
    name = "options"
    verbose_name = "Options"
