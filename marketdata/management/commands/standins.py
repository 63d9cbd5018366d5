"""`manage.py standins yahoo`: a vendor's side of the wire on this machine, with made-up prices, for developers."""

import argparse
import signal
import threading
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketdata.standins.yahoo import Fault, YahooStandin

SAYS = """Stand-in for Yahoo (made-up prices, nothing leaves this machine). In another terminal:

  MARKET=live YAHOO_PROXY={proxy} YAHOO_CA_FILE={ca_file} python3 manage.py up

Faults: curl -X PUT {proxy}/fault/NAME (curl -X DELETE {proxy}/fault ends it); NAME is one of
  {faults}
Counts: curl {proxy}/requests      Ctrl-C ends it."""


class Command(BaseCommand):
    """Runs one stand-in until it is interrupted."""

    help = "Run a stand-in of a vendor, for tests and for developers without a network."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One vendor, its port, a fault to begin with."""
        parser.add_argument("vendor", choices=["yahoo"])
        parser.add_argument("--port", type=int, default=8899)
        parser.add_argument("--fault", choices=[fault.value for fault in Fault])

    def handle(self, *args: Any, **options: Any) -> None:
        """Listens on 127.0.0.1 and prints the settings to use."""
        if find_spec("trustme") is None:
            raise CommandError("The stand-ins need trustme: install goldensignals/tests/requirements.txt.")
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        standin = YahooStandin(options["port"])
        standin.fault = Fault(options["fault"]) if options["fault"] else None
        try:
            with standin:
                faults = " ".join(Fault)
                self.stdout.write(SAYS.format(proxy=standin.proxy, ca_file=standin.ca_file, faults=faults))
                self.stdout.flush()
                ended.wait()
        except OSError as error:
            raise CommandError(f"Port {options['port']}: {error.strerror}. Choose another by --port.") from None
