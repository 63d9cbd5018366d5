"""Every setting and environment variable, one page. The README's table is checked against it."""

import math
import os
import re
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from goldensignals import logs
from goldensignals.security import secret_key
from marketdata import plugins

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool) -> bool:
    value = env(name, str(default)).lower()
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name}={value!r} is not a yes or a no. Use 1 or 0.")
    return value in {"1", "true", "yes", "on"}


def env_number(name: str, default: float, least: float = 0.0) -> float:
    try:
        value = float(env(name, str(default)))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ImproperlyConfigured(f"{name}={env(name)!r} is not a number.")
    if value < least:
        raise ImproperlyConfigured(f"{name}={value:g} is below {least:g}.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_rate(name: str, default: str) -> str:
    rate = env(name, default).lower()
    if not re.fullmatch(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)", rate):
        raise ImproperlyConfigured(f"{name}={rate!r} is not a rate. Write it like 600/min, 10/second or 5000/day.")
    return rate


def env_url(name: str, *schemes: str) -> str:
    url = env(name)
    if url and not url.lower().startswith(tuple(f"{scheme}://" for scheme in schemes)):
        # Never the address itself: it may hold a password.
        raise ImproperlyConfigured(f"{name} does not begin with {' or '.join(f'{one}://' for one in schemes)}.")
    return url


def env_word(name: str, default: str, *words: str) -> str:
    word = env(name, default).lower()
    if word not in words:
        raise ImproperlyConfigured(f"{name}={word!r} is none of {', '.join(words)}.")
    return word


# --- The process -----------------------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False)
STARTED_AT = time.time()
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
SECRET_KEY = secret_key(env("SECRET_KEY"), ALLOWED_HOSTS, BASE_DIR / ".local", DEBUG)
"""Without one, and where only this machine is answered, `.local/secret_key` is made."""
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env_list("CORS_ALLOWED_ORIGINS")
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False
LOG_LEVEL = env_word("LOG_LEVEL", "INFO", "debug", "info", "warning", "error", "critical").upper()
LOG_FORMAT = env_word("LOG_FORMAT", "text", "text", "json")
"""`text` for people, `json` for ECS-shaped lines."""
LOGGING = logs.configuration(LOG_LEVEL, LOG_FORMAT)

# --- Postgres and Redis ----------------------------------------------------------------------------------------
DATABASE_URL = env_url("DATABASE_URL", "postgresql", "postgres", "pgsql")
REDIS_URL = env_url("REDIS_URL", "redis", "rediss", "unix")
if not REDIS_URL and env("REDIS_HOST"):
    REDIS_URL = "redis://" + env("REDIS_HOST") + ":" + env("REDIS_PORT", "6379") + "/0"

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(DATABASE_URL or "postgresql://goldensignals@127.0.0.1/goldensignals"),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": int(env_number("DATABASE_POOL", 8, 1)), "timeout": 10}},
    }
}
REDIS_URL = REDIS_URL or "redis://127.0.0.1:6379/0"

CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py >= 8 ends a subscriber that was quiet for 5 s unless it is told not to.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "gs"}
}

