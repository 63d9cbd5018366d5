"""The first steps of `up`, before Django is loaded here: the web process loads as long, so both do it at once."""

import errno
import os
import socket
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from goldensignals import processes
from goldensignals.local import FOLDER, Clone, Refused
from goldensignals.supervisor import Supervisor

LOG_LIMIT = 5_000_000
"""Bytes; a longer log starts anew at the next start, the old one is kept once."""
MARKETS = ("auto", "live", "simulated", "recorded")


@dataclass(frozen=True, slots=True)
class Front:
    """Where the page will be, and who watches the processes."""

    host: str
    port: int
    folder: Path
    supervisor: Supervisor

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://[{shown}]:{self.port}" if ":" in shown else f"http://{shown}:{self.port}"

    def spawn(self, process: processes.Process, market: str = "") -> None:
        """Start one process, with a log of its own."""
        log = fresh_log(self.folder / "logs" / f"{process.name}.log")
        environment = {"MARKET": market} if market else {}
        self.supervisor.start(process.name, process.command, log, env=environment, cwd=str(FOLDER.parent))


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `up`."""
    parser.add_argument("--port", type=port, default=os.environ.get("WS_PORT") or "8000", help="of page and sockets")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: all)")
    parser.add_argument("--market", choices=MARKETS, help="instead of MARKET")
    parser.add_argument("--symbols", default="", help="the watchlist, with commas: AAPL,MSFT")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")


def port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is no port: choose a number from 1 to 65535")
    return int(text)


def start(argv: Sequence[str], clone: Clone) -> Front:
    """Claim the port and start the web process; raises Refused."""
    parser = ArgumentParser(prog="manage.py up")
    add_arguments(parser)
    options, _ = parser.parse_known_args(argv)
    if options.market:
        os.environ["MARKET"] = options.market
    claim(options.host, options.port)
    front = Front(options.host, options.port, clone.folder, Supervisor(clone.guard, keep=[clone.lock.fileno()]))
    front.spawn(processes.table(options.host, options.port)[0])
    return front


def claim(host: str, number: int) -> None:
    """Raise Refused unless we can listen there."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, number), family=family).close()
    except OSError as error:
        raise Refused(unavailable(host, number, error)) from None


def unavailable(host: str, number: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {number} is in use by another program. End it, or choose another: manage.py up --port {number + 1}"
        )
    if error.errno == errno.EACCES:
        return f"port {number} needs more rights than we have. Choose one above 1023: manage.py up --port 8000"
    return f"cannot listen on {host}, port {number}: {error.strerror or error}. Check --host and --port."


def fresh_log(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path
