"""Sessions, passwords and headers, as OWASP ASVS asks them; `docs/asvs.toml` tells the rest."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.site.urls_everything import urlpatterns
from tests.sites import PASSWORD, Signers

Create = Callable[..., User]
SIGN_IN = "/accounts/sign-in/"
PASSPHRASE = "une écluse s'ouvre seulement quand les deux niveaux sont égaux " * 2
SERVED = """
import io
import json
from ecluse.portal.site.wsgi import application
told = []
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/language/en/", "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    "HTTP_HOST": "hub.example"}
application(environ, lambda status, headers, *rest: told.extend(headers))
from django.conf import settings
names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME]
flags = [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,
    settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE]
print(json.dumps({"headers": dict(told), "names": names, "flags": flags}))
"""


@pytest.fixture(scope="module")
def served() -> dict[str, object]:
    """A public site in use, behind a proxy that ends TLS: a visitor asks for English."""
    finished = subprocess.run(
        [sys.executable, "-c", SERVED],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "ecluse.portal.site.settings.public",
            "ECLUSE_PUBLIC_URL": "https://hub.example",
            "ECLUSE_SECRET_KEY": "a-secret-of-this-test-of-fifty-characters-or-more-0123",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    found: dict[str, object] = json.loads(finished.stdout.splitlines()[-1])
    return found


def test_a_session_cookie_is_for_this_host_over_tls_alone(served: dict[str, object]) -> None:
    assert served["names"] == ["__Host-ecluse_public_session", "__Host-ecluse_public_csrf"]
    assert served["flags"] == [True, True, True, "Lax"]


def test_browsers_are_told_to_use_tls_for_a_year(served: dict[str, dict[str, str]]) -> None:
    told = served["headers"]["Strict-Transport-Security"]

    assert told == "max-age=31536000; includeSubDomains"


def test_the_cookie_of_the_language_is_over_tls_too(served: dict[str, dict[str, str]]) -> None:
    assert "Secure" in served["headers"]["Set-Cookie"]


def test_a_password_field_hides_what_is_typed_and_lets_it_be_pasted(
    signers: Signers, client: Client
) -> None:
    page = client.get(SIGN_IN).content.decode()
    field = page.partition('name="password"')[0].rpartition("<input")[2]
    whole = field + page.partition('name="password"')[2].partition(">")[0]

    assert 'type="password"' in whole
    assert 'autocomplete="current-password"' in whole
    assert "onpaste" not in page


def _signs_in(client: Client, user: User, password: str) -> bool:
    answer = client.post(SIGN_IN, {"email": user.email, "password": password})
    return answer.status_code == 302


def test_a_passphrase_of_any_length_opens_as_it_was_typed_and_not_otherwise(
    account: Create, client: Client
) -> None:
    user = account(Role.ASSESSOR)
    user.set_password(PASSPHRASE)
    user.save()

    assert len(PASSPHRASE) > 64
    assert not _signs_in(client, user, PASSPHRASE.upper())
    assert not _signs_in(client, user, PASSPHRASE.strip())
    assert not _signs_in(client, user, PASSPHRASE[:64])
    assert _signs_in(client, user, PASSPHRASE)


def test_the_session_is_another_one_after_the_sign_in(account: Create, client: Client) -> None:
    user = account(Role.ASSESSOR)
    before = client.session
    before.save()
    client.cookies["ecluse_everything_session"] = str(before.session_key)
    first = before.session_key

    client.post(SIGN_IN, {"email": user.email, "password": PASSWORD})
    second = client.cookies["ecluse_everything_session"].value

    assert second != first
    assert len(second) == 32  # of 36 letters and digits: 165 bits
    assert not Session.objects.filter(session_key=first).exists()


def test_a_session_that_the_site_did_not_make_opens_nothing(
    signers: Signers, client: Client
) -> None:
    client.cookies["ecluse_everything_session"] = "a" * 32

    assert client.get("/accounts/profile/").status_code == 302


def test_the_session_of_an_account_that_is_closed_opens_nothing(
    account: Create, client: Client
) -> None:
    user = account(Role.ASSESSOR)
    _signs_in(client, user, PASSWORD)
    was = client.get("/accounts/profile/").status_code
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert (was, client.get("/accounts/profile/").status_code) == (200, 302)


def test_a_new_installation_has_no_account(signers: Signers) -> None:
    assert User.objects.count() == 0


def test_nothing_but_a_password_or_a_provider_signs_in(settings: Settings) -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["django.contrib.auth.backends.ModelBackend"]
    assert "forgot" not in str(urlpatterns)


def test_signing_out_is_on_every_page_of_somebody_signed_in(
    account: Create, client: Client
) -> None:
    client.force_login(account(Role.ASSESSOR))
    pages = [client.get(address).content.decode() for address in ("/", "/cases/", "/map/")]

    assert ["/accounts/sign-out/" in page for page in pages] == [True, True, True]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/health", "application/json"),
        ("/keys.json", "application/json"),
        ("/register/register.csv", "text/csv; charset=utf-8"),
        ("/nothing-here", "text/html; charset=utf-8"),
    ],
)
def test_a_page_says_its_type_and_its_characters(
    signers: Signers, client: Client, address: str, kind: str
) -> None:
    assert client.get(address)["Content-Type"] == kind


def test_headers_of_a_proxy_sent_by_a_browser_change_nothing(
    signers: Signers, client: Client
) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Original-URL": "/journal/",
        "X-HTTP-Method-Override": "DELETE",
    }
    plain, other = client.get("/map/"), client.get("/map/", headers=forged)

    assert (other.status_code, other.content) == (plain.status_code, plain.content)


def test_an_address_given_by_a_header_does_not_undo_a_lock(account: Create, client: Client) -> None:
    user = account(Role.ASSESSOR)
    wrong = {"email": user.email, "password": "wrong"}
    forged = [{"X-Forwarded-For": f"192.0.2.{tried}"} for tried in range(10)]
    _ = [client.post(SIGN_IN, wrong, headers=headers) for headers in forged]

    assert not _signs_in(client, user, PASSWORD)


@pytest.mark.parametrize("address", ["/", "/map/", "/health", "/keys.json"])
def test_a_method_that_echoes_is_refused(signers: Signers, client: Client, address: str) -> None:
    assert client.trace(address).status_code == 405


def test_the_sign_in_is_posted_and_nothing_of_it_is_in_an_address(
    account: Create, client: Client
) -> None:
    user = account(Role.ASSESSOR)
    page = client.get(SIGN_IN).content.decode()
    asked = client.get(SIGN_IN, {"email": user.email, "password": PASSWORD})

    assert 'method="post"' in page.partition('name="password"')[0].rpartition("<form")[2]
    assert asked.status_code == 200
    assert client.get("/accounts/profile/").status_code == 302
