"""The shapes of the roll call and of the record, for the OpenAPI document."""

from rest_framework import serializers

from marketdata.serializers import SymbolField
from options.serializers import MARKETS
from signals.roll_call import STATUSES
from signals.serializers import HorizonField, RecordSerializer, moment, real
from signals.track_record import GROUPS


class AgentSerializer(serializers.Serializer):
    """An agent, how it does, and how its own leans did."""

    agent = serializers.CharField()
    version = serializers.IntegerField()
    intervals = serializers.ListField(child=serializers.CharField(), help_text="The bars it judges.")
    weight = serializers.FloatField(help_text="Of the settings; 0: it is heard and not counted.")
    share = serializers.FloatField(help_text="Of the vote if nobody abstains, 0 to 1.")
    parameters = serializers.CharField(help_text="Hash of its parameters.")
    status = serializers.ChoiceField(
        STATUSES,
        help_text="abstains: always; idle: has judged nothing; failing: it raised, or the judge stands still.",
    )
    reason = serializers.CharField(allow_null=True, help_text="Why, or the most frequent reason to abstain.")
    last_run = moment()
    took_ms = real("An opinion, on average.")
    opinions = serializers.IntegerField(help_text="In its last turn.")
    abstained = serializers.IntegerField()
    horizon = serializers.CharField(allow_null=True, help_text="Of the record.")
    record = RecordSerializer(allow_null=True, help_text="Null: none of its leans has been graded.")


class JudgeSerializer(serializers.Serializer):
    """Who asks the agents whenever a bar has closed."""

    running = serializers.BooleanField()
    last = moment("When it last looked for closed bars.")
    judged_at = moment("When it last found some.")
    seconds = real("How long that took.")
    judged = serializers.IntegerField(allow_null=True, help_text="How many decisions came of it.")


class AgentsSerializer(serializers.Serializer):
    """The roll call."""

    agents = AgentSerializer(many=True)
    judge = JudgeSerializer()


class WhoseRecordSerializer(serializers.Serializer):
    """Which record."""

    symbol = SymbolField(default=None)
    horizon = HorizonField(default=None)
    group = serializers.ChoiceField(GROUPS, default="all")
    agent_set = serializers.CharField(max_length=100, default=None)


class BinSerializer(serializers.Serializer):
    """One column of a reliability diagram."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()
    mean_confidence = real()
    hit_rate = real()
    wilson_low = real()
    wilson_high = real()


class RecordRowSerializer(serializers.Serializer):
    """One line of the record. brier = reliability − resolution + uncertainty + within (Murphy 1973)."""

    group = serializers.ChoiceField(GROUPS)
    key = serializers.CharField(allow_blank=True, help_text="Which symbol, agent, direction or regime.")
    record = RecordSerializer()
    bins = BinSerializer(many=True, help_text="Empty below 30 outcomes.")
    reliability = real()
    resolution = real()
    uncertainty = real()
    within = real("What the bins hide.")
    ece = real("Expected calibration error.")
    ece_floor = real("What a perfect forecaster would show with so few independent outcomes.")
    range_coverage = real("Share of outcomes inside their expected range; 0.8 is promised.")
    range_n = serializers.IntegerField()
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    extra = serializers.DictField(
        help_text="95 % interval of net_bp (block bootstrap); sharpness (sd of confidence); precision at coverage."
    )


class TrackRecordSerializer(serializers.Serializer):
    """How signals did that were issued live; walked history is not among them."""

    market = serializers.ChoiceField(MARKETS)
    horizon = serializers.CharField()
    horizons = serializers.ListField(child=serializers.CharField())
    symbol = serializers.CharField(allow_null=True, help_text="Whose signals alone are counted; null: of all.")
    group = serializers.ChoiceField(GROUPS)
    agent_set = serializers.CharField(help_text="Whose record: sets of agents are never pooled.")
    outcomes = serializers.IntegerField(help_text="Outcomes of signals that were issued, and are counted here.")
    total = serializers.IntegerField(
        help_text="All there are of this agent set (and symbol); the last ones are counted."
    )
    warm = serializers.CharField(allow_null=True, help_text="What the confidences began with.")
    reason = serializers.CharField(allow_null=True, help_text="Why there are no rows.")
    rows = RecordRowSerializer(many=True)
