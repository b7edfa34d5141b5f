"""The third party as a process: it listens on a Unix socket, under an account of its own."""

import os
import socket
import socketserver
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, NotFound
from ecluse.trust import keys
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.key_sockets import SECONDS, peer_uid, receive, send
from ecluse.trust.custody.security_modules import Token
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.pseudonyms.custodians import Custodian, load_custodian
from ecluse.trust.pseudonyms.national_numbers import load_national_key
from ecluse.trust.third_party.gate import Gate
from ecluse.trust.third_party.settings import Settings

ORIGIN: Final = "third-party"
CUSTODIANS: Final = ("custodian-1.pub", "custodian-2.pub")
REACHABLE: Final = 0o666
"""Any account may connect; which may ask is decided by what the kernel says of them."""


@contextmanager
def open_gate(
    folder: Path, *, token: Token | None = None, warn: Callable[[str], object] = lambda _: None
) -> Iterator[Gate]:
    """Give the gate of the third party whose store is `folder`.

    Raises:
        NotAllowed: a peer runs under the service's own account, and could read its key.
        SetupIncomplete, InvalidInput: no key, or settings that are not right.
    """
    forbid_core_dumps()
    settings = Settings.load(folder)
    if settings.peer(os.geteuid()) is not None:
        raise NotAllowed("A peer runs under the account of the service: give each its own.")
    key, signer = load_national_key(folder / "keys", token), _signer(folder / "keys")
    keyring = Keyring(keys.public_keys(folder / "keys"))
    with FileJournal(folder / "journal", origin=ORIGIN, key=signer, keyring=keyring) as journal:
        gate = Gate(key, settings, journal, _custodians(folder), warn)
        gate.remember(datetime.now(UTC))
        yield gate


class Listener(socketserver.ThreadingUnixStreamServer):
    """A gate behind a socket. Use as a context; `serve_forever` answers until `shutdown`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, gate: Gate) -> None:
        self.gate = gate
        if path.exists() and not path.is_socket():
            raise InvalidInput(f"{path} is not a socket: name another place.")
        # What a process that died left; a living one holds the journal, which is open by now.
        path.unlink(missing_ok=True)
        super().__init__(str(path), Answering)
        path.chmod(REACHABLE)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Say that a connection failed by the kind of error: its words could hold a number."""
        self.gate.warn(f"failed: {type(sys.exc_info()[1]).__name__}")


class Answering(socketserver.BaseRequestHandler):
    """One connection: one question, one answer."""

    server: Listener

    def handle(self) -> None:
        """Answer; a peer that is silent, goes away or sends anything else is left."""
        link: socket.socket = self.request
        link.settimeout(SECONDS)
        with suppress(OSError, Malformed):
            uid, now = peer_uid(link), datetime.now(UTC)
            send(link, self.server.gate.answer(receive(link), uid=uid, now=now))


def _signer(folder: Path) -> SigningKey:
    try:
        return keys.load_signing_key(folder, Signer.AGENT)
    except NotFound:
        return keys.create_key(folder, Signer.AGENT, now=datetime.now(UTC))


def _custodians(folder: Path) -> tuple[Custodian, ...]:
    paths = [folder / "custodians" / name for name in CUSTODIANS]
    return tuple(load_custodian(path) for path in paths if path.exists())
