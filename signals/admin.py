"""The operator's door to signals: all of it to look at, none of it to change."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketdata.admin import Bounded, ReadOnly
from signals import calibration, issue, learning, store, wire
from signals.calibration import EDGES
from signals.domain import Action, Lean
from signals.models import Calibration, Ledger, Outcome, Signal
from signals.walking import SIDES

EDGES_OF = (None, *EDGES, None)


class Chosen(admin.SimpleListFilter):
    """A filter whose choices are known: nobody reads the whole table to find them."""

    values: Sequence[str] = ()
    names: ClassVar[dict[str, str]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one, self.names.get(one, one)) for one in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class ByMarket(Chosen):
    title, parameter_name, values = "market", "market", ("live", "simulated", "recorded")


class ByAction(Chosen):
    title, parameter_name, values = "action", "action", tuple(one.value for one in Action)


class ByLean(Chosen):
    title, parameter_name, values = "lean", "lean", tuple(one.value for one in Lean)


class ByHorizon(Chosen):
    title, parameter_name, values = "horizon", "horizon", tuple(settings.SIGNALS_HORIZONS)


class ByKind(Chosen):
    title, parameter_name, values = "kind", "kind", (issue.SIGNAL, issue.OUTCOME, issue.LET_GO)


class OfSymbol(ReadOnly):
    """Rows that are found by a whole symbol, which the indexes begin with."""

    paginator = Bounded
    search_fields = ("symbol",)
    search_help_text = "A whole symbol."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.filter(symbol=term.strip().upper()) if term else queryset), False


@admin.register(Signal)
class SignalAdmin(OfSymbol):
    """Every decision, told to anybody or not, with its votes, gates and end."""

    list_display = (
        "at", "symbol", "horizon", "action", "lean", "confidence", "edge", "score", "why_hold", "announces", "market",
    )  # fmt: skip
    list_filter = (ByMarket, ByHorizon, ByAction, ByLean, "announces")
    ordering = ("market", "-at")
    fieldsets = (
        (None, {"fields": ("symbol", "horizon", "at", "action", "lean", "reasoning", "what_became_of_it")}),
        ("Votes", {"fields": ("score", "votes")}),
        ("Gates", {"fields": ("conditions", "why_hold")}),
        ("Proof", {"fields": ("confidence", "edge", "calibrated", "expected", "record")}),
        ("Origin", {"fields": (
            "market", "simulated", "price", "judged_at", "announces", "announced_at", "agent_set", "knowledge",
            "inputs", "decision", "entry",
        )}),
    )  # fmt: skip

    def confidence(self, row: Signal) -> str:
        """Per cent, with its interval."""
        sure = row.calibrated
        return f"{_percent(sure['confidence'])} ({_percent(sure['low'])}–{_percent(sure['high'])})" if sure else "–"

    def edge(self, row: Signal) -> str:
        """Whether one is proven, beside the base rate."""
        return f"{row.calibrated['status']}, base {_percent(row.calibrated['base_rate'])}" if row.calibrated else "–"

    @admin.display(description="reasons")
    def why_hold(self, row: Signal) -> str:
        return ", ".join(row.reasons)

    def votes(self, row: Signal) -> SafeString:
        """Each agent's opinion in words."""
        return _table(("agent", "score", "share", "evidence"), (
            (f"{one['agent']}@{one['version']}", _signed(one["score"]), _percent(one["weight"]),
             one["abstains"] or " ".join(told["text"] for told in one["evidence"]))
            for one in _told(row)["opinions"]
        ))  # fmt: skip

    def conditions(self, row: Signal) -> SafeString:
        """Each gate, and what it found."""
        return _table(("gate", "", "found", "threshold", "what"), (
            (one["reason"], "passed" if one["passed"] else "failed", _plain(one["value"]), _plain(one["threshold"]),
             one["words"])
            for one in _told(row)["gates"]
        ))  # fmt: skip

    def what_became_of_it(self, row: Signal) -> str:
        """Its outcome in a sentence."""
        one = store.outcome(str(row.pk))
        if one is None:
            return "Not graded yet."
        return (
            f"Entered at {one.entry:g} ({one.entered_at:%d %b %H:%M}), left at {one.exit:g}"
            f" ({one.exited_at:%d %b %H:%M}): {1e4 * one.net:+.0f} bp after costs, {'won' if one.won else 'lost'}."
        )

    @admin.display(description="ledger")
    def entry(self, row: Signal) -> str:
        """The entry that vouches for it."""
        found = store.entry_of(issue.SIGNAL, str(row.pk))
        return f"{found.seq}: {found.head}" if found else "none: see manage.py verify_ledger"


@admin.register(Outcome)
class OutcomeAdmin(OfSymbol):
    """What became of signals, each graded once."""

    list_display = (
        "exited_at", "symbol", "horizon", "action", "lean", "confidence", "net_bp", "won", "in_range", "regime",
        "market", "of_signal",
    )  # fmt: skip
    list_filter = (ByMarket, ByHorizon, ByAction, ByLean, "won")
    ordering = ("-seq",)

    @admin.display(description="net, bp", ordering="net")
    def net_bp(self, row: Outcome) -> str:
        return f"{1e4 * row.net:+.1f}"

    @admin.display(description="signal")
    def of_signal(self, row: Outcome) -> SafeString:
        return format_html('<a href="{}">its signal</a>', reverse("admin:signals_signal_change", args=(row.signal,)))


@admin.register(Ledger)
class LedgerAdmin(ReadOnly):
    """The chain of hashes; its first line is its head. `manage.py verify_ledger` walks it."""

    list_display = ("seq", "kind", "at", "ref", "head")
    list_filter = (ByKind,)
    ordering = ("-seq",)
    paginator = Bounded
    search_fields = ("ref",)
    search_help_text = "The whole id of a signal."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ledger], term: str
    ) -> tuple[QuerySet[Ledger], bool]:
        try:
            return (queryset.filter(ref=UUID(term.strip())) if term else queryset), False
        except ValueError:
            return queryset.none(), False


@admin.register(Calibration)
class CalibrationAdmin(ReadOnly):
    """What was learned, version by version."""

    list_display = ("version", "market", "horizon", "agent_set", "made_at", "outcomes", "through", "is_warm")
    list_filter = (ByMarket, ByHorizon)
    ordering = ("-version",)
    paginator = Bounded
    fields = (*list_display, "says")

    def says(self, row: Calibration) -> SafeString:
        """What a score of all agents together is worth, by direction and bin."""
        state = learning.from_json(row.state)
        said = calibration.table(state.calibrator)
        return _table(("lean", "score", "wins", "95 %", "base", "P(edge > 0)", "n", "n eff."), (
            (lean.value, f"{_plain(EDGES_OF[b])} to {_plain(EDGES_OF[b + 1])}", _percent(said.confidence[0, side, b]),
             f"{_percent(said.low[0, side, b])}–{_percent(said.high[0, side, b])}",
             _percent(said.base_rate[0, side, b]), f"{said.probability[0, side, b]:.2f}", f"{said.n[0, side, b]:.0f}",
             f"{said.n_eff[0, side, b]:.0f}")
            for side, lean in enumerate(SIDES) for b in range(calibration.BINS)
        ))  # fmt: skip


def _told(row: Signal) -> dict[str, Any]:
    found = store.decision(str(row.pk))
    return wire.signal(found) if found else {"opinions": [], "gates": []}


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> SafeString:
    lines = [format_html("<tr>{}</tr>", format_html_join("", "<td>{}</td>", ((cell,) for cell in row))) for row in rows]
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        format_html_join("", "{}", ((line,) for line in lines)),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