# --- The market ------------------------------------------------------------------------------------------------
MARKET = env_word("MARKET", "auto", "auto", "live", "simulated", "recorded")
DEFAULT_SYMBOLS = ("AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT")
MARKETDATA_SYMBOLS = env_list("MARKETDATA_SYMBOLS")
"""The watchlist. Empty: what the database holds, at first the nine default symbols (recorded: the whole folder)."""
MARKETDATA_QUOTES_EVERY = env_number("MARKETDATA_QUOTES_EVERY", 5, 0.5)
MARKETDATA_BARS_EVERY = env_number("MARKETDATA_BARS_EVERY", 60, 5)
MARKETDATA_DEADLINE = env_number("MARKETDATA_DEADLINE", 4, 0.1)
"""Seconds that one source has for one call before the next source is asked."""
MARKETDATA_BARS_DEADLINE = env_number("MARKETDATA_BARS_DEADLINE", 20, 0.1)
"""The same for bars, which may take a vendor several pages."""
MARKETDATA_RETENTION_DAYS = int(env_number("MARKETDATA_RETENTION_DAYS", 30, 1))
CAPTURE_DIR = env("CAPTURE_DIR")
"""Where the quotes of live vendors are kept for a recorded market to play. Empty: nowhere."""
CAPTURE_DAYS = int(env_number("CAPTURE_DAYS", 30, 1))
OPTIONS_EVERY = env_number("OPTIONS_EVERY", 60, 5)
OPTIONS_RATE = env_number("OPTIONS_RATE", 0.04, -0.1)
"""The rate of interest in the formulas, as a fraction per year; with forwards by parity it hardly matters."""
OPTIONS_RETENTION_DAYS = int(env_number("OPTIONS_RETENTION_DAYS", 7, 1))
OPTIONS_SESSIONS_DAYS = int(env_number("OPTIONS_SESSIONS_DAYS", 400, 100))
"""How long the last chain of each session is kept: averages over 90 sessions read them."""
YAHOO_STREAM = env_bool("YAHOO_STREAM", False)
_YAHOO_STREAM_URL = env("YAHOO_STREAM_URL", "wss://streamer.finance.yahoo.com/?version=2")
BINANCE = env_bool("BINANCE", True) and find_spec("ccxt") is not None
_BINANCE_URL = env("BINANCE_URL", "https://api.binance.com")
MARKETDATA_SOURCES: dict[str, dict[str, Any]] = {
    # The order is the failover order (but see MARKETDATA_ORDER). OPTIONS are the keyword arguments of the class;
    # LIMITS how many requests the vendor may be sent (none: no limit), LIMITED what alone counts there, PER_REQUEST the
    # symbols that one of quotes carries, EVERY the least seconds between polls of the same, LINES the symbols that may
    # be subscribed to, EXPIRIES how many of them one poll of a chain may ask for (a request for each at Yahoo), CHAINS
    # whether it has any.
    "polygon": {
        "BACKEND": "marketdata.sources.polygon.Polygon",
        "MARKET": "live",
        "NEEDS": ("key",),
        "OPTIONS": {
            "key": env("POLYGON_API_KEY") or env("MASSIVE_API_KEY"),
            "base_url": env("POLYGON_BASE_URL", "https://api.polygon.io"),
            "stream_host": env("POLYGON_STREAM_HOST") or None,
            "feed": env_word("POLYGON_FEED", "realtime", "realtime", "delayed"),
        },
        "LIMITS": env("POLYGON_LIMITS", "100/second"),
        "PER_REQUEST": 250,
    },
    "alpaca": {
        "BACKEND": "marketdata.sources.alpaca.Alpaca",
        "MARKET": "live",
        "NEEDS": ("key", "secret"),
        "OPTIONS": {
            "key": env("ALPACA_API_KEY"),
            "secret": env("ALPACA_SECRET_KEY"),
            "feed": env_word("ALPACA_FEED", "iex", "iex", "sip", "delayed_sip"),
            "data_url": env("ALPACA_DATA_URL", "https://data.alpaca.markets"),
            "trading_url": env("ALPACA_TRADING_URL") or None,
            "stream_url": env("ALPACA_STREAM_URL", "wss://stream.data.alpaca.markets"),
        },
        "LIMITS": env("ALPACA_LIMITS", "200/minute"),
        "PER_REQUEST": 200,
    },
    "ib": {
        "BACKEND": "marketdata.sources.interactive_brokers.InteractiveBrokers",
        "MARKET": "live",
        "NEEDS": ("host",),
        "OPTIONS": {
            "host": env("IB_HOST"),
            "port": int(env_number("IB_PORT", 4002, 1)),
            "client_id": int(env_number("IB_CLIENT_ID", 10, 1)),
        },
        "LIMITS": "60/10 minute",
        "LIMITED": ("bars",),
        # An account has a hundred: worker and stream hold one each for a symbol, a chain takes forty for seconds.
        "LINES": 30,
        "EVERY": {"options": 300},
        "EXPIRIES": 1,
    },
    "binance": {
        "BACKEND": "marketdata.sources.binance.Binance",
        "MARKET": "live",
        "NEEDS": ("base_url",),
        "OPTIONS": {"base_url": _BINANCE_URL if BINANCE else ""},
        "LIMITS": env("BINANCE_LIMITS", "6000/minute"),
        "CHAINS": False,
        "PER_REQUEST": 100,
    },
    "yahoo": {
        "BACKEND": f"marketdata.sources.{'yahoo_stream.YahooStream' if YAHOO_STREAM else 'yahoo.Yahoo'}",
        "MARKET": "live",
        "OPTIONS": {
            "proxy": env("YAHOO_PROXY") or None,
            "ca_file": env("YAHOO_CA_FILE") or None,
            **({"stream_url": _YAHOO_STREAM_URL} if YAHOO_STREAM else {}),
        },
        "LIMITS": env("YAHOO_LIMITS", "360/hour"),
        "PER_REQUEST": 50,
        # Its quotes are not fresher than so many seconds; nor would its limits allow for more: a watchlist of nine
        # takes 342 requests an hour.
        "EVERY": {"quotes": 20, "bars": 300, "options": 600},
        "EXPIRIES": 1,
    },
    "simulated": {
        "BACKEND": "options.simulated.Simulated",
        "MARKET": "simulated",
        "OPTIONS": {"seed": int(env_number("SIMULATED_SEED", 7)), "edge": env_number("SIMULATED_EDGE", 0)},
        "EXPIRIES": 50,
    },
    "recorded": {
        "BACKEND": "marketdata.sources.recorded.Recorded",
        "MARKET": "recorded",
        "OPTIONS": {"folder": env("RECORDED_DIR"), "speed": env_number("RECORDED_SPEED", 1, 0.001)},
        "EXPIRIES": 1000,
    },
}
MARKETDATA_SOURCES = plugins.joined(MARKETDATA_SOURCES)
"""And those of installed packages, last; an entry above that has no BACKEND gives one its place and OPTIONS."""

