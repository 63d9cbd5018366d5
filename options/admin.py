"""The operator's door to options: alert rules to switch and to change, and the rows to look at."""

from math import isfinite
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marketdata.admin import Bounded, ReadOnly
from options import store
from options.models import ChainSummary, OptionAlert, OptionContract, OptionReject, OptionRule
from options.rules import COMPARISONS, UNITS, BadRule, RuleSet


class RuleForm(forms.ModelForm):
    """A rule whose tests can be understood."""

    class Meta:
        help_texts = {  # noqa: RUF012
            "tests": (
                'All must hold. A list of objects, e.g. {"measure": "volume", "comparison": ">=", "threshold": 1.25,'
                f' "of": "open interest"}}. Measures: {", ".join(UNITS)}. Comparisons: {", ".join(COMPARISONS)}.'
                " Changed tests become the next version, so that the record of this one stays true."
            ),
            "most": "Alerts that it may raise for an underlying and session.",
        }

    def clean_tests(self) -> Any:
        """The tests, if they can be understood."""
        rows = self.cleaned_data["tests"]
        try:
            rule = RuleSet("This rule", 1, "", store.read_tests(rows))
        except BadRule as error:
            raise forms.ValidationError(str(error)) from None
        if not all(isfinite(one.threshold) for one in rule.tests):
            raise forms.ValidationError("Write a finite number as the threshold.")
        return rows

    def clean_most(self) -> int:
        """At least one: a rule that may raise nothing is switched off instead."""
        most: int = self.cleaned_data["most"]
        if most < 1:
            raise forms.ValidationError("Write at least 1, or switch the rule off.")
        return most


@admin.register(OptionRule)
class RuleAdmin(admin.ModelAdmin):
    """The rules that raise alerts. None is deleted: alerts name the rule that raised them."""

    form = RuleForm
    list_display = ("name", "version", "title", "enabled", "most", "asks")
    list_editable = ("enabled",)
    list_filter = ("enabled",)
    readonly_fields = ("version",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OptionRule]:
        """Those of the house are there from the first look on."""
        store.rule_sets()
        return super().get_queryset(request)

    def get_readonly_fields(self, request: HttpRequest, obj: OptionRule | None = None) -> tuple[str, ...]:
        """A rule keeps its name; another name is another rule."""
        return ("name", "version") if obj else ("version",)

    def save_model(self, request: HttpRequest, obj: OptionRule, form: forms.ModelForm, change: bool) -> None:
        """Other tests are another version; of the versions of a rule one at most is on."""
        kept = store.save_rule(
            RuleSet(obj.name, obj.version, obj.title, store.read_tests(obj.tests), obj.enabled, obj.most)
        )
        row = OptionRule.objects.get(name=kept.name, version=kept.version)
        obj.pk, obj.version = row.pk, row.version
        if obj.enabled:
            OptionRule.objects.filter(name=obj.name).exclude(pk=obj.pk).update(enabled=False)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def asks(self, row: OptionRule) -> str:
        """Its tests in words."""
        return "; ".join(_said(one) for one in row.tests if isinstance(one, dict))


def _said(test: dict[str, Any]) -> str:
    of = f" × {test['of']}" if test.get("of") else ""
    return f"{test.get('measure')} {test.get('comparison')} {test.get('threshold')}{of}"


@admin.register(OptionAlert)
class AlertAdmin(ReadOnly):
    """What the rules raised, and what the next day's open interest said of it."""

    list_display = (
        "raised_at", "underlying", "symbol", "rule", "version", "score", "volume", "open_interest", "premium",
        "verdict", "change", "market",
    )  # fmt: skip
    list_filter = ("market", "rule", "verdict", "simulated")
    date_hierarchy = "session"
    paginator = Bounded
    search_fields = ("underlying", "symbol")


@admin.register(ChainSummary)
class SummaryAdmin(ReadOnly):
    """What chains said in a few numbers."""

    list_display = ("taken_at", "underlying", "session", "spot", "iv30", "vendor", "market")
    list_filter = ("market", "vendor")
    date_hierarchy = "session"
    paginator = Bounded
    search_fields = ("underlying",)


@admin.register(OptionContract)
class ContractAdmin(ReadOnly):
    """The contracts that vendors have named."""

    list_display = ("symbol", "underlying", "root", "expiry", "strike", "is_call", "multiplier")
    list_filter = ("is_call",)
    date_hierarchy = "expiry"
    paginator = Bounded
    search_fields = ("symbol__startswith", "underlying__exact")


@admin.register(OptionReject)
class RejectAdmin(ReadOnly):
    """Rows of vendors' chains that were left out, and why."""

    list_display = ("at", "underlying", "session", "vendor", "market", "reason")
    list_filter = ("market", "vendor")
    paginator = Bounded
    search_fields = ("underlying", "reason")
