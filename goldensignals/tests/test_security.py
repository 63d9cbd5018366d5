"""The secret of the machine, and the policy of the pages."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from goldensignals.security import content_security_policy, secret_key

HERE, BEYOND = ["localhost", "127.0.0.1"], ["localhost", "signals.example.com"]
STRONG = "k9" * 25


def test_a_machine_that_only_answers_itself_makes_one_secret_for_all_its_processes(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: secret_key("", HERE, tmp_path / "new"), range(16)))
    kept = tmp_path / "new" / "secret_key"
    assert made == {kept.read_text()}
    assert len(kept.read_text()) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_a_machine_that_answers_others_wants_a_secret_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"signals\.example\.com.*SECRET_KEY is not set.*Make one"):
        secret_key("", BEYOND, tmp_path)
    assert secret_key(STRONG, BEYOND, tmp_path) == STRONG


@pytest.mark.parametrize("weak", ["short", "django-insecure-" + STRONG, "change-me-" + STRONG, "k" * 31])
def test_a_weak_secret_is_refused_beyond_this_machine_only(weak: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY") as refused:
        secret_key(weak, BEYOND, tmp_path)
    assert weak not in str(refused.value)
    assert secret_key(weak, HERE, tmp_path) == weak
    assert secret_key(weak, BEYOND, tmp_path, debug=True) == weak


def test_a_folder_that_cannot_be_written_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="set SECRET_KEY"):
        secret_key("", HERE, tmp_path / "file" / "folder")


def policy_of(**headers: str) -> str:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    response = content_security_policy(answer)(RequestFactory(headers=headers).get("/"))
    return str(response.headers["Content-Security-Policy"])


def test_a_page_loads_our_own_files_only() -> None:
    said = policy_of(host="localhost:8000")
    assert "script-src 'self';" in said
    assert "connect-src 'self' ws://localhost:8000;" in said
    assert "unsafe" not in said


def test_a_forged_host_does_not_get_into_the_policy() -> None:
    assert "connect-src 'self';" in policy_of(host="evil.example; script-src *")
