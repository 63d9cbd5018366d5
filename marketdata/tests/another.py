"""Another process of the service, on the servers and the database of the running test."""

import os
import subprocess
import sys

from django.db import connection

BEGIN = """
import sys, django; django.setup()
from marketdata import ingest
from marketdata.tests.values import *
sys.stdin.read()
"""


class Another:
    """Another process of the service; it begins when it is told to."""

    def __init__(self, code: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code], env=service_environment(), stdin=subprocess.PIPE
        )

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def run(self) -> int:
        self.begin()
        return self._process.wait(180)


def service_environment(market: str = "live") -> dict[str, str]:
    """Environment variables under which a process works with this test's database."""
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "goldensignals.settings", "MARKET": market,
        "DATABASE_URL": f"postgresql://{address}{port}/{database['NAME']}",
    }  # fmt: skip
