"""Where this site may call: over https, to the open Internet, at the address that was looked at.

A name is resolved once for each call, every address that it has is judged, and the call goes to
one of those: a name that changes between the look and the call changes nothing (DNS rebinding).
Hosts that the site trusts by name may be inside its network, over http too.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

import httpx

from ecluse.domain.errors import InvalidInput, NotAllowed

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PORTS = {"https": 443, "http": 80}
URL_LENGTH = 500

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Exits:
    """The hosts that may be inside, and the name of the setting where the site names them."""

    trusted: frozenset[str]
    setting: str


@dataclass(frozen=True, slots=True)
class Target:
    """An address judged: the call goes to `ip`, and names `host` in TLS and in its headers."""

    url: str
    scheme: str
    host: str
    port: int
    ip: str
    path: str

    @property
    def authority(self) -> str:
        """The host as its header says it, with the port if it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def pinned(self) -> str:
        """The address to call, by number."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"


def check(url: str, exits: Exits) -> str:
    """Return the address if its shape is one that may be called. Raises InvalidInput."""
    _parts(url, exits)
    return url


def resolve(url: str, exits: Exits) -> Target:
    """Look the name up and judge every address that it has.

    Raises InvalidInput: not such an address. Raises NotAllowed: the name is unknown, or one of its
    addresses is not of the open Internet.
    """
    parts, port = _parts(url, exits)
    host = parts.hostname or ""
    found = _look_up(host, port)
    if host not in exits.trusted:
        for address in found:
            _check_open(address, exits)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Target(url, parts.scheme, host, port, str(found[0]), path)


@contextmanager
def call(
    method: str,
    target: Target,
    *,
    headers: Mapping[str, str],
    timeout: httpx.Timeout,
    content: bytes | None = None,
) -> Iterator[httpx.Response]:
    """Open the answer to one call, at the address judged; redirections are not followed.

    Raises httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError: no answer came.
    """
    with (
        # No proxy of the environment: it would resolve the name again, elsewhere.
        httpx.Client(
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            # The authorities of this machine, or those of SSL_CERT_FILE.
            verify=ssl.create_default_context(),
        ) as client,
        client.stream(
            method,
            target.pinned,
            content=content,
            headers={**headers, "host": target.authority},
            extensions={"sni_hostname": target.host},
        ) as answer,
    ):
        yield answer


def _parts(url: str, exits: Exits) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("This is no address: give one like https://example.org/here.") from None
    if len(url) > URL_LENGTH or not url.isascii() or any(each.isspace() for each in url):
        raise InvalidInput(
            f"Give an address of {URL_LENGTH} ASCII characters at most, without spaces."
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput("Give an address without a name, a password or a fragment in it.")
    is_trusted = parts.hostname in exits.trusted
    is_open = parts.scheme == "https" or (parts.scheme == "http" and is_trusted)
    if not is_open or not parts.hostname:
        raise InvalidInput("Give an address that begins with https:// and names a host.")
    return parts, PORTS[parts.scheme] if port is None else port


def _look_up(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed("The name of this host is not known here: check the address.") from None
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def _check_open(address: Address, exits: Exits) -> None:
    """Pass for an address of the open Internet. Raises NotAllowed.

    An IPv6 address that stands for an IPv4 one is judged as that one.
    """
    inner = _inner(address)
    if not inner.is_global or inner.is_multicast or inner.is_reserved:
        raise NotAllowed(
            "This host is inside a private network: give one of the open Internet, or ask whoever"
            f" runs this site to name it in {exits.setting}."
        )


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
