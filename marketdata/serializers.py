"""The shapes of the REST answers, for the OpenAPI document, and of what may be written."""

from typing import Any

from rest_framework import serializers

from marketdata.actions import Adjust
from marketdata.domain import Interval, Session
from marketdata.periods import Period
from marketdata.symbols import InvalidSymbol, canonical

MOST_SYMBOLS = 1000


def _price(**more: Any) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **more)


class SymbolField(serializers.CharField):
    """A symbol in any common spelling; becomes the canonical one."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=32, **more)

    def to_internal_value(self, data: Any) -> str:
        try:
            return canonical(super().to_internal_value(data))
        except InvalidSymbol as error:
            raise serializers.ValidationError(str(error)) from None


class QuoteSerializer(serializers.Serializer):
    """A quote; what the vendor did not give is null. Prices are per share in `currency`."""

    symbol = serializers.CharField()
    vendor = serializers.CharField()
    price = _price()
    bid = _price()
    ask = _price()
    bid_size = _price()
    ask_size = _price()
    open = _price()
    high = _price()
    low = _price()
    previous_close = _price()
    change = _price()
    change_percent = _price()
    volume = _price(help_text="Shares traded in this session.")
    ext_price = _price(help_text="The price outside regular hours, where the vendor keeps it apart.")
    as_of = serializers.DateTimeField(help_text="The vendor's time of the price.")
    received_at = serializers.DateTimeField()
    quote_as_of = serializers.DateTimeField(allow_null=True, help_text="The vendor's time of bid and ask.")
    ext_as_of = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    feed = serializers.CharField(allow_null=True)
    delayed_by = serializers.IntegerField(allow_null=True, help_text="Seconds; 0: live; null: unknown.")
    simulated = serializers.BooleanField()
    session = serializers.ChoiceField([one.value for one in Session])
    flags = serializers.ListField(child=serializers.CharField(), help_text="Doubts: stale, wide, crossed, …")
    stale = serializers.BooleanField(help_text="Older than a quote of an open market should be.")
    age = serializers.FloatField(help_text="Seconds since as_of, by the market's clock.")


class OriginSerializer(serializers.Serializer):
    """Where a field comes from."""

    value = serializers.FloatField()
    vendor = serializers.CharField()
    channel = serializers.ChoiceField(["answer", "push"], allow_null=True, help_text="How it came, where it is known.")
    feed = serializers.CharField(allow_null=True)
    delayed_by = serializers.IntegerField(allow_null=True, help_text="Seconds; 0: live; null: unknown.")
    as_of = serializers.DateTimeField()
    age = serializers.FloatField(help_text="Seconds since as_of, by the market's clock.")
    is_shown = serializers.BooleanField(help_text="False: the quote lacks it, and another live source had it.")


class ContestSerializer(serializers.Serializer):
    """Two sources that have disagreed about the price for a while."""

    vendors = serializers.ListField(child=serializers.CharField())
    prices = serializers.ListField(child=serializers.FloatField())
    difference = serializers.FloatField(help_text="As a fraction of the price.")
    since = serializers.DateTimeField()


class ExplanationSerializer(serializers.Serializer):
    """Each field's origin (null: nobody said it of late), and who disagrees."""

    origins = serializers.DictField(child=OriginSerializer(allow_null=True))
    contested = ContestSerializer(allow_null=True)


class ExplainedQuoteSerializer(QuoteSerializer):
    """A quote, and with `explain=1` where it comes from."""

    explain = ExplanationSerializer(required=False)


class ExplainSerializer(serializers.Serializer):
    """Whether to explain."""

    explain = serializers.BooleanField(default=False)


class BarSerializer(serializers.Serializer):
    """What traded in one interval."""

    start = serializers.DateTimeField()
    open = serializers.FloatField()
    high = serializers.FloatField()
    low = serializers.FloatField()
    close = serializers.FloatField()
    volume = _price()
    partial = serializers.BooleanField(help_text="The interval still runs.")