_REAL_TIME = {"alpaca sip": "alpaca", "polygon realtime": "polygon", "ib": "ib", "alpaca iex": "alpaca"}
_FEEDS = {f"{name} {entry['OPTIONS'].get('feed')}" for name, entry in MARKETDATA_SOURCES.items()} | {"ib"}
MARKETDATA_ORDER: dict[str, list[str]] = {
    # Where the failover order of a capability is another; who is not named comes last.
    "quotes": [*(name for feed, name in _REAL_TIME.items() if feed in _FEEDS), "binance", "yahoo"],
    "bars": ["polygon", "alpaca", "ib", "binance", "yahoo"],
    "options": ["polygon", "alpaca", "ib", "yahoo"],
}

# --- Signals ---------------------------------------------------------------------------------------------------
SIGNALS_HORIZONS = env_list("SIGNALS_HORIZONS", "5d,30m")
"""How far signals look: sessions of daily bars (5d), or minutes of 1-minute bars (30m)."""
SIGNALS_ANNOUNCE_LEANS = env_bool("SIGNALS_ANNOUNCE_LEANS", True)
SIGNALS_UNIVERSE = env_list("SIGNALS_UNIVERSE")
"""Symbols that are judged daily besides the watchlist, so that there is enough to learn from. Empty: about forty."""
SIGNALS_MINUTE_DAYS = int(env_number("SIGNALS_MINUTE_DAYS", 14))
"""How long decisions on minutes that nobody was told of, and the bars seen for them, are kept; 0: for ever."""
if 0 < SIGNALS_MINUTE_DAYS < 8:
    raise ImproperlyConfigured(
        f"SIGNALS_MINUTE_DAYS={SIGNALS_MINUTE_DAYS} is below 8: for a week an outcome may still come. Set 8"
        " or more, or 0 to keep all."
    )
