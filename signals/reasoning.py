"""What a signal says of itself, in sentences made of its own evidence: no figure stands in them that it does not have.

Agents lean up (+0.21). For it: donchian_adx (+0.09): The close stands at 0.87 of its channel; 1.00 is its high.
Against it: rsi_reversal (-0.03): ... Such leans win with a confidence of 54 % (base 55 %, 95 % interval 50-59 %), of
412 effective past cases. No proven edge. HOLD: unproven.
"""

from collections.abc import Iterator

from signals.domain import Action, Calibrated, Edge, Evidence, ExpectedRange, Lean, Opinion, Signal

SHOWN = 2
"""Agents told for each side: the page and `explain` have all of them."""
EDGES = {Edge.PROVEN: "A proven edge.", Edge.NEGATIVE: "Such leans did worse than the base rate.",
         Edge.UNPROVEN: "No proven edge."}  # fmt: skip
LEANS = {Lean.UP: "up", Lean.DOWN: "down", Lean.FLAT: "nowhere"}


def text(signal: Signal) -> str:
    """The reasoning of a signal from its score, opinions, calibration, expected range and reasons."""
    return " ".join(
        [
            *_votes(signal),
            _past(signal.calibrated) if signal.calibrated else "Nothing was learned of such scores yet.",
            *([_range(signal.expected)] if signal.expected else []),
            _action(signal),
        ]
    )


def _votes(signal: Signal) -> Iterator[str]:
    voted = [one for one in signal.opinions if one.score is not None and signal.weights.get(one.agent)]
    if not voted:
        yield "No agent has an opinion."
        return
    yield f"Agents lean {LEANS[signal.lean]} ({signal.score:+.2f})."
    ranked = sorted(voted, key=lambda one: (-abs(_share(signal, one)), one.agent))
    way = -1.0 if signal.score < 0 else 1.0
    for title, sign in (("For it", way), ("Against it", -way)):
        side = [one for one in ranked if _share(signal, one) * sign > 0][:SHOWN]
        if side:
            yield f"{title}: " + " ".join(_vote(signal, one, sign) for one in side)


def _share(signal: Signal, opinion: Opinion) -> float:
    return signal.weights[opinion.agent] * (opinion.score or 0.0)


def _vote(signal: Signal, opinion: Opinion, sign: float) -> str:
    """The agent with its share of the score, and the evidence that moved it most."""
    head = f"{opinion.agent} ({_share(signal, opinion):+.2f})"
    strongest: Evidence | None = max(opinion.evidence, key=lambda one: one.contribution * sign, default=None)
    return f"{head}: {strongest.text}" if strongest else f"{head}."


def _past(known: Calibrated) -> str:
    # What is expected, shrunk towards the base rate: what was counted stands in the record.
    base = f"base {100 * known.base_rate:.0f} %, 95 % interval {100 * known.low:.0f}-{100 * known.high:.0f} %"
    won = f"Such leans win with a confidence of {100 * known.confidence:.0f} % ({base})"
    return f"{won}, of {known.n_eff:.0f} effective past cases. {EDGES[known.status]}"


def _range(expected: ExpectedRange) -> str:
    within = f"{100 * expected.low:+.1f} % to {100 * expected.high:+.1f} %"
    return f"With {100 * expected.coverage:.0f} % the move ends within {within}."


def _action(signal: Signal) -> str:
    if signal.action is not Action.HOLD or not signal.reasons:
        return f"{signal.action.value}."
    return f"{signal.action.value}: {', '.join(reason.value.replace('_', ' ') for reason in signal.reasons)}."
