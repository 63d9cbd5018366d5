"""The shapes of alerts and of how often they were confirmed, for the OpenAPI document."""

from rest_framework import serializers

from options.domain import Verdict
from options.serializers import MARKETS, SIDES, day, figure


class ConditionSerializer(serializers.Serializer):
    """One condition of a rule, as it was found."""

    name = serializers.CharField()
    value = figure("Null: not known.")
    comparison = serializers.CharField()
    threshold = serializers.FloatField()
    unit = serializers.CharField(allow_blank=True)
    held = serializers.BooleanField()


class PartSerializer(serializers.Serializer):
    """One summand of the score: weight × share."""

    name = serializers.CharField()
    value = figure()
    share = serializers.FloatField(help_text="0 to 1.")
    weight = serializers.FloatField()


class AlertSerializer(serializers.Serializer):
    """A contract whose trading in a session is worth a look, and the evidence. Nobody knows who bought or sold."""

    alert_id = serializers.CharField(help_text="The same finding always has the same.")
    symbol = serializers.CharField(help_text="The underlying.")
    contract = serializers.CharField(help_text="The OCC symbol.")
    type = serializers.ChoiceField(SIDES)
    expiry = serializers.DateField()
    strike = serializers.FloatField()
    days = serializers.IntegerField(help_text="To expiry.")
    session = serializers.DateField()
    raised_at = serializers.DateTimeField()
    vendor = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    rule = serializers.CharField()
    version = serializers.IntegerField()
    score = serializers.FloatField(help_text="0 to 100.")
    volume = serializers.FloatField()
    open_interest = figure("At the close of open_interest_date, before this session.")
    open_interest_date = day()
    expected_volume = figure("What the score compares the volume with.")
    price = serializers.FloatField(help_text="Per share.")
    premium = serializers.FloatField(help_text="Dollars: volume × multiplier × price.")
    spot = figure()
    iv = figure()
    delta = figure()
    conditions = ConditionSerializer(many=True)
    parts = PartSerializer(many=True)
    side = serializers.CharField(allow_null=True, help_text="Always null: see side_reason.")
    side_reason = serializers.CharField()
    earnings = serializers.DateField(allow_null=True, help_text="Always null: see earnings_reason.")
    earnings_reason = serializers.CharField()
    verdict = serializers.ChoiceField(
        [one.value for one in Verdict], help_text="What the next session's open interest says of it."
    )
    next_open_interest = figure()
    change = figure("next_open_interest less open_interest.")
    confirmed_at = day("The date of that open interest.")
    best = figure("The contract's largest gain since then, as a fraction of price; null: not seen again.")
    worst = figure("Its largest loss.")


class ConfirmationSerializer(serializers.Serializer):
    """How often the next day's open interest confirmed a rule."""

    rule = serializers.CharField()
    version = serializers.IntegerField()
    alerts = serializers.IntegerField()
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    unclear = serializers.IntegerField()
    pending = serializers.IntegerField()
    share = figure("opened / (opened + closed + unclear); null where there is none yet.")
    low = figure("Its 95 % Wilson interval.")
    high = figure()


class AlertPageSerializer(serializers.Serializer):
    """Alerts, newest first, and the record of each rule."""

    results = AlertSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null: this is the last one.")
    confirmation = ConfirmationSerializer(many=True)
