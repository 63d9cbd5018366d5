"""The names of what can be subscribed to, and of everything that lives in Redis. Nothing else spells them."""

MARKET = "market_data"
SIGNALS = "signals"
BARS = "bars"
OPTIONS = "options"
ALERTS = "alerts"
OUTCOMES = "outcomes"
"""What became of signals that were told, each once."""
VERDICTS = "verdicts"
"""What the next open interest said of alerts that were told, each once."""

GROUP = "goldensignals.live"
"""The one Channels group; every web process is one member of it."""

LATEST = "gs:latest"
"""Hash symbol -> encoded market_data message: the retained snapshot."""

SEQUENCE = "gs:seq"
"""Hash topic -> last sequence number."""

EPOCH = "gs:epoch"
"""Random name of the current numbering; a new one means that sequence numbers started over."""

STREAM = "gs:stream:"
"""Prefix of the streams that hold the recent events of topics whose events must not be lost."""

STATISTICS = "gs:statistics"
"""Hash of counters shared by all processes (quotes fetched, errors, …)."""

SOURCES = "gs:sources"
"""Hash source name -> JSON with its last success, last failure and latency."""

WANTED = "gs:wanted"
"""Sorted set symbol -> epoch second until which someone looks at it although it is on no watchlist."""

WANTED_CHAINS = "gs:wanted:options"
"""The same of option chains: sorted set underlying -> epoch second until which someone looks at its options."""

EXPIRIES = "gs:expiries:"
"""Prefix of the expiries of an underlying that a source lists, by market, source, underlying and day."""

ROTATION = "gs:rotation:"
"""Prefix of a hash per market and underlying: expiry -> epoch second at which its chain was asked for last."""

MODE = "gs:market"
"""The market that is being shown: live, simulated or recorded."""

POSITION = "gs:position"
"""How far a recording has been played: an RFC 3339 time."""

HELD = "gs:held:"
"""Prefix of a hash per market: symbol -> JSON of the quote that waits for a second tick before anyone sees it."""

LEASE = "gs:lease:"
"""Prefix of leases and locks."""

THROTTLE = "gs:throttle:"
"""Prefix of the counts of requests per address."""

BREAKER = "gs:breaker:"
"""Prefix of a hash per circuit breaker: its state, until when it is open, and the error that opened it."""

BREAKERS = "gs:breakers"
"""Set of the breakers that are not closed."""

BUDGET = "gs:budget"
"""Prefix of the requests that each vendor has been sent of late."""

PACE = "gs:pace:"
"""Prefix of a hash per source and capability: symbol -> epoch second of its last answer."""

ENTITLED = "gs:entitled:"
"""Prefix of what a plan was seen to include a while ago."""

ALARMS = "gs:alarms"
"""Hash name -> JSON of each alarm that is on: since when, what, and the remedy."""

SAID = "gs:said:"
"""Prefix of a hash per vendor and channel: symbol -> JSON of the last quote that came so."""

SILENCE = "gs:silence:"
"""Prefix of a hash per pushing source: how often it speaks of which symbol in which phase of the day."""

SCORES = "gs:scores:"
"""Prefix of a hash per UTC date: counts of what each source did on it."""

TROUBLE = "gs:trouble"
"""Hash of the failures in a row of each source since its last answer, and when they began."""

CONTESTED = "gs:contested"
"""Hash symbol -> JSON of which vendors disagree about its price, by how much, and since when."""

AGENTS = "gs:agents"
"""Hash of how the judge and each agent are doing: JSON by judge:INTERVAL, turn:INTERVAL and agent:INTERVAL:ID."""

VERIFIED = "gs:verified"
"""JSON (seq, head) of the last entry of the ledger that the nightly proof has verified."""

ASKED = "gs:asked:"
"""Prefix of what was asked of the vendors so recently that asking again is no use."""


def market(symbol: str) -> str:
    """The topic of one symbol's quotes."""
    return f"{MARKET}:{symbol}"


def options(symbol: str) -> str:
    """The topic of the option chain of one underlying: its summary, whenever it is new."""
    return f"{OPTIONS}:{symbol}"


def wanted(topic: str) -> tuple[str, str]:
    """The sorted set in which a topic's listeners say that they want it, and its symbol there; empty: none does."""
    channel, _, symbol = topic.partition(":")
    return {MARKET: WANTED, OPTIONS: WANTED_CHAINS}.get(channel, ""), symbol


def bars(symbol: str) -> str:
    """The topic of one symbol's closed one-minute bars."""
    return f"{BARS}:{symbol}"
