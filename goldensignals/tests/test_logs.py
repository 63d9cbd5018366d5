"""What the processes write can be read by people and by machines, and has no secrets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from goldensignals.logs import redacted

ROOT = Path(__file__).resolve().parents[2]
SAY = """
import logging.config, sys
from goldensignals import logs
logging.config.dictConfig(logs.configuration("INFO", sys.argv[1]))
log = logging.getLogger("live_data_service")
log.info("asked %s", "https://vendor.test/v2?apiKey=abc123&symbol=AAPL", extra={"symbol": "AAPL", "api_key": "abc123"})
try:
    raise ValueError("postgresql://me:pa55word@db/house and polygon-secret-value")
except ValueError:
    log.exception("it failed")
"""


def lines(shape: str) -> list[str]:
    environment = {**os.environ, "POLYGON_API_KEY": "polygon-secret-value"}
    done = subprocess.run([sys.executable, "-c", SAY, shape], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://:pw@127.0.0.1:6379/0", "redis://:***@127.0.0.1:6379/0"),
        ("postgresql://user:p%40ss@host/db", "postgresql://user:***@host/db"),
        ("GET /v3?apiKey=abc&x=1", "GET /v3?apiKey=***&x=1"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'secret_key': 'abc', 'n': 1}", "{'secret_key': '***', 'n': 1}"),
        ("AAPL at 12:30, see http://127.0.0.1:8000/a@b", "AAPL at 12:30, see http://127.0.0.1:8000/a@b"),
    ],
)
def test_secrets_are_made_unreadable(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_frames_of_sockets_which_hold_keys_in_hexadecimal_are_not_written() -> None:
    say = (
        SAY.split("log = ")[0].replace("INFO", "DEBUG")
        + """
logging.getLogger("websockets.client").debug("> BINARY 6b 65 79")
logging.getLogger("marketdata").debug("this is written")
"""
    )
    done = subprocess.run([sys.executable, "-c", say, "text"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split("] ")[-1] for line in done.stderr.splitlines()] == ["this is written [marketdata]"]


def test_lines_for_people() -> None:
    said = "\n".join(lines("text"))
    assert "asked https://vendor.test/v2?apiKey=***&symbol=AAPL" in said
    assert "ValueError: postgresql://me:***@db/house and ***" in said
    assert "abc123" not in said


def test_lines_for_machines_have_the_names_of_ecs() -> None:
    first, second = (json.loads(line) for line in lines("json"))
    assert first["message"] == "asked https://vendor.test/v2?apiKey=***&symbol=AAPL"
    assert (first["log.level"], first["log.logger"]) == ("info", "live_data_service")
    assert (first["labels.symbol"], first["labels.api_key"]) == ("AAPL", "***")
    assert first["@timestamp"].endswith("Z")
    assert "ValueError" in second["error.stack_trace"]
    assert "pa55word" not in json.dumps(second)
