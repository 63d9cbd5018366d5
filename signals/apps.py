"""The second floor as a Django app."""

from typing import Any

from django.apps import AppConfig

from marketdata.live import answering


class Signals(AppConfig):
    name = "signals"
    verbose_name = "Signals"

    def ready(self) -> None:
        """Sockets may ask how the agents do."""
        answering.put("agent_status", _agent_status)


def _agent_status() -> dict[str, Any]:
    # The agents' mathematics take a while to import: who is not asked does without.
    from signals import roll_call

    return roll_call.said()
