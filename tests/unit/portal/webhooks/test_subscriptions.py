"""Who subscribes what, where a webhook may go, and the pages."""

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.webhooks import actions, addresses, sending
from ecluse.portal.webhooks.models import Subscription
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.webhooks.receivers import Receiver, listen

Create = Callable[..., User]

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that says which addresses every name has."""

    def say(*found: str) -> None:
        def look_up(host: str, port: int, *_rest: int, **_options: int) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return say


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_refused(resolved: Callable[..., None], address: str) -> None:
    resolved(address)

    with pytest.raises(NotAllowed, match="private network"):
        addresses.resolve("https://hook.example/")


def test_a_name_with_one_address_inside_is_refused(resolved: Callable[..., None]) -> None:
    resolved("93.184.216.34", "10.0.0.1")

    with pytest.raises(NotAllowed):
        addresses.resolve("https://hook.example/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_of_the_open_internet_is_pinned(
    resolved: Callable[..., None], address: str
) -> None:
    resolved(address)

    target = addresses.resolve("https://hook.example:8443/a?b=1")

    assert (target.ip, target.authority) == (address, "hook.example:8443")
    assert target.pinned.endswith(":8443/a?b=1")


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "ftp://hook.example/",
        "https:///path",
        "https://user:secret@hook.example/",
        "https://hook.example/#part",
        "https://hook.example:99999/",
        "https://hook.example/a b",
        "https://hook.example/\n",
        "https://[::1",
        "javascript:alert(1)",
        "",
    ],
)
def test_only_a_plain_https_address_is_taken(url: str) -> None:
    with pytest.raises(InvalidInput):
        addresses.check(url)


def test_a_host_that_the_site_trusts_may_be_inside(settings: Settings) -> None:
    settings.ECLUSE_WEBHOOK_HOSTS = frozenset({"127.0.0.1"})

    assert addresses.resolve("http://127.0.0.1:9000/hook").pinned == "http://127.0.0.1:9000/hook"


def test_a_name_that_changes_after_it_was_subscribed_is_refused_when_called(
    resolved: Callable[..., None], account: Create
) -> None:
    resolved("93.184.216.34")
    made, _secret = actions.subscribe("https://hook.example/", [], by=account(), now=NOW)
    resolved("127.0.0.1")

    attempt = actions.try_out(made, now=NOW)

    assert attempt.failure == "address-refused"


def certificate(folder: Path, name: str) -> Path:
    """A certificate of its own authority for one name, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


def call_over_tls(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> sending.Answer:
    """Call https://hook.test at a server on this machine that shows this certificate."""
    receiver = Receiver()
    server = listen(receiver)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    answer = sending.send(f"https://{name}:{server.server_port}/hook", b"{}", {})
    server.shutdown()
    server.server_close()
    return answer


def test_a_call_goes_to_the_number_and_checks_the_name(
    resolved: Callable[..., None],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ECLUSE_WEBHOOK_HOSTS = frozenset({"hook.test"})
    resolved("127.0.0.1")

    answer = call_over_tls("hook.test", certificate(tmp_path, "hook.test"), monkeypatch)

    assert (answer.status, answer.failure) == (204, "")


def test_a_certificate_of_another_name_is_refused(
    resolved: Callable[..., None],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ECLUSE_WEBHOOK_HOSTS = frozenset({"hook.test"})
    resolved("127.0.0.1")

    answer = call_over_tls("hook.test", certificate(tmp_path, "other.test"), monkeypatch)

    assert (answer.status, answer.failure) == (None, "unreachable")


def test_an_event_that_does_not_exist_is_refused(account: Create, receiver: Receiver) -> None:
    with pytest.raises(InvalidInput, match="No event is called"):
        actions.subscribe(receiver.url, ["application.explode"], by=account(), now=NOW)


def test_an_account_keeps_ten_webhooks(account: Create, receiver: Receiver) -> None:
    by = account()
    made = [actions.subscribe(receiver.url, [], by=by, now=NOW) for _ in range(10)]

    with pytest.raises(InvalidInput, match="10 webhooks"):
        actions.subscribe(receiver.url, [], by=by, now=NOW)

    assert len(made) == 10


def test_a_webhook_of_another_account_is_not_found(account: Create, receiver: Receiver) -> None:
    made, _secret = actions.subscribe(receiver.url, [], by=account(Role.DATA_USER), now=NOW)

    with pytest.raises(NotFound):
        actions.find(made.pk, of=account(Role.ASSESSOR))


def test_five_test_calls_a_minute_are_enough(account: Create, receiver: Receiver) -> None:
    made, _secret = actions.subscribe(receiver.url, [], by=account(), now=NOW)
    calls = [actions.try_out(made, now=NOW) for _ in range(5)]

    with pytest.raises(NotAllowed):
        actions.try_out(made, now=NOW)

    assert len(calls) == 5


def test_a_page_adds_a_webhook_and_shows_its_secret_once(
    account: Create, client: Client, receiver: Receiver
) -> None:
    client.force_login(account(Role.DATA_USER))

    added = client.post("/webhooks/", {"url": receiver.url, "events": ["permit.expire"]})
    again = client.get("/webhooks/")

    assert "whsec_" in added.content.decode()
    assert "whsec_" not in again.content.decode()
    assert receiver.url in again.content.decode()
    assert Subscription.objects.get().events == ["permit.expire"]
    assert JournalEntry.objects.filter(action="webhook.added").count() == 1


def test_a_page_says_why_an_address_is_refused(account: Create, client: Client) -> None:
    client.force_login(account(Role.DATA_USER))

    answer = client.post("/webhooks/", {"url": "https://127.0.0.1/"})

    assert answer.status_code == 422
    assert "private network" in answer.content.decode()


def test_a_page_shows_the_log_tries_and_removes(
    account: Create, client: Client, receiver: Receiver
) -> None:
    by = account(Role.DATA_USER)
    client.force_login(by)
    made, _secret = actions.subscribe(receiver.url, [], by=by, now=NOW)
    address = reverse("webhooks:webhook", args=[made.pk])

    client.post(address, {"do": "try"})
    log = client.get(address).content.decode()
    removed = client.post(address, {"do": "remove"})

    assert "Appel d’essai remis" in log
    assert "réponse 204" in log
    assert removed["Location"] == "/webhooks/"
    assert client.get(address).status_code == 404


def test_a_page_of_a_webhook_is_its_owner_s_alone(
    account: Create, client: Client, receiver: Receiver
) -> None:
    made, _secret = actions.subscribe(receiver.url, [], by=account(Role.DATA_USER), now=NOW)
    client.force_login(account(Role.AUDITOR))

    assert client.get(reverse("webhooks:webhook", args=[made.pk])).status_code == 404


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
def test_the_pages_are_drawn_in_both_themes_and_languages(
    account: Create, client: Client, receiver: Receiver, settings: Settings, theme: str
) -> None:
    settings.ECLUSE_THEME = theme
    by = account(Role.DATA_USER)
    client.force_login(by)
    made, _secret = actions.subscribe(receiver.url, ["permit.expire"], by=by, now=NOW)
    actions.try_out(made, now=NOW)
    address = reverse("webhooks:webhook", args=[made.pk])

    french = client.get(address).content.decode()
    client.cookies["ecluse_language"] = "en"
    english = client.get(address).content.decode() + client.get("/webhooks/").content.decode()

    assert "Appel d’essai" in french
    assert "Test call" in english
    assert "My webhooks" in english
    assert ("fr-btn" in english) is (theme == "dsfr")
