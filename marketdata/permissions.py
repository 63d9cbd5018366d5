"""Who may change what everybody sees."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class StaffOrThisMachine(BasePermission):
    """Everybody may read. Staff may write, and so may whoever sits at the machine itself, so that `up` needs no login.

    "The machine itself" is a connection from loopback that no proxy forwarded and no foreign web page made: a browser
    tells the page's origin, and it must be our own.
    """

    message = "Changing this takes a staff account (POST /api/v1/token), or a request from this machine itself."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the method is safe, the user is staff, or the request comes from this machine."""
        return request.method in SAFE_METHODS or bool(request.user and request.user.is_staff) or _from_here(request)


def _from_here(request: Request) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        here = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    origin = request.headers.get("origin")
    return here and (origin is None or urlsplit(origin).netloc == request.get_host())
