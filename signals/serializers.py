"""The shapes of signals and of what may be asked about them, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from marketdata.serializers import QuoteSerializer, SymbolField
from options.serializers import MARKETS, CursorField
from signals import cursors
from signals.domain import Action, Edge, Lean, Reason

DEFAULT_LIMIT, MOST = 50, 500


def real(text: str = "", **more: Any) -> serializers.FloatField:
    """A number that may be absent."""
    return serializers.FloatField(allow_null=True, **({"help_text": text} if text else {}), **more)


def moment(text: str = "") -> serializers.DateTimeField:
    """A time that may be absent."""
    return serializers.DateTimeField(allow_null=True, **({"help_text": text} if text else {}))


class HorizonField(serializers.RegexField):
    """5d, 30m."""

    def __init__(self, **more: Any) -> None:
        message = {"invalid": "Write a horizon like 5d (sessions) or 30m (minutes); /api/v1/track-record names ours."}
        super().__init__(r"^[1-9]\d{0,3}[dm]$", error_messages=message, **more)


class SignalsSerializer(serializers.Serializer):
    """Which signals."""

    symbol = SymbolField(default=None)
    horizon = HorizonField(default=None)
    type = serializers.ChoiceField([one.value for one in Action], default=None)
    lean = serializers.ChoiceField([one.value for one in Lean], default=None)
    since = serializers.DateTimeField(default=None)
    until = serializers.DateTimeField(default=None)
    announced = serializers.BooleanField(default=True)
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=DEFAULT_LIMIT)
    cursor = CursorField(cursors.signal, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs["since"], attrs["until"]
        if since and until and since >= until:
            raise serializers.ValidationError({"since": "This is not before `until`: exchange the two."})
        return attrs


class DecisionSerializer(serializers.Serializer):
    """Which decision."""

    symbol = SymbolField()
    at = serializers.DateTimeField(default=None)
    horizon = HorizonField(default=None)


class WhatIfSerializer(serializers.Serializer):
    """What should have been otherwise."""

    without = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=50, default=())
    threshold = serializers.FloatField(min_value=0, max_value=1, default=None)


class EvidenceSerializer(serializers.Serializer):
    """One measured thing that moved a score."""

    name = serializers.CharField()
    value = serializers.FloatField()
    threshold = real()
    unit = serializers.CharField(allow_blank=True)
    contribution = serializers.FloatField(help_text="Its signed part of the agent's score.")
    text = serializers.CharField(help_text="The same in a sentence, made of these numbers.")


class OpinionSerializer(serializers.Serializer):
    """What one agent thought."""

    agent = serializers.CharField()
    version = serializers.IntegerField()
    score = real("−1 (down) to 1 (up); null: it abstained.")
    weight = real("Its share of the vote, 0 to 1; null: it abstained.")
    abstains = serializers.CharField(allow_null=True, help_text="Why.")
    evidence = EvidenceSerializer(many=True)


class GateSerializer(serializers.Serializer):
    """A condition that a decision had to pass."""

    reason = serializers.ChoiceField([one.value for one in Reason])
    passed = serializers.BooleanField()
    value = real("Null: not known, such as a delay that the vendor does not state.")
    threshold = real()
    words = serializers.CharField(allow_blank=True, help_text="What the value is.")


class RangeSerializer(serializers.Serializer):
    """Where the return over the horizon will lie with probability `coverage`; fractions."""

    coverage = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    sd = serializers.FloatField(help_text="Its forecast standard deviation.")


class RecordSerializer(serializers.Serializer):
    """How signals did, beside the base rate and beside simply being long."""

    n = serializers.IntegerField()
    n_eff = serializers.FloatField(help_text="How many independent outcomes they are worth.")
    wins = serializers.IntegerField()
    hit_rate = real()
    low = real("Wilson's 95 % interval for n_eff.")
    high = real()
    base_rate = real("How often leaning blindly in the same directions would have won.")
    brier = real()
    skill = real("1 − Brier / Brier of the base rate.")
    net_bp = real("Mean return after costs, basis points.")
    always_long_bp = real("What simply being long brought over the same.")


class OutcomeSerializer(serializers.Serializer):
    """What became of a signal, graded once."""

    entered_at = serializers.DateTimeField(help_text="The next bar's open.")
    entry = serializers.FloatField()
    exited_at = serializers.DateTimeField()
    exit = serializers.FloatField()
    gross = serializers.FloatField(help_text="Return of being long, a fraction.")
    net = serializers.FloatField(help_text="Return of the lean after costs (of being long where it was flat).")
    won = serializers.BooleanField()
    in_range = serializers.BooleanField(allow_null=True, help_text="Whether gross lay in the expected range.")
    regime = serializers.CharField(allow_blank=True, help_text="How volatile it was when the decision was made.")


class SignalSerializer(serializers.Serializer):
    """A judgement of one symbol on one closed bar. HOLD unless an edge is proven; then `lean` says where it leans."""

    signal_id = serializers.UUIDField()
    symbol = serializers.CharField()
    signal_type = serializers.ChoiceField([one.value for one in Action])
    confidence = real("Calibrated probability that the lean wins after costs; null: nothing was learned yet.")
    reasoning = serializers.CharField()
    lean = serializers.ChoiceField([one.value for one in Lean])
    score = serializers.FloatField(help_text="The raw vote, −1 to 1: no probability.")
    base_rate = real("How often such directions win anyway.")
    confidence_low = real("The 95 % interval of the confidence.")
    confidence_high = real()
    edge_status = serializers.ChoiceField(
        [one.value for one in Edge], allow_null=True,
        help_text="proven: edge_probability at least .95, and a gain after costs.",
    )  # fmt: skip
    edge_probability = real("P(confidence above base rate).")
    n = serializers.IntegerField(allow_null=True, help_text="Resolved outcomes of such scores.")
    n_eff = real("How many independent ones they are worth.")
    horizon = serializers.CharField()
    at = serializers.DateTimeField(help_text="The end of the bar that was judged.")
    judged_at = serializers.DateTimeField()
    price = serializers.FloatField(help_text="The close of that bar.")
    expected_range = RangeSerializer(allow_null=True)
    record = RecordSerializer(allow_null=True, help_text="Of outcomes that had closed before it was issued.")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Of the gates that failed: why it is HOLD, or was not announced."
    )
    opinions = OpinionSerializer(many=True)
    gates = GateSerializer(many=True)
    weights = serializers.DictField(child=serializers.FloatField(), help_text="Agent: its share of the vote.")
    agent_set = serializers.CharField(help_text="Names the agents, versions, parameters and weights.")
    inputs = serializers.CharField(help_text="SHA-256 of all that was known.")
    decision = serializers.CharField(help_text="SHA-256 of all that was decided.")
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    announced = serializers.BooleanField(help_text="Whether everybody was told.")
    outcome = OutcomeSerializer(allow_null=True)


class SignalPageSerializer(serializers.Serializer):
    """Signals, newest first."""

    results = SignalSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null: this is the last one.")


class SeenBarsSerializer(serializers.Serializer):
    """The bars as the judge saw them."""

    interval = serializers.CharField()
    first = moment("Null: they are gone.")
    last = moment()
    count = serializers.IntegerField()
    let_go_before = moment(
        "Null, unless they were let go: so were all minutes from before then that no younger decision needs"
        " (SIGNALS_MINUTE_DAYS). The decision cannot be replayed."
    )


class WorthSerializer(serializers.Serializer):
    """What the data was worth."""

    quote_age = real("Seconds between the quote and the decision.")
    is_open = serializers.BooleanField()
    delayed_by = serializers.IntegerField(
        allow_null=True, help_text="Seconds by which the feed is late; null: the vendor states no delay."
    )
    contested = serializers.BooleanField()
    missing = serializers.IntegerField(help_text="Expected bars that were not there.")


class HeldQuoteSerializer(QuoteSerializer):
    """The quote that was held then."""

    stale = None
    age = None


class InputsSerializer(serializers.Serializer):
    """All that a decision was made from; manage.py replay makes it again from this."""

    bars = SeenBarsSerializer()
    quote = HeldQuoteSerializer(allow_null=True)
    condition = WorthSerializer()
    calibration = serializers.IntegerField(allow_null=True, help_text="The version of what had been learned.")
    outcomes = serializers.IntegerField(help_text="The number of the last outcome that was known.")
    run = serializers.IntegerField(help_text="The judge's turn.")
    parameters = serializers.CharField(help_text="Hash of the settings of horizon and gates.")
    parts = serializers.DictField(child=serializers.CharField(), help_text="SHA-256 of each part of the view.")


class GatesSerializer(serializers.Serializer):
    """The gates."""

    passed = GateSerializer(many=True)
    failed = GateSerializer(many=True)


class OtherwiseSerializer(serializers.Serializer):
    """The vote without one agent."""

    agent = serializers.CharField()
    score = serializers.FloatField()
    lean = serializers.ChoiceField([one.value for one in Lean])
    flips = serializers.BooleanField(help_text="Whether that is another lean.")


class CustomSerializer(serializers.Serializer):
    """The vote as it was asked for."""

    without = serializers.ListField(child=serializers.CharField())
    threshold = serializers.FloatField()
    score = serializers.FloatField()
    lean = serializers.ChoiceField([one.value for one in Lean])
    flips = serializers.BooleanField()


class ChangeSerializer(serializers.Serializer):
    """A single change that turns the lean."""

    kind = serializers.ChoiceField(["without", "score", "threshold"])
    agent = serializers.CharField(allow_null=True)
    before = serializers.FloatField()
    after = real("Null: no opinion.")
    lean = serializers.ChoiceField([one.value for one in Lean])
    size = serializers.FloatField()
    words = serializers.CharField()


class CounterfactualsSerializer(serializers.Serializer):
    """What the vote would have been otherwise, made again from the stored votes."""

    sample = serializers.ChoiceField(
        ["in-sample", "out-of-sample"],
        help_text="out-of-sample: cast after calibration, and its outcome is still open. in-sample: the outcome is"
        " known, or nothing had been learned; a choice made now is hindsight.",
    )
    note = serializers.CharField()
    threshold = serializers.FloatField(help_text="The score from which agents lean anywhere.")
    without = OtherwiseSerializer(many=True)
    changes = ChangeSerializer(many=True, help_text="Smallest first.")
    nearest = serializers.CharField(allow_null=True, help_text="The first of them in words; null: none turns it.")
    custom = CustomSerializer(allow_null=True, help_text="Where `without` or `threshold` was asked for.")


class EntrySerializer(serializers.Serializer):
    """An entry of the ledger."""

    seq = serializers.IntegerField()
    head = serializers.CharField()


class ExplanationOfSignalSerializer(serializers.Serializer):
    """Why a signal is what it is."""

    signal = SignalSerializer()
    inputs = InputsSerializer()
    gates = GatesSerializer()
    counterfactuals = CounterfactualsSerializer()
    ledger = EntrySerializer(allow_null=True)


class HeadSerializer(EntrySerializer):
    """The end of the ledger."""

    at = moment("Null: it is empty.")
