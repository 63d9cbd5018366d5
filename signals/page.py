"""The record page as it is served: a shell; its script asks REST for the numbers."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from marketdata import wiring
from marketdata.page import SHEETS

log = logging.getLogger(__name__)


def record(request: HttpRequest) -> HttpResponse:
    """How signals did. Without a database or Redis it still comes, and its script says what is missing."""
    market = settings.MARKET
    try:
        market = wiring.market()
    except (DatabaseError, redis.RedisError) as error:
        log.warning("The record page is served without its market: %s", type(error).__name__)
    shown = {"market": market, "every": settings.MARKETDATA_QUOTES_EVERY, "sheets": SHEETS}
    response = render(request, "record.html", shown)
    add_never_cache_headers(response)
    return response
