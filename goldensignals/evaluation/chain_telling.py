"""The figures of a chain as lines of text."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from goldensignals.evaluation.chain_figures import COMPARED, Figures
from options.domain import Alert, Verdict

MOST = 5
"""Rows left out that are told in words."""


def session(name: str, found: Figures) -> str:
    """What one chain is and shows."""
    one = found.analysis.summary
    head = (
        f"\n{name}  {one.underlying} {one.session}: {found.rows:,} rows, {one.contracts:,} contracts in {one.expiries} "
        f"expiries; {found.ended:,} had ended, {len(found.left_out)} left out; analysed in {found.seconds * 1e3:.0f} ms"
    )
    lines = [head, *_few(found.left_out), _volatility(found), _gamma(found), _pain(found), _ratios(found)]
    lines += [f"  null: {field} ({reason})" for field, reason in one.reasons.items()]
    return "\n".join(line for line in lines if line)


def alerts(name: str, of_days: Sequence[Sequence[Alert]]) -> str:
    """How many alerts each session had and how they were judged."""
    lines = [f"\n{name}: alerts of {len(of_days)} sessions"]
    for each in of_days:
        if each:
            verdicts = Counter(one.verdict for one in each)
            told = ", ".join(f"{verdicts[one]} {one}" for one in Verdict if verdicts[one])
            lines.append(f"  {each[0].session}: {len(each)} ({told})")
    return "\n".join(lines)


def _volatility(found: Figures) -> str:
    if not len(found.differences):
        return ""
    usable = "" if found.analysis.chain.vendor in COMPARED else "; the vendor's own are no measure"
    middle, most = np.median(found.differences), np.quantile(found.differences, 0.9)
    return (
        f"  IV out of the money against the vendor's: {len(found.differences):,} contracts, median {middle:.3f}, "
        f"p90 {most:.3f} points{usable}"
    )


def _gamma(found: Figures) -> str:
    one = found.analysis.summary
    zero = "none" if one.zero_gamma is None else f"{one.zero_gamma:,.2f}"
    ours = "none" if one.gex is None else f"{one.gex / 1e9:,.3f}"
    if found.vendor_gex is None or found.ratio is None:
        return f"  GEX {ours} $bn per 1 %, zero gamma {zero}"
    return (
        f"  GEX {ours} $bn per 1 %, with the vendor's gammas {found.vendor_gex / 1e9:,.3f}: ratio {found.ratio:.3f}; "
        f"zero gamma {zero}"
    )


def _pain(found: Figures) -> str:
    one = found.analysis.summary
    if not found.pains:
        return ""
    shown = "" if one.max_pain is None else f"{one.max_pain:g} ({one.max_pain_expiry}); "
    wrong = ", ".join(f"{day}: {pain:g}" for day, pain in found.wrong_pains.items())
    said = f"otherwise by brute force: {wrong}" if wrong else "as by brute force"
    return f"  max pain {shown}{len(found.pains)} expiries {said}"


def _ratios(found: Figures) -> str:
    one = found.analysis.summary
    values = {
        "put/call volume": one.put_call_volume, "open interest": one.put_call_oi, "premium": one.put_call_premium,
        "IV30": one.iv30, "25-delta skew": one.skew_25d, "IV90 - IV30": one.term_slope,
        "expected move": one.expected_move, "straddle": one.straddle,
    }  # fmt: skip
    return "  " + ", ".join(f"{name} {value:.3f}" for name, value in values.items() if value is not None)


def _few(lines: Sequence[str]) -> list[str]:
    more = [f"  … and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [f"  left out: {line}" for line in lines[:MOST]] + more
