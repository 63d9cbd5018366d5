"""What protects the house at its doors: the secret, and what a page may load."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})
SHORTEST_SECRET = 32
"""Characters; HS256, with which the JWTs are signed, asks for 32 bytes."""
EVERYONE_KNOWS = ("insecure", "django-insecure", "change", "secret", "your", "example", "default")

_REMEDY = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'."
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src {styles}; img-src 'self' data:; connect-src {connections}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def secret_key(given: str, hosts: Sequence[str], folder: Path, debug: bool = False) -> str:
    """The secret that was given, or one made for this machine and kept in `folder`; refuses a weak one beyond it."""
    if not given and (debug or LOOPBACK.issuperset(hosts)):
        return _own_secret(folder / "secret_key")
    if not given:
        others = ", ".join(host for host in hosts if host not in LOOPBACK)
        raise ImproperlyConfigured(f"ALLOWED_HOSTS names {others}, but SECRET_KEY is not set. {_REMEDY}")
    if not debug and not LOOPBACK.issuperset(hosts) and _weak(given):
        raise ImproperlyConfigured(f"SECRET_KEY is known to everyone or under {SHORTEST_SECRET} characters. {_REMEDY}")
    return given


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: a page loads nothing but our own files, and talks to nobody but this host."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(request))
        return response

    return middleware


def policy(request: HttpRequest, styles: str = "'self'") -> str:
    """The policy for one answer; older browsers do not read 'self' as including ws://, so the host is named."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return _POLICY.format(styles=styles, connections="'self'")
    return _POLICY.format(styles=styles, connections=f"'self' {'wss' if request.is_secure() else 'ws'}://{host}")


def _weak(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET or secret.lower().startswith(EVERYONE_KNOWS)


def _own_secret(path: Path) -> str:
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read or made ({error.strerror}): set SECRET_KEY.") from error


def _make_secret(path: Path) -> None:
    """Written aside and linked into place: of several processes that start at once, all read the same secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