class CoverageSerializer(serializers.Serializer):
    """How many of the bars that the calendar expects are there; counted in the stored interval (1m or 1d)."""

    interval = serializers.ChoiceField([Interval.MINUTE.value, Interval.DAY.value])
    expected = serializers.IntegerField()
    complete = serializers.IntegerField()
    partial = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="Looked for and not there.")
    unknown = serializers.IntegerField(help_text="Not looked for yet.")
    checked_at = serializers.DateTimeField(allow_null=True)


class HistorySerializer(serializers.Serializer):
    """Bars, oldest first. An empty list means that there are none; none is ever made up."""

    symbol = serializers.CharField()
    period = serializers.ChoiceField([one.value for one in Period])
    interval = serializers.ChoiceField([one.value for one in Interval])
    market = serializers.CharField()
    vendor = serializers.CharField(allow_null=True)
    adjust = serializers.ChoiceField([one.value for one in Adjust])
    adjusted = serializers.BooleanField(help_text="Whether a split, vendor's or ours, has changed a price.")
    simulated = serializers.BooleanField()
    bars = BarSerializer(many=True)
    coverage = CoverageSerializer()


class WatchedSerializer(serializers.Serializer):
    """A symbol of the watchlist with its latest quote and today's closes."""

    symbol = serializers.CharField()
    name = serializers.CharField()
    quote = QuoteSerializer(allow_null=True)
    spark = serializers.ListField(child=serializers.FloatField())


class WatchlistSerializer(serializers.Serializer):
    """The watchlist in its order."""

    symbols = WatchedSerializer(many=True)


class SymbolsSerializer(serializers.Serializer):
    """The whole watchlist, to be."""

    symbols = serializers.ListField(child=SymbolField(), max_length=MOST_SYMBOLS, min_length=1)


class SymbolSerializer(serializers.Serializer):
    """One symbol for the watchlist."""

    symbol = SymbolField()
    name = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)


class FailureSerializer(serializers.Serializer):
    """How a source failed, and what can be done."""

    at = serializers.DateTimeField()
    error = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class TodaySerializer(serializers.Serializer):
    """What a source did since midnight UTC."""

    answers = serializers.IntegerField()
    pushes = serializers.IntegerField()
    errors = serializers.IntegerField()
    gaps = serializers.IntegerField(help_text="Symbols that it left out of an answer.")
    disagreements = serializers.IntegerField(help_text="With other sources, about a price.")
    outages = serializers.IntegerField()


class SourceSerializer(serializers.Serializer):
    """A source of this market."""

    name = serializers.CharField()
    enabled = serializers.BooleanField()
    order = serializers.IntegerField(help_text="Its place in the failover order, from 1.")
    status = serializers.ChoiceField(["ok", "failing", "idle", "off", "unset"])
    last_success = serializers.DateTimeField(allow_null=True)
    last_failure = FailureSerializer(allow_null=True)
    latency_ms = _price(help_text="Of its last answer or push.")
    latency_p50_ms = _price(help_text="Half of today's (UTC) were faster.")
    latency_p95_ms = _price(help_text="95 in a hundred of today's were faster.")
    today = TodaySerializer(allow_null=True)


class SourcesSerializer(serializers.Serializer):
    """The sources in failover order."""

    market = serializers.CharField()
    sources = SourceSerializer(many=True)


class MarketSerializer(serializers.Serializer):
    """Which market is shown, and what its clock says."""

    market = serializers.ChoiceField(["live", "simulated", "recorded"])
    session = serializers.ChoiceField([one.value for one in Session])
    is_open = serializers.BooleanField()
    next_open = serializers.DateTimeField(allow_null=True)
    next_close = serializers.DateTimeField(allow_null=True)
    now = serializers.DateTimeField(allow_null=True, help_text="Null: a recording that has not begun.")
    simulated = serializers.BooleanField()


class ProblemSerializer(serializers.Serializer):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