SIGNALS_COST_BP = env_number("SIGNALS_COST_BP", 5)
"""Costs of a round trip in basis points."""
SIGNALS_AGENTS: dict[str, dict[str, Any]] = {
    # Class by its path; WEIGHT (1), INTERVALS (all it can judge) and OPTIONS (its parameters) may be given.
    "rsi_reversal": {"AGENT": "signals.agents.rsi_reversal.RsiReversal"},
    "macd_atr": {"AGENT": "signals.agents.macd_atr.MacdAtr"},
    "bollinger_reversal": {"AGENT": "signals.agents.bollinger_reversal.BollingerReversal"},
    "moving_averages": {"AGENT": "signals.agents.moving_averages.MovingAverages"},
    "donchian_adx": {"AGENT": "signals.agents.donchian_adx.DonchianAdx"},
    "obv_volume": {"AGENT": "signals.agents.obv_volume.ObvVolume"},
    "momentum_12_1": {"AGENT": "signals.agents.momentum_12_1.Momentum"},
    "volatility_regime": {"AGENT": "signals.agents.volatility_regime.VolatilityRegime"},
    "tv_rating": {"AGENT": "signals.agents.tv_rating.TvRating"},
    # Heard, not counted: no history of chains is long enough yet to calibrate a vote that has these in it.
    "options_flow": {"AGENT": "signals.agents.options_flow.OptionsFlow", "WEIGHT": 0.0},
    "iv_regime": {"AGENT": "signals.agents.iv_regime.IvRegime", "WEIGHT": 0.0},
    "opening_gap_vwap": {"AGENT": "signals.agents.opening_gap_vwap.OpeningGapVwap"},
}
SIGNALS_GATES: dict[str, dict[str, Any]] = {
    # The thresholds of signals.gates.Limits: for all, and for bars of a day or a minute. Spans and pauses in bars.
    "": {"outcomes": 30, "weak": 0.05, "proof": 0.95},
    "1d": {
        "late": 4 * 86_400, "quote_age": None, "delayed_by": None, "missing": 0.02, "within_session": False,
        "cooldown": 0, "stop": 0.08, "guard_span": 10, "guard_stops": 10, "guard_pause": 5,
        "drawdown_span": 40, "drawdown_trades": 40, "drawdown_pause": 5, "drawdown": 0.3,
        "low_span": 60, "low_trades": 8, "low_pause": 10, "profit": -0.3,
    },
    "1m": {
        "late": 150, "quote_age": 60, "delayed_by": 60, "missing": 0.1, "within_session": True,
        "cooldown": 30, "stop": 0.02, "guard_span": 120, "guard_stops": 10, "guard_pause": 60,
        "drawdown_span": 390, "drawdown_trades": 40, "drawdown_pause": 60, "drawdown": 0.05,
        "low_span": 390, "low_trades": 8, "low_pause": 120, "profit": -0.05,
    },
}  # fmt: skip

# --- Sockets ---------------------------------------------------------------------------------------------------
WS_PORT = int(env_number("WS_PORT", 8000, 1))
WS_HEARTBEAT_INTERVAL = env_number("WS_HEARTBEAT_INTERVAL", 30, 1)
WS_COMPRESSION = env_bool("WS_COMPRESSION", False)
WS_AUTH_REQUIRED = env_bool("WS_AUTH_REQUIRED", False)
WS_ALLOWED_ORIGINS = env_list("WS_ALLOWED_ORIGINS")
"""Web origins besides our own host that may open a socket (`*`: all)."""
WS_MAX_MESSAGE_BYTES = int(env_number("WS_MAX_MESSAGE_BYTES", 16_384, 256))
WS_MAX_MESSAGES_PER_SECOND = env_number("WS_MAX_MESSAGES_PER_SECOND", 20, 1)
WS_MAX_SUBSCRIPTIONS = int(env_number("WS_MAX_SUBSCRIPTIONS", 1000, 1))
WS_MAX_SOCKETS_PER_ADDRESS = int(env_number("WS_MAX_SOCKETS_PER_ADDRESS", 1100, 1))

# --- Django ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Only for its `runserver`: Twisted costs every process half a second.
    *(["daphne"] if "runserver" in sys.argv else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "goldensignals.apps.GoldenSignals",
    "signals.apps.Signals",
    "options.apps.Options",
    "marketdata.apps.MarketData",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "goldensignals.static.Static",
    "corsheaders.middleware.CorsMiddleware",
    "goldensignals.problems.as_problems",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "goldensignals.security.content_security_policy",
]
ROOT_URLCONF = "goldensignals.urls"
ASGI_APPLICATION = "goldensignals.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / ".local" / "static")))
WHITENOISE_USE_FINDERS = True

# --- REST ------------------------------------------------------------------------------------------------------
NUM_PROXIES = int(env_number("NUM_PROXIES", 0))
"""Proxies of ours before the web process: so many entries of X-Forwarded-For are believed, counted from the right."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NUM_PROXIES else None
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["marketdata.throttles.Throttle"],
    "DEFAULT_THROTTLE_RATES": {
        "quotes": env_rate("THROTTLE_QUOTES", "3000/min"),
        "history": env_rate("THROTTLE_HISTORY", "1200/min"),
        "write": env_rate("THROTTLE_WRITE", "60/min"),
        "token": env_rate("THROTTLE_TOKEN", "10/min"),
    },
    "NUM_PROXIES": NUM_PROXIES,
    "EXCEPTION_HANDLER": "goldensignals.problems.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "GoldenSignals",
    "VERSION": "1",
    "DESCRIPTION": "Live quotes, history, option chains and signals, with their provenance.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Celery ----------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = int(env_number("WORKER_CONCURRENCY", 2, 1))
