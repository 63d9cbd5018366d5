"""The one way in: check, store, then show. What is shown was stored before; what was stored is shown once."""

from marketdata.ingest.bar_series import IngestedBars, bars
from marketdata.ingest.quote_batches import Ingested, quotes
from marketdata.ingest.showing import resync

__all__ = ["Ingested", "IngestedBars", "bars", "quotes", "resync"]
