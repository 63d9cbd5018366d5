"""The rows, for the store and the admin only. `quote` is partitioned by day: its migration says so in SQL."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Symbol(models.Model):
    """An instrument that somebody named, and its place on the watchlist."""

    symbol = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=200, blank=True, default="")
    position = models.IntegerField(default=0)
    watched = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "symbol"
        ordering = ("position", "symbol")

    def __str__(self) -> str:
        return self.symbol


class SourceSwitch(models.Model):
    """Whether a source of the settings may be asked; one without a row may."""

    name = models.CharField(max_length=64, primary_key=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        db_table = "source"
        ordering = ("name",)
        verbose_name = "source"

    def __str__(self) -> str:
        return self.name


class SourceDay(models.Model):
    """What a source did on a UTC date (`scoring.Score`): the scoreboard."""

    source = models.TextField()
    day = models.DateField()
    answers = models.IntegerField(default=0)
    pushes = models.BigIntegerField(default=0)
    errors = models.IntegerField(default=0)
    gaps = models.IntegerField(default=0)
    disagreements = models.IntegerField(default=0)
    outages = models.IntegerField(default=0)
    outage_seconds = models.IntegerField(default=0)
    latency_p50_ms = models.FloatField(null=True)
    latency_p95_ms = models.FloatField(null=True)
    push_p50_ms = models.FloatField(null=True)
    push_p95_ms = models.FloatField(null=True)

    class Meta:
        db_table = "source_day"
        ordering = ("-day", "source")
        verbose_name = "source's day"
        verbose_name_plural = "scoreboard"
        constraints = (models.UniqueConstraint(fields=("source", "day"), name="source_day_key"),)

    def __str__(self) -> str:
        return f"{self.source} on {self.day}"


class Announcement(models.Model):
    """A message that must reach everyone, as it was sent: outlives a Redis that loses its memory."""

    topic = models.TextField()
    epoch = models.TextField()
    seq = models.BigIntegerField()
    market = models.TextField(default="")
    text = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "announcement"
        constraints = (models.UniqueConstraint(fields=("topic", "epoch", "seq"), name="announcement_key"),)

    def __str__(self) -> str:
        return f"{self.topic} {self.epoch} {self.seq}"


class Cursor(models.Model):
    """How far a playback has come; written in the transaction of the rows it played."""

    key = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "cursor"

    def __str__(self) -> str:
        return f"{self.key}: {self.at}"


class QuoteColumns(models.Model):
    """The fields of `domain.Quote`, and the market it belongs to."""

    symbol = models.TextField()
    vendor = models.TextField()
    as_of = models.DateTimeField()
    received_at = models.DateTimeField()
    price = models.FloatField(null=True)
    bid = models.FloatField(null=True)
    ask = models.FloatField(null=True)
    bid_size = models.FloatField(null=True)
    ask_size = models.FloatField(null=True)
    quote_as_of = models.DateTimeField(null=True)
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    previous_close = models.FloatField(null=True)
    volume = models.FloatField(null=True)
    currency = models.TextField(null=True)
    session = models.TextField()
    ext_price = models.FloatField(null=True)
    ext_as_of = models.DateTimeField(null=True)
    feed = models.TextField(null=True)
    delayed_by = models.IntegerField(null=True)
    simulated = models.BooleanField(default=False)
    flags = ArrayField(models.TextField(), default=list)
    market = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.symbol} {self.price} at {self.as_of} ({self.vendor})"


class Quote(QuoteColumns):
    """One row for each natural key, in the partition of its day."""

    pk = models.CompositePrimaryKey("symbol", "as_of", "vendor")

    class Meta:
        db_table = "quote"


class Latest(QuoteColumns):
    """The newest quote of each symbol that was fit to be shown."""

    class Meta:
        db_table = "latest"
        ordering = ("symbol",)
        verbose_name = "latest quote"
        constraints = (models.UniqueConstraint(fields=("symbol", "market"), name="latest_key"),)


class QuoteRow(QuoteColumns):
    """The history as the admin can read it (it wants one key per row): a view over `quote`. Filter by symbol."""

    id = models.TextField(primary_key=True)

    class Meta:
        db_table = "quote_row"
        managed = False
        ordering = ("-as_of",)
        verbose_name = "quote"


class Bar(models.Model):
    """A stored bar (1m or 1d), as its vendor gave it; the other intervals are folded from these.

    `basis`: splits up to this date are in its prices already; none: it is as it traded.
    """

    pk = models.CompositePrimaryKey("symbol", "interval", "market", "start")
    symbol = models.TextField()
    interval = models.TextField()
    market = models.TextField()
    start = models.DateTimeField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = models.FloatField(null=True)
    vendor = models.TextField()
    adjusted = models.BooleanField()
    basis = models.DateField(null=True)
    simulated = models.BooleanField()
    partial = models.BooleanField()

    class Meta:
        db_table = "bar"


class Ranges(models.Field):
    """A tstzmultirange: sets of instants, read and written by the store's own SQL only."""

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"


class Coverage(models.Model):
    """A page of the gap ledger: what became of the expected bars of one day (1m) or year (1d)."""

    pk = models.CompositePrimaryKey("symbol", "interval", "market", "page")
    symbol = models.TextField()
    interval = models.TextField()
    market = models.TextField()
    page = models.DateField()
    complete = Ranges()
    partial = Ranges()
    missing = Ranges()
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "coverage"


class CoverageRow(models.Model):
    """The gap ledger with counts instead of sets: a view for the admin."""

    id = models.TextField(primary_key=True)
    symbol = models.TextField()
    interval = models.TextField()
    market = models.TextField()
    page = models.DateField()
    complete = models.IntegerField()
    partial = models.IntegerField()
    missing = models.IntegerField()
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "coverage_row"
        managed = False
        ordering = ("-page", "symbol")
        verbose_name = verbose_name_plural = "coverage"

    def __str__(self) -> str:
        return f"{self.symbol} {self.interval} {self.page}"


class CorporateAction(models.Model):
    """A split (value: new shares for an old one) or a dividend (value: cash a share), and what it does to prices."""

    symbol = models.TextField()
    market = models.TextField()
    ex_date = models.DateField()
    kind = models.TextField()
    value = models.FloatField()
    factor = models.FloatField(null=True)
    vendor = models.TextField()

    class Meta:
        db_table = "corporate_action"
        ordering = ("-ex_date", "symbol")
        constraints = (
            models.UniqueConstraint(fields=("symbol", "market", "ex_date", "kind"), name="corporate_action_key"),
        )
        indexes = (models.Index(fields=("market", "kind", "ex_date"), name="corporate_action_by_date"),)

    def __str__(self) -> str:
        return f"{self.symbol} {self.kind} {self.value:g} on {self.ex_date}"


class Quarantine(models.Model):
    """A quote that nobody was shown, as it came, and why."""

    at = models.DateTimeField(db_default=Now(), db_index=True)
    symbol = models.TextField()
    vendor = models.TextField()
    reason = models.TextField()
    quote = models.JSONField()

    class Meta:
        db_table = "quarantine"
        ordering = ("-at",)
        verbose_name_plural = "quarantine"

    def __str__(self) -> str:
        return f"{self.symbol} ({self.vendor}): {self.reason}"
