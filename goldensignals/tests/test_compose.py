"""docker-compose.yml runs what `up` runs: the same commands, ports and settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from goldensignals.processes import Process, table

ROOT = Path(__file__).resolve().parents[2]
OF_POSTGRES = {"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text()
    return dict(yaml.safe_load(text))


def variables_of_the_settings() -> set[str]:
    text = (ROOT / "goldensignals" / "settings.py").read_text()
    return set(re.findall(r'env(?:_\w+)?\(\s*"([A-Z_]+)"', text)) | {"REDIS_PORT"}


@pytest.mark.parametrize("process", table("0.0.0.0", 8000), ids=lambda process: process.name)
def test_a_container_runs_the_command_of_up(compose: dict[str, Any], process: Process) -> None:
    assert compose["services"][process.name]["command"] == ["python", *process.arguments]


def test_no_process_is_forgotten_and_none_added(compose: dict[str, Any]) -> None:
    ours = {name for name, service in compose["services"].items() if service.get("image") == "goldensignals"}
    assert ours == {process.name for process in table("", 1)} | {"prepare"}


def test_the_image_starts_the_web_process_by_itself() -> None:
    command = re.search(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert command
    assert yaml.safe_load(command.group(1)) == ["python", *table("0.0.0.0", 8000)[0].arguments]


def test_every_variable_is_one_the_settings_read(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{([A-Z_]+)", text)) | set(compose["x-house"]["environment"])
    assert named - OF_POSTGRES <= variables_of_the_settings()
    image = set(re.findall(r"([A-Z_]+)=", re.search(r"^ENV (.*)$", (ROOT / "Dockerfile").read_text(), re.M)[1]))  # type: ignore[index]
    assert image - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} <= variables_of_the_settings()


def test_only_the_page_is_published_and_only_to_this_machine(compose: dict[str, Any]) -> None:
    always = {name: service for name, service in compose["services"].items() if "profiles" not in service}
    published = {name: service["ports"] for name, service in always.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${WS_PORT:-8000}:8000"]}


def test_secrets_have_no_default(compose: dict[str, Any]) -> None:
    environment = compose["x-house"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_what_is_mounted_exists(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", ())]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert all((ROOT / name).is_file() for name in files)


def test_servers_are_waited_for_until_they_are_healthy(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert all("healthcheck" in services[name] for name in ("postgres", "valkey", "web", "worker", "analyst", "beat"))
    assert services["prepare"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name in ("postgres", "valkey")
    }
    assert services["web"]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}


def test_nginx_lets_sockets_live_and_prometheus_asks_the_right_door() -> None:
    nginx = (ROOT / "goldensignals/deploy/nginx.conf").read_text()
    assert "proxy_set_header Upgrade $http_upgrade;" in nginx
    assert "server web:8000;" in nginx
    scrape = yaml.safe_load((ROOT / "goldensignals/deploy/prometheus.yml").read_text())["scrape_configs"][0]
    assert scrape["metrics_path"] == "/metrics"
    assert scrape["static_configs"] == [{"targets": ["web:8000"]}]
