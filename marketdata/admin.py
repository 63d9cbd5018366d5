"""The operator's door: symbols and sources to switch, and the rows to look at."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import cached_property

from marketdata import quotas, standing, wiring
from marketdata.models import (
    CorporateAction,
    CoverageRow,
    Latest,
    Quarantine,
    QuoteRow,
    SourceDay,
    SourceSwitch,
    Symbol,
)
from marketdata.symbols import InvalidSymbol, canonical

RECENT = timedelta(minutes=10)
"""What the list of quotes shows until a symbol is searched for: `quote` is too long to be sorted by time alone."""


class SymbolForm(forms.ModelForm):
    """A symbol in any common spelling."""

    def clean_symbol(self) -> str:
        try:
            return canonical(self.cleaned_data["symbol"])
        except InvalidSymbol as error:
            raise forms.ValidationError(str(error)) from None


@admin.register(Symbol)
class SymbolAdmin(admin.ModelAdmin):
    """The watchlist and its order."""

    form = SymbolForm
    list_display = ("symbol", "name", "position", "watched", "active")
    list_editable = ("position", "watched", "active")
    list_filter = ("watched", "active")
    search_fields = ("symbol", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Symbol | None = None) -> tuple[str, ...]:
        """A symbol is its own key: another spelling would be another row."""
        return ("symbol",) if obj else ()


class ReadOnly(admin.ModelAdmin):
    """Rows that only the market writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SourceSwitch)
class SourceAdmin(admin.ModelAdmin):
    """Which sources may be asked. Their order is that of MARKETDATA_SOURCES in the settings."""

    list_display = ("name", "enabled", "order", "status", "last_success", "last_failure", "latency_ms")
    list_editable = ("enabled",)
    list_display_links = None
    readonly_fields = ("name",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Every source of this market has a switch to show."""
        self._standing = {one["name"]: one for one in standing.sources({})}
        SourceSwitch.objects.bulk_create([SourceSwitch(name=name) for name in self._standing], ignore_conflicts=True)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: SourceSwitch, form: forms.ModelForm, change: bool) -> None:
        """Off and on again is how an operator says that a source may be asked again."""
        super().save_model(request, obj, form, change)
        if obj.enabled and "enabled" in form.changed_data:
            wiring.gatekeeper().forgive(obj.name)

    def get_urls(self) -> list[URLPattern]:
        """The quota planner beside the list."""
        own = path("quotas/", self.admin_site.admin_view(self.quotas), name="marketdata_quotas")
        return [own, *super().get_urls()]

    def quotas(self, request: HttpRequest) -> HttpResponse:
        """Whether the watchlist fits each vendor's limits, and what to drop if not."""
        plans, keeper = quotas.plans(), wiring.gatekeeper()
        rows = [(plan, budget.used() if (budget := keeper.budget(plan.source)) else ()) for plan in plans]
        context = {**self.admin_site.each_context(request), "title": "Quotas", "rows": rows}
        return TemplateResponse(request, "admin/marketdata/quotas.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def order(self, row: SourceSwitch) -> str:
        return str(self._of(row).get("order", "another market"))

    def status(self, row: SourceSwitch) -> str:
        return str(self._of(row).get("status", "")) if row.enabled else "off"

    def last_success(self, row: SourceSwitch) -> datetime | None:
        return _instant(self._of(row).get("last_success"))

    def last_failure(self, row: SourceSwitch) -> str:
        failed = self._of(row).get("last_failure")
        return f"{_instant(failed['at']):%d %b %H:%M:%S} {failed['error']}: {failed['message']}" if failed else ""

    def latency_ms(self, row: SourceSwitch) -> float | None:
        return self._of(row).get("latency_ms")

    def _of(self, row: SourceSwitch) -> dict[str, Any]:
        return self._standing.get(row.name, {})


@admin.register(SourceDay)
class SourceDayAdmin(ReadOnly):
    """The scoreboard: what each source did on each day (UTC)."""

    list_display = (
        "day", "source", "answers", "pushes", "latency_p50_ms", "latency_p95_ms", "push_p50_ms", "push_p95_ms", "gaps",
        "errors", "disagreements", "outages", "outage_seconds",
    )  # fmt: skip
    list_filter = ("source",)
    date_hierarchy = "day"


class Bounded(Paginator):
    """Counts no further than anybody pages."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.object_list[: self.most].count()


@admin.register(QuoteRow)
class QuoteAdmin(ReadOnly):
    """The history of one symbol (search for it), or the last minutes of all."""

    list_display = ("symbol", "price", "bid", "ask", "volume", "as_of", "vendor", "market", "flags")
    ordering = ("-as_of",)
    paginator = Bounded
    search_fields = ("symbol",)
    search_help_text = "A whole symbol; without one, the last ten minutes are shown."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[QuoteRow], term: str
    ) -> tuple[QuerySet[QuoteRow], bool]:
        """By the key's first column, so that no other symbol is read."""
        if term:
            return queryset.filter(symbol=term.strip().upper()), False
        newest = Latest.objects.aggregate(at=Max("as_of"))["at"]
        return (queryset.filter(as_of__gte=newest - RECENT) if newest else queryset.none()), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> QuoteRow | None:
        """By the natural key, which the id spells: an id alone would read every partition."""
        try:
            symbol, as_of, vendor = object_id.split("|", 2)
            return self.get_queryset(request).filter(
                symbol=symbol, as_of=datetime.fromisoformat(as_of), vendor=vendor
            ).first()  # fmt: skip
        except ValueError:
            return None


@admin.register(Latest)
class LatestAdmin(ReadOnly):
    """What is shown now."""

    list_display = ("symbol", "price", "bid", "ask", "as_of", "vendor", "market", "flags")
    list_filter = ("market", "vendor")
    search_fields = ("symbol",)


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnly):
    """Quotes that nobody was shown, and why."""

    list_display = ("at", "symbol", "vendor", "reason")
    list_filter = ("vendor",)
    paginator = Bounded
    search_fields = ("symbol", "reason")


@admin.register(CoverageRow)
class CoverageAdmin(ReadOnly):
    """The gap ledger: how many expected bars are there."""

    list_display = ("symbol", "interval", "market", "page", "complete", "partial", "missing", "checked_at")
    list_filter = ("market", "interval")
    paginator = Bounded
    search_fields = ("symbol",)


@admin.register(CorporateAction)
class CorporateActionAdmin(ReadOnly):
    """Splits and dividends, and the factors by which they change the prices before them."""

    list_display = ("symbol", "kind", "ex_date", "value", "factor", "vendor", "market")
    list_filter = ("market", "kind")
    paginator = Bounded
    search_fields = ("symbol",)


def _instant(second: float | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)
