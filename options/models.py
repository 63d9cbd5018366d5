"""The rows, for the store and the admin only. Chains are kept by expiry: a row whose columns are arrays by strike."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


def _floats() -> Any:
    """NaN stands for an absent value: arrays without NULL go through in Postgres' binary form."""
    return ArrayField(models.FloatField())


class OptionContract(models.Model):
    """A listed option that some vendor has named."""

    symbol = models.TextField(primary_key=True)
    underlying = models.TextField()
    root = models.TextField()
    expiry = models.DateField()
    strike = models.FloatField()
    is_call = models.BooleanField()
    multiplier = models.FloatField()

    class Meta:
        db_table = "option_contract"
        ordering = ("underlying", "expiry", "strike")
        verbose_name = "contract"
        indexes = (models.Index(fields=("underlying", "expiry", "strike"), name="option_contract_listed"),)

    def __str__(self) -> str:
        return self.symbol


class SliceColumns(models.Model):
    """What one vendor said at one moment about all contracts of one root and expiry."""

    underlying = models.TextField()
    market = models.TextField()
    root = models.TextField()
    expiry = models.DateField()
    taken_at = models.DateTimeField()
    vendor = models.TextField()
    strike = _floats()
    is_call = ArrayField(models.BooleanField())
    bid = _floats()
    ask = _floats()
    last = _floats()
    mid = _floats()
    volume = _floats()
    open_interest = _floats()
    iv = _floats()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.root} {self.expiry} at {self.taken_at}"


class OptionSnapshot(SliceColumns):
    """The history within the sessions, in the partition of its day."""

    pk = models.CompositePrimaryKey("underlying", "market", "taken_at", "root", "expiry", "vendor")

    class Meta:
        db_table = "option_snapshot"


class OptionSession(SliceColumns):
    """The last snapshot of each session, with all that was computed from it, and what was expected before it.

    `own`: weighted volume of each contract over the sessions before; `still_since`: since when the open interest has
    been what it is; `no_iv`: numbers of `NoIV`, in its order.
    """

    pk = models.CompositePrimaryKey("underlying", "market", "root", "expiry", "session")
    session = models.DateField()
    delayed_by = models.IntegerField(null=True)
    simulated = models.BooleanField()
    spot = models.FloatField(null=True)
    spot_as_of = models.DateTimeField(null=True)
    open_interest_date = models.DateField(null=True)
    still_since = models.DateTimeField()
    forward = models.FloatField(null=True)
    by_parity = models.BooleanField()
    years = models.FloatField()
    rate = models.FloatField()
    atm_iv = models.FloatField(null=True)
    smile_strikes = _floats()
    smile_ivs = _floats()
    multiplier = _floats()
    vendor_iv = _floats()
    vendor_delta = _floats()
    vendor_gamma = _floats()
    no_iv = ArrayField(models.BigIntegerField())
    delta = _floats()
    gamma = _floats()
    vega = _floats()
    theta = _floats()
    rho = _floats()
    own = _floats()

    class Meta:
        db_table = "option_session"
        indexes = (models.Index(fields=("market", "underlying", "session"), name="option_session_by_day"),)


class OptionTurnover(models.Model):
    """Weighted volume / open interest by bucket of an underlying's contracts, over the sessions before this one."""

    pk = models.CompositePrimaryKey("underlying", "market", "session")
    underlying = models.TextField()
    market = models.TextField()
    session = models.DateField()
    turnover = _floats()

    class Meta:
        db_table = "option_turnover"


class ChainSummary(models.Model):
    """The history of `domain.ChainSummary`; `fields` are those of its numbers that are known."""

    underlying = models.TextField()
    market = models.TextField()
    session = models.DateField()
    taken_at = models.DateTimeField()
    vendor = models.TextField()
    spot = models.FloatField(null=True)
    iv30 = models.FloatField(null=True)
    fields = models.JSONField()
    reasons = models.JSONField(default=dict)

    class Meta:
        db_table = "chain_summary"
        ordering = ("-taken_at", "underlying")
        verbose_name_plural = "chain summaries"
        constraints = (
            models.UniqueConstraint(fields=("underlying", "market", "session", "taken_at"), name="chain_summary_key"),
        )

    def __str__(self) -> str:
        return f"{self.underlying} at {self.taken_at}"


class OptionAlert(models.Model):
    """An alert: the fields of `domain.Alert`. `announce`: whether the world is told; `announced_at`: when it was.

    `verdict_waits`: it has been judged, and the world is to be told of that too.
    """

    id = models.TextField(primary_key=True)
    market = models.TextField()
    vendor = models.TextField()
    underlying = models.TextField()
    symbol = models.TextField()
    expiry = models.DateField()
    strike = models.FloatField()
    is_call = models.BooleanField()
    session = models.DateField()
    raised_at = models.DateTimeField()
    rule = models.TextField()
    version = models.IntegerField()
    score = models.FloatField()
    volume = models.FloatField()
    open_interest = models.FloatField(null=True)
    open_interest_date = models.DateField(null=True)
    expected_volume = models.FloatField(null=True)
    price = models.FloatField()
    premium = models.FloatField()
    spot = models.FloatField(null=True)
    iv = models.FloatField(null=True)
    delta = models.FloatField(null=True)
    days = models.IntegerField()
    conditions = models.JSONField()
    parts = models.JSONField()
    simulated = models.BooleanField()
    verdict = models.TextField()
    next_open_interest = models.FloatField(null=True)
    change = models.FloatField(null=True)
    confirmed_at = models.DateField(null=True)
    best = models.FloatField(null=True)
    worst = models.FloatField(null=True)
    announce = models.BooleanField()
    announced_at = models.DateTimeField(null=True)
    verdict_waits = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "option_alert"
        ordering = ("-raised_at", "-score")
        verbose_name = "alert"
        indexes = (
            models.Index(fields=("market", "-raised_at", "-id"), name="option_alert_by_time"),
            models.Index(fields=("market", "underlying", "-session"), name="option_alert_by_symbol"),
            models.Index(
                fields=("market",), name="option_alert_untold",
                condition=models.Q(announce=True, announced_at__isnull=True),
            ),
            models.Index(
                fields=("market",), name="option_alert_verdict", condition=models.Q(verdict_waits=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.id


class OptionRule(models.Model):
    """A rule set: `tests` are rows of `measure`, `comparison`, `threshold`, `of`. Other tests are a new version."""

    name = models.SlugField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.TextField(blank=True)
    tests = models.JSONField()
    enabled = models.BooleanField(default=False)
    most = models.PositiveIntegerField(default=5)

    class Meta:
        db_table = "option_rule"
        ordering = ("name", "version")
        verbose_name = "alert rule"
        constraints = (models.UniqueConstraint(fields=("name", "version"), name="option_rule_key"),)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class OptionReject(models.Model):
    """A row of a vendor's chain that was left out, and why: once for a session."""

    underlying = models.TextField()
    market = models.TextField()
    session = models.DateField()
    vendor = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "option_reject"
        ordering = ("-at",)
        verbose_name = "row left out"
        verbose_name_plural = "rows left out"
        constraints = (
            models.UniqueConstraint(
                fields=("underlying", "market", "session", "vendor", "reason"), name="option_reject_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.underlying} ({self.vendor}): {self.reason}"
