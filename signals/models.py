"""The rows, for the store and the admin only. They are written once: triggers of the migration refuse all else."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Signal(models.Model):
    """A decision: the fields of `domain.Signal` and `domain.Decision`. Only `announced_at` may be set later, once."""

    id = models.UUIDField(primary_key=True)
    market = models.TextField()
    symbol = models.TextField()
    horizon = models.TextField()
    at = models.DateTimeField()
    judged_at = models.DateTimeField()
    action = models.TextField()
    lean = models.TextField()
    score = models.FloatField()
    price = models.FloatField()
    calibrated = models.JSONField(null=True)
    expected = models.JSONField(null=True)
    record = models.JSONField(null=True)
    opinions = models.JSONField()
    gates = models.JSONField()
    reasons = ArrayField(models.TextField())
    reasoning = models.TextField()
    agent_set = models.TextField()
    weights = models.JSONField()
    inputs = models.TextField()
    decision = models.TextField()
    simulated = models.BooleanField()
    knowledge = models.JSONField()
    announces = models.BooleanField()
    announced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signal"
        ordering = ("-at", "symbol")
        indexes = (
            models.Index(fields=("market", "symbol", "horizon", "-at"), name="signal_by_symbol"),
            models.Index(fields=("market", "-at"), name="signal_by_time"),
            models.Index(
                fields=("judged_at",), name="signal_to_announce", condition=Q(announces=True, announced_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.symbol} {self.horizon} {self.action} ({self.lean}) of {self.at:%Y-%m-%d %H:%M}"


class Outcome(models.Model):
    """What became of a signal: the fields of `domain.Outcome`, frozen. `seq` is the order in which they were known."""

    seq = models.BigAutoField(primary_key=True)
    signal = models.UUIDField(unique=True)
    market = models.TextField()
    symbol = models.TextField()
    horizon = models.TextField()
    lean = models.TextField()
    action = models.TextField()
    score = models.FloatField()
    confidence = models.FloatField(null=True)
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entry = models.FloatField()
    exited_at = models.DateTimeField()
    exit = models.FloatField()
    gross = models.FloatField()
    net = models.FloatField()
    won = models.BooleanField()
    in_range = models.BooleanField(null=True)
    regime = models.TextField()
    agent_set = models.TextField()
    simulated = models.BooleanField()
    opinions = models.JSONField()
    base_rate = models.FloatField(null=True)
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "outcome"
        ordering = ("-exited_at", "symbol")
        indexes = (
            models.Index(fields=("market", "horizon", "seq"), name="outcome_by_horizon"),
            models.Index(fields=("market", "symbol", "horizon", "-exited_at"), name="outcome_by_symbol"),
        )

    def __str__(self) -> str:
        return f"{self.symbol} {self.horizon} of {self.at:%Y-%m-%d %H:%M}: {10_000 * self.net:+.0f} bp"


class OutcomeNotice(models.Model):
    """An outcome that everybody is still to be told of: its signal was told. The row goes when that is done."""

    signal = models.UUIDField(primary_key=True)
    market = models.TextField()

    class Meta:
        db_table = "outcome_notice"

    def __str__(self) -> str:
        return str(self.signal)


class Ledger(models.Model):
    """The chain of hashes over all signals and outcomes (`chaining.Entry`)."""

    seq = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    ref = models.UUIDField()
    payload = models.TextField()
    previous = models.TextField()
    head = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger"
        ordering = ("-seq",)
        verbose_name_plural = "ledger"
        indexes = (models.Index(fields=("ref",), name="ledger_by_ref"),)

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.head[:12]}"


class LetGo(models.Model):
    """Decisions that were let go (`domain.LetGo`): the only ones that the triggers let anybody delete."""

    id = models.UUIDField(primary_key=True)
    market = models.TextField()
    at = models.DateTimeField()
    before = models.DateTimeField()
    days = models.IntegerField()
    first = models.DateTimeField()
    last = models.DateTimeField()
    count = models.IntegerField()
    entries_first = ArrayField(models.BigIntegerField())
    entries_last = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "let_go"
        ordering = ("-at",)
        verbose_name_plural = "let go"

    def __str__(self) -> str:
        return f"{self.count} decisions, {self.market}, {self.first:%Y-%m-%d %H:%M} to {self.last:%Y-%m-%d %H:%M}"


class ViewBar(models.Model):
    """A bar as the judge saw it from its turn `run` on; a bar that a vendor corrected has another row."""

    pk = models.CompositePrimaryKey("symbol", "interval", "market", "start", "run")
    symbol = models.TextField()
    interval = models.TextField()
    market = models.TextField()
    start = models.DateTimeField()
    run = models.BigIntegerField()
    seen_at = models.DateTimeField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = models.FloatField(null=True)
    vendor = models.TextField()
    simulated = models.BooleanField()

    class Meta:
        db_table = "view_bar"


class ViewSummary(models.Model):
    """A chain's summary as the judge saw it from its turn `run` on."""

    pk = models.CompositePrimaryKey("underlying", "market", "session", "run")
    underlying = models.TextField()
    market = models.TextField()
    session = models.DateField()
    run = models.BigIntegerField()
    seen_at = models.DateTimeField()
    digest = models.TextField()
    summary = models.JSONField()

    class Meta:
        db_table = "view_summary"


class Calibration(models.Model):
    """A version of what was learned of one market, horizon and agent set; the outcomes make it again at any time.

    `outcomes`: the number of the last outcome in it; `through`: the last exit in it; `is_warm`: the stored history was
    walked first.
    """

    version = models.BigAutoField(primary_key=True)
    market = models.TextField()
    horizon = models.TextField()
    agent_set = models.TextField()
    made_at = models.DateTimeField()
    through = models.DateTimeField(null=True)
    outcomes = models.BigIntegerField()
    is_warm = models.BooleanField()
    state = models.JSONField()

    class Meta:
        db_table = "calibration"
        ordering = ("-version",)
        indexes = (models.Index(fields=("market", "horizon", "agent_set", "-version"), name="calibration_newest"),)

    def __str__(self) -> str:
        return f"{self.market} {self.horizon} version {self.version}"
