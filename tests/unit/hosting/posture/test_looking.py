"""Looking at real things: a server that speaks TLS, files on a disk, a page."""

import datetime as days
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ecluse.domain.errors import Unreachable
from ecluse.hosting.posture import looking
from ecluse.hosting.posture.seen import File


class Hub(BaseHTTPRequestHandler):
    """A site that answers two lines of headers and two cookies."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2; Secure")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that ends in 2040, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(days.datetime(2020, 1, 1, tzinfo=days.UTC))
        .not_valid_after(days.datetime(2040, 3, 1, tzinfo=days.UTC))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hub.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def serving(certified: Path, *, old: bool = False) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)
    if old:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_certificate_of_a_known_authority_is_believed(certified: Path) -> None:
    with serving(certified) as url:
        seen = looking.handshake(url, roots=certified)

    assert (seen.version, seen.refusal, seen.accepts_old) == ("TLSv1.3", "", False)
    assert seen.ends_on == days.date(2040, 3, 1)


def test_a_certificate_that_nobody_signed_is_told(certified: Path) -> None:
    with serving(certified) as url:
        seen = looking.handshake(url)

    assert "self" in seen.refusal


def test_a_server_that_still_accepts_tls_1_1_is_seen(certified: Path) -> None:
    with serving(certified, old=True) as url:
        seen = looking.handshake(url, roots=certified)

    assert seen.accepts_old


def test_a_page_is_read_with_each_of_its_cookies(certified: Path) -> None:
    with serving(certified) as url:
        page = looking.page(url, roots=certified)

    assert page.header("x-frame-options") == "DENY"
    assert page.cookies() == ("a=1", "b=2; Secure")


def test_an_address_where_nothing_answers_is_told() -> None:
    with pytest.raises(Unreachable, match="start it"):
        looking.handshake("https://127.0.0.1:1/")


def test_folders_and_secrets_are_seen_with_their_modes(tmp_path: Path) -> None:
    keys = tmp_path / "portal" / "keys"
    keys.mkdir(parents=True)
    (tmp_path / "portal").chmod(0o711)
    keys.chmod(0o700)
    (keys / "a.key").touch()
    (keys / "a.key").chmod(0o640)
    (keys / "a.pub").touch()

    assert looking.files(tmp_path) == (
        File("portal", 0o711, is_secret=False),
        File("portal/keys", 0o700, is_secret=False),
        File("portal/keys/a.key", 0o640, is_secret=True),
    )
