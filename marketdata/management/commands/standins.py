"""`manage.py standins VENDOR`: a vendor's side of the wire on this machine, with made-up prices, for developers."""

import argparse
import signal
import threading
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketdata.standins import alpaca, binance, ib, polygon, yahoo
from marketdata.standins.ib_control import ControlledIb

SAYS = """Stand-in for {vendor} (made-up prices, nothing leaves this machine). In another terminal:

  MARKET=live {settings} python3 manage.py up

Faults: curl -X PUT {control}/fault/NAME (curl -X DELETE {control}/fault ends it); NAME is one of
  {faults}
Counts: curl {control}/requests      Ctrl-C ends it."""
FAULTS = {
    "yahoo": yahoo.Fault,
    "polygon": polygon.Fault,
    "alpaca": alpaca.Fault,
    "binance": binance.Fault,
    "ib": ib.Fault,
}

Standin = binance.BinanceStandin | yahoo.YahooStandin | polygon.PolygonStandin | alpaca.AlpacaStandin | ControlledIb


class Command(BaseCommand):
    """Runs one stand-in until it is interrupted."""

    help = "Run a stand-in of a vendor, for tests and for developers without a network."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One vendor, its port, a fault to begin with."""
        parser.add_argument("vendor", choices=list(FAULTS))
        parser.add_argument("--port", type=int, default=8899)
        parser.add_argument("--fault", help="a fault to begin with; the names are printed at the start")

    def handle(self, *args: Any, **options: Any) -> None:
        """Listens on 127.0.0.1 and prints the settings to use."""
        if find_spec("trustme") is None:
            raise CommandError("The stand-ins need trustme: install goldensignals/tests/requirements.txt.")
        vendor, faults = options["vendor"], FAULTS[options["vendor"]]
        if options["fault"] not in {None, *faults}:
            raise CommandError(f"--fault {options['fault']}: choose one of {' '.join(faults)}.")
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        try:
            with _standin(vendor, options["port"], options["fault"]) as standin:
                control, told = _told(standin)
                text = SAYS.format(vendor=vendor, control=control, settings=told, faults=" ".join(faults))
                self.stdout.write(text)
                self.stdout.flush()
                ended.wait()
        except OSError as error:
            raise CommandError(f"Port {options['port']}: {error.strerror}. Choose another by --port.") from None


def _standin(vendor: str, port: int, fault: str | None) -> Standin:
    if vendor == "ib":
        tws = ControlledIb(port)
        tws.fault = ib.Fault(fault) if fault else None
        return tws
    if vendor == "alpaca":
        free = alpaca.AlpacaStandin(port)
        free.fault = alpaca.Fault(fault) if fault else None
        return free
    if vendor == "binance":
        pairs = binance.BinanceStandin(port)
        pairs.fault = binance.Fault(fault) if fault else None
        return pairs
    if vendor == "polygon":
        massive = polygon.PolygonStandin(port)
        massive.fault = polygon.Fault(fault) if fault else None
        return massive
    standin = yahoo.YahooStandin(port)
    standin.fault = yahoo.Fault(fault) if fault else None
    return standin


def _told(standin: Standin) -> tuple[str, str]:
    """Where its faults are switched, and the environment of a service that is to use it."""
    if isinstance(standin, yahoo.YahooStandin):
        stream = f"YAHOO_STREAM=1 YAHOO_STREAM_URL={standin.stream_url}"
        return standin.proxy, f"YAHOO_PROXY={standin.proxy} YAHOO_CA_FILE={standin.ca_file} {stream}"
    if isinstance(standin, ControlledIb):
        return standin.control, f"IB_HOST={standin.host} IB_PORT={standin.port}"
    if isinstance(standin, alpaca.AlpacaStandin):
        keys = f"ALPACA_API_KEY={alpaca.KEY} ALPACA_SECRET_KEY={alpaca.SECRET}"
        hosts = f"ALPACA_DATA_URL={standin.url} ALPACA_TRADING_URL={standin.url}"
        return standin.url, f"{keys} {hosts} ALPACA_STREAM_URL={standin.stream_url}"
    if isinstance(standin, binance.BinanceStandin):
        return standin.url, f"BINANCE_URL={standin.url}"
    host = f"POLYGON_BASE_URL={standin.base_url} POLYGON_STREAM_HOST={standin.stream_host}"
    return standin.base_url, f"POLYGON_API_KEY={polygon.KEY} {host}"
