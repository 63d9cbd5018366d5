"""The shapes of the REST answers, for the OpenAPI document, and what may be asked."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers
from rest_framework.utils import html

from marketdata.serializers import SymbolField
from options import cursors
from options.choosing import Choice, Moneyness
from options.domain import Verdict

DEFAULT_LIMIT, MOST = 200, 1000
SIDES = ("call", "put")
MARKETS = ("live", "simulated", "recorded")


def figure(text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **({"help_text": text} if text else {}))


def day(text: str = "") -> serializers.DateField:
    return serializers.DateField(allow_null=True, **({"help_text": text} if text else {}))


class DatesField(serializers.ListField):
    """Dates, each in a parameter of its own or with commas between: ?expiry=2026-11-27,2026-12-18."""

    child = serializers.DateField()

    def get_value(self, dictionary: Any) -> Any:
        """All values of the parameter, whichever way they were written."""
        if not html.is_html_input(dictionary) or self.field_name not in dictionary:
            return super().get_value(dictionary)
        return [one.strip() for value in dictionary.getlist(self.field_name) for one in value.split(",")]


class CursorField(serializers.CharField):
    """The `next` of the page before; becomes the place that it names."""

    def __init__(self, read: Callable[[str], Any], **more: Any) -> None:
        super().__init__(**more)
        self._read = read

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self._read(super().to_internal_value(data))
        except cursors.BadCursor as error:
            raise serializers.ValidationError(str(error)) from None


class PageSerializer(serializers.Serializer):
    """How much of a list."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=DEFAULT_LIMIT)


