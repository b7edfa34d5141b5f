"""What surrounds every page: headers, language, look, errors told in words, logs."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from ecluse.domain import errors
from ecluse.portal.site import middleware
from ecluse.portal.site.logs import CodesOnly
from ecluse.portal.site.settings import environment
from tests.sites import Signers


def test_a_browser_may_load_our_own_files_and_nothing_else(
    signers: Signers, client: Client
) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    }


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "private, no-store"),
        ("Content-Language", "fr"),
    ],
)
def test_every_page_says_how_it_may_be_used(
    signers: Signers, client: Client, header: str, value: str
) -> None:
    assert client.get("/")[header] == value


def test_a_page_holds_no_inline_script_nor_style(signers: Signers, client: Client) -> None:
    page = client.get("/").content.decode()

    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


def test_the_browser_does_not_choose_the_language(signers: Signers, client: Client) -> None:
    page = client.get("/", headers={"Accept-Language": "en-GB,en"})

    assert page["Content-Language"] == "fr"
    assert '<html lang="fr"' in page.content.decode()


def test_the_visitor_chooses_the_language_and_comes_back(signers: Signers, client: Client) -> None:
    answer = client.get("/language/en/?next=/catalogue/")

    assert (answer.status_code, answer["Location"]) == (302, "/catalogue/")
    assert client.get("/catalogue/")["Content-Language"] == "en"


@pytest.mark.parametrize("address", ["/language/de/", "/theme/dsfr/", "/theme/none/"])
def test_an_unknown_language_or_a_theme_outside_the_demonstration_is_not_found(
    signers: Signers, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "javascript:x"])
def test_a_switch_never_leads_to_another_site(
    signers: Signers, client: Client, elsewhere: str
) -> None:
    assert client.get("/language/en/", {"next": elsewhere})["Location"] == "/"


def test_the_demonstration_tries_both_themes(
    signers: Signers, client: Client, settings: Settings
) -> None:
    settings.ECLUSE_DEMO = True
    neutral = client.get("/").content.decode()

    client.get("/theme/dsfr/")

    assert "fr-header" not in neutral
    assert "fr-header" in client.get("/").content.decode()


def test_everybody_may_read_the_public_keys(signers: Signers, client: Client) -> None:
    keys = client.get("/keys.json").json()["keys"]

    assert {key["signer"] for key in keys} == {"portal", "register", "agent", "checking-room"}
    assert {key["public"] for key in keys} >= {signers.portal.public().public}
    assert all("PRIVATE" not in str(key) for key in keys)


def test_an_unknown_address_answers_in_the_look_of_the_site(
    signers: Signers, client: Client
) -> None:
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotAllowed("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.InvalidInput("x"), 422),
        (errors.Unreachable("x"), 503),
        (errors.Replayed("x"), 409),
        (errors.StorageFull("x"), 409),
    ],
)
def test_every_error_has_its_status(error: errors.EcluseError, status: int) -> None:
    assert middleware.status_of(error) == status


def test_a_program_is_told_an_error_in_json(signers: Signers) -> None:
    request: HttpRequest = RequestFactory().get("/x", headers={"Accept": "application/json"})

    answer = middleware.tell(request, errors.NotAllowed("Ask the desk."))

    assert (answer.status_code, json.loads(answer.content)) == (
        403,
        {"code": "not-allowed", "reason": "Ask the desk."},
    )


def test_a_logged_exception_shows_where_it_passed_and_never_what_it_said() -> None:
    with pytest.raises(ValueError, match="jeanne") as caught:
        int("jeanne@citizen.example")
    failure = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("ecluse", logging.ERROR, "x", 1, "Request failed", None, failure)

    line = CodesOnly().format(record)

    assert "jeanne" not in line
    assert "ValueError" in line
    assert "test_frame_of_every_page.py" in line


def test_only_the_files_that_pages_use_are_served() -> None:
    names = {name for finder in finders.get_finders() for name, _ in finder.list([])}

    assert finders.find("django_htmx/htmx-2.min.js") is not None
    assert finders.find("admin/css/base.css") is None
    assert len(names) < 300


@pytest.mark.parametrize(
    ("url", "host", "user", "port"),
    [
        ("postgresql://ecluse@/?host=%2Frun%2Fecluse", "/run/ecluse", "ecluse", ""),
        ("postgresql://ecluse:s%40cret@db.example:5433/", "db.example", "ecluse", "5433"),
        ("postgresql:///", "", "", ""),
    ],
)
def test_a_database_address_may_name_a_host_or_a_socket(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, user: str, port: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    described = environment.database("ecluse_public")

    assert (described["NAME"], described["HOST"], described["USER"], described["PORT"]) == (
        "ecluse_public",
        host,
        user,
        port,
    )


def test_another_database_than_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")

    with pytest.raises(ImproperlyConfigured, match="only postgresql"):
        environment.database("ecluse_public")


def test_a_site_does_not_start_with_a_guessable_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    monkeypatch.delenv("ECLUSE_SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="holds no secret"):
        environment.secret_key("public")


FOR_THE_BROWSER = "DJANGO_ALLOW_ASYNC_UNSAFE"
"""Set by the journeys for their own thread; a deployed site refuses it."""


@pytest.mark.parametrize("site", ["public", "checking"])
def test_each_site_starts_alone_and_finds_nothing_to_correct(site: str) -> None:
    program = "import django; django.setup(); from django.core.management import call_command; "
    program += "call_command('check', deploy=True, fail_level='ERROR')"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **{name: value for name, value in os.environ.items() if name != FOR_THE_BROWSER},
            "DJANGO_SETTINGS_MODULE": f"ecluse.portal.site.settings.{site}",
            "ECLUSE_SECRET_KEY": "a-secret-of-this-test-of-fifty-characters-or-more-0123",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
