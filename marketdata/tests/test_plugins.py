"""Sources that packages bring: a real package, installed by pip, met by fresh processes of the service."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from marketdata import plugging, plugins
from marketdata.sources.base import Capability
from marketdata.tests import conformance
from marketdata.tests.another import service_environment
from marketdata.tests.plugin import install
from marketdata.tests.sources import Told

HOUSE = Path(settings.BASE_DIR)
BROKEN = {
    "fragile": "RuntimeError: this library needs another Python",
    "halfway": "not a source: no quotes, no bars, no knows, no close",
    "nosuch": "has no attribute 'NoSuch'",
}
OPERATOR = """
import django, json; django.setup()
from django.test.utils import setup_test_environment; setup_test_environment()
from django.contrib.auth.models import User
from django.test import Client
from marketdata import wiring
client = Client(); client.force_login(User.objects.create_superuser("Alice"))
switches = "/admin/marketdata/sourceswitch/"
def names(): return [source.name for source in wiring.sources()]
on = names()
page, rest = client.get(switches).content.decode(), client.get("/api/v1/sources").json()["sources"]
quotes = wiring.feed("toyvendor").quotes(["AAPL"]).value
form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": "toyvendor", "_save": "Save"}
client.post(switches + "?name=toyvendor", form)
print(json.dumps({"on": on, "off": names(), "page": page, "rest": rest, "price": quotes["AAPL"].price}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("plugin"))


def test_a_package_of_pip_is_in_the_admin_and_rest_and_broken_ones_are_told(site: Path, transactional_db: None) -> None:
    environment = service_environment() | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", OPERATOR], env=environment, cwd=HOUSE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["on"][-1] == "toyvendor"
    assert found["off"] == found["on"][:-1]
    assert "yahoo" in found["off"]
    assert found["price"] == 12.5
    rest = {one["name"]: one for one in found["rest"]}
    assert set(rest) >= {"yahoo", "toyvendor", *BROKEN}
    assert max(rest.values(), key=lambda one: one["order"])["name"] in {"toyvendor", *BROKEN}
    for name, cause in BROKEN.items():
        failure = rest[name]["last_failure"]
        assert (rest[name]["status"], failure["error"]) == ("failing", "BrokenPlugin")
        assert failure["message"].startswith("toy-vendors 1.0, ")
        assert cause in failure["message"]
        assert f'value="{name}"' in found["page"]
        assert f"Source {name} is left out" in done.stderr + done.stdout
    assert 'value="toyvendor"' in found["page"]


def test_a_plugin_runs_through_the_conformance_suite_that_all_sources_share(site: Path) -> None:
    suite = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", "toyvendor"]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**environment, "PYTHONPATH": str(site), "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [*suite, "marketdata/tests/test_conformance.py"],
        env=environment, cwd=HOUSE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 8


def test_the_settings_give_a_plugin_its_place_and_options(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(site)
    own = {"BACKEND": "a.place.of.ours", "MARKET": "live"}
    joined = plugins.joined({"toyvendor": {"OPTIONS": {"key": "k"}}, "halfway": own, "gone": {"LIMITS": "5/second"}})
    assert list(joined) == ["toyvendor", "halfway", "gone", "fragile", "nosuch"]
    assert joined["toyvendor"] == {
        "BACKEND": "toyvendor.Toy", "MARKET": "live", "OPTIONS": {"key": "k"}, "PLUGIN": "toy-vendors 1.0"
    }  # fmt: skip
    assert joined["halfway"] == own
    assert joined["fragile"]["OPTIONS"] == {}
    with pytest.raises(plugging.BrokenPlugin, match="no installed package brings the source gone"):
        plugging.plug("gone", joined["gone"], {})


def test_the_readmes_matrix_is_of_our_own_sources(settings: Any) -> None:
    before = conformance.matrix()
    settings.MARKETDATA_SOURCES = {
        **settings.MARKETDATA_SOURCES,
        "toy": {"BACKEND": "toy.Toy", plugins.PLUGIN: "toy 1"},
    }
    assert conformance.matrix() == before


def test_a_broken_plugin_says_what_is_wrong_and_no_key() -> None:
    entry: dict[str, Any] = {"MARKET": "live", "PLUGIN": "toy 1", "BACKEND": "marketdata.tests.sources.Told"}
    assert plugging.plug("spare", entry, {"name": "spare"}).name == "spare"
    for backend, options, cause in (
        ("marketdata.tests.sources.Told", {"name": "else"}, "calls itself 'else'"),
        ("builtins.int", {"secret": "s3cret"}, "TypeError"),
        ("marketdata.tests.test_plugins.Boastful", {"name": "spare"}, "offers options, book without the methods"),
        ("marketdata.tests.test_plugins.Refusing", {"key": "s3cret"}, "ValueError: … is no key"),
        ("marketdata.tests.test_plugins.Invented", {"name": "spare"}, "simulated is True in the live market"),
        ("no.such.module", {}, "ModuleNotFoundError"),
        ("oneword", {}, "Error"),
    ):
        with pytest.raises(plugging.BrokenPlugin, match=cause) as caught:
            plugging.plug("spare", entry | {"BACKEND": backend}, options)
        assert "s3cret" not in str(caught.value)
        assert caught.value.remedy


class Refusing:
    """A vendor's library that tells the key."""

    def __init__(self, key: str) -> None:
        raise ValueError(f"{key} is no key")


class Boastful(Told):
    """A source of quotes that says it has more."""

    capabilities = frozenset({Capability.QUOTES, Capability.OPTIONS, Capability.BOOK})


class Invented(Told):
    """A source that makes its values up."""

    simulated = True