class ChoiceSerializer(PageSerializer):
    """Which contracts of a chain."""

    expiry = DatesField(default=())
    type = serializers.ChoiceField(SIDES, default=None)
    strike_min = serializers.FloatField(min_value=0, default=None)
    strike_max = serializers.FloatField(min_value=0, default=None)
    moneyness = serializers.ChoiceField([one.value for one in Moneyness], default=Moneyness.ALL.value)
    cursor = CursorField(cursors.place, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs["strike_min"], attrs["strike_max"]
        if low is not None and high is not None and low > high:
            raise serializers.ValidationError(
                {"strike_min": f"{low:g} is above strike_max, {high:g}: exchange the two."}
            )
        return attrs

    def choice(self) -> Choice:
        """What was asked for."""
        asked = self.validated_data
        return Choice(
            expiries=frozenset(asked["expiry"]), is_call=asked["type"] and asked["type"] == "call",
            strike_min=asked["strike_min"], strike_max=asked["strike_max"], moneyness=Moneyness(asked["moneyness"]),
        )  # fmt: skip


class AlertsSerializer(PageSerializer):
    """Which alerts."""

    symbol = SymbolField(default=None)
    rule = serializers.SlugField(max_length=40, default=None)
    session = serializers.DateField(default=None)
    verdict = serializers.ChoiceField([one.value for one in Verdict], default=None)
    min_score = serializers.FloatField(min_value=0, max_value=100, default=None)
    cursor = CursorField(cursors.moment, default=None)


class ExpirySerializer(serializers.Serializer):
    """An expiry of one root."""

    date = serializers.DateField()
    root = serializers.CharField(help_text="SPX and SPXW are two roots of one underlying.")
    days = serializers.IntegerField()
    taken_at = serializers.DateTimeField(help_text="When its contracts were told: far expiries come by turns.")
    contracts = serializers.IntegerField()
    forward = figure("What the underlying is worth on that day, by the options' own prices.")
    by_parity = serializers.BooleanField(help_text="False: for want of quotes, from spot and rate.")
    atm_iv = figure("Implied volatility where the strike is the forward, a fraction per year.")


class ContractSerializer(serializers.Serializer):
    """A contract. Prices per share, volume and open interest in contracts; what nobody gave is null."""

    contract = serializers.CharField(help_text="The OCC symbol.")
    root = serializers.CharField()
    expiry = serializers.DateField()
    strike = serializers.FloatField()
    type = serializers.ChoiceField(SIDES)
    multiplier = figure()
    bid = figure()
    ask = figure()
    mid = figure("Only of a quote with two sides that are not crossed.")
    last = figure()
    volume = figure("Of this session; 0 where the last trade is older.")
    open_interest = figure("At the close of open_interest_date.")
    open_interest_date = day("Null: the vendor does not date it.")
    iv = figure("From the smile of its expiry, a fraction per year.")
    no_iv = serializers.CharField(allow_null=True, help_text="Why there is no iv.")
    delta = figure("Per $1.")
    gamma = figure("Per $1 squared.")
    vega = figure("Per point of volatility.")
    theta = figure("Per calendar day.")
    rho = figure("Per 1 % of rate.")
    unusual = figure("How unusual its trading is, 0 to 100.")


class ChainSerializer(serializers.Serializer):
    """Contracts of a chain, by expiry, root and strike; `expiries` has all there are, whatever was asked for."""

    symbol = serializers.CharField()
    vendor = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    delayed_by = serializers.IntegerField(allow_null=True, help_text="Seconds; 0: live; null: unknown.")
    taken_at = serializers.DateTimeField(help_text="The moment the quotes hold for.")
    session = serializers.DateField()
    spot = figure()
    spot_as_of = serializers.DateTimeField(allow_null=True)
    expiries = ExpirySerializer(many=True)
    results = ContractSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null: this is the last one.")


class SummarySerializer(serializers.Serializer):
    """A chain in a few numbers; each that is null has its reason, each that takes something for granted says what."""

    symbol = serializers.CharField()
    vendor = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    delayed_by = serializers.IntegerField(allow_null=True)
    taken_at = serializers.DateTimeField()
    oldest_at = serializers.DateTimeField(
        allow_null=True, help_text="Of the part that was told first; null: as taken_at."
    )
    session = serializers.DateField()
    contracts = serializers.IntegerField()
    expiries = serializers.IntegerField()
    spot = figure()
    forward = figure("Of forward_expiry.")
    forward_expiry = day()
    max_pain = figure("The settlement at which the holders of max_pain_expiry's options get least.")
    max_pain_expiry = day()
    gex = figure("Dealer gamma in dollars per 1 % move, under the assumption named.")
    zero_gamma = figure("The price nearest to spot at which it changes its sign.")
    put_call_volume = figure()
    put_call_oi = figure()
    put_call_premium = figure()
    iv30 = figure("At-the-money volatility of 30 days, a fraction per year.")
    iv_rank = figure("0 to 100, within the range of the last 252 sessions; null below 60 of our own.")
    iv_percentile = figure("Share of those sessions with a lower iv30, 0 to 100.")
    iv_sessions = serializers.IntegerField(help_text="How many of those sessions there are.")
    skew_25d = figure("IV of the 25-delta put less that of the 25-delta call, a fraction per year.")
    skew_25d_relative = figure("The same as a fraction of the at-the-money volatility.")
    term_slope = figure("IV of 90 days less iv30.")
    term_ratio = figure("iv30 / IV of 7 days.")
    expected_move = figure("One standard deviation in dollars, to expected_move_expiry.")
    expected_move_expiry = day()
    straddle = figure("What the at-the-money straddle of that expiry costs; about 0.8 of a standard deviation.")
    call_volume = figure()
    put_volume = figure()
    call_oi = figure()
    put_oi = figure()
    open_interest_date = day()
    reasons = serializers.DictField(child=serializers.CharField(), help_text="Field: why it is null.")
    assumptions = serializers.DictField(child=serializers.CharField(), help_text="Field: what it takes for granted.")


class GammaPointSerializer(serializers.Serializer):
    """Dealer gamma in dollars per 1 % move."""

    price = serializers.FloatField(help_text="A strike, or a price of the underlying.")
    calls = serializers.FloatField()
    puts = serializers.FloatField()
    net = serializers.FloatField()


class GammaSerializer(serializers.Serializer):
    """Dealer gamma: of the contracts of each strike now, and of all together at other prices of the underlying."""

    symbol = serializers.CharField()
    vendor = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    taken_at = serializers.DateTimeField()
    session = serializers.DateField()
    spot = figure()
    gex = figure()
    zero_gamma = figure()
    by_strike = GammaPointSerializer(many=True)
    by_spot = GammaPointSerializer(many=True, help_text="Empty where there is no spot.")
    reasons = serializers.DictField(child=serializers.CharField())
    assumption = serializers.CharField()


class SmilePointSerializer(serializers.Serializer):
    """A point of a smile."""

    strike = serializers.FloatField()
    iv = figure()
    moneyness = figure("strike / forward")


class SmileSliceSerializer(serializers.Serializer):
    """The smile of one expiry of one root, from out-of-the-money quotes."""

    expiry = serializers.DateField()
    root = serializers.CharField()
    days = serializers.IntegerField()
    taken_at = serializers.DateTimeField()
    forward = figure()
    by_parity = serializers.BooleanField()
    atm_iv = figure()
    points = SmilePointSerializer(many=True)


class TermSerializer(serializers.Serializer):
    """At-the-money volatility of one expiry."""

    days = serializers.IntegerField()
    atm_iv = serializers.FloatField()


class SmileSerializer(serializers.Serializer):
    """Smiles by expiry and root, and the term structure."""

    symbol = serializers.CharField()
    vendor = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    simulated = serializers.BooleanField()
    taken_at = serializers.DateTimeField()
    session = serializers.DateField()
    spot = figure()
    expiries = SmileSliceSerializer(many=True)
    term = TermSerializer(many=True)
    assumption = serializers.CharField()
