"""One document of another catalogue: pinned to the address judged, bounded in time and size.

Nothing that a document names is fetched for it: only the address of the source, the redirections
it answers, each judged again, and the next pages of its own host.
"""

import ssl
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings

from ecluse.domain.errors import Unreachable
from ecluse.portal.catalogue.rdf.reading import FORMATS, MAXIMUM_BYTES, SUFFIXES
from ecluse.trust import outgoing
from ecluse.trust.outgoing import Exits, Target

ACCEPTED: Final = (
    "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8, application/json;q=0.5"
)
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
SECONDS: Final = 120.0
"""The longest that one document may take, however slowly it drips."""
REDIRECTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document: its bytes, its media type, and the address that it came from in the end."""

    data: bytes
    media_type: str
    url: str


def fetch(url: str) -> Fetched:
    """Return the document at an address of the open Internet, or of ECLUSE_HARVEST_HOSTS.

    Raises:
        InvalidInput, NotAllowed: not an address that may be called.
        Unreachable: no answer, another answer than a document, too long or too large.
    """
    for _ in range(REDIRECTIONS + 1):
        found = _get(outgoing.resolve(url, exits()))
        if isinstance(found, Fetched):
            return found
        url = urljoin(url, found)
    raise Unreachable(f"The source redirects over {REDIRECTIONS} times: give its last address.")


def exits() -> Exits:
    """Return the hosts inside the network that may be harvested."""
    return Exits(frozenset(settings.ECLUSE_HARVEST_HOSTS), "ECLUSE_HARVEST_HOSTS")


def is_same_host(url: str, other: str) -> bool:
    """Whether two addresses are of one host, one port and one scheme."""
    return urlsplit(url)[:2] == urlsplit(other)[:2]


def _get(target: Target) -> Fetched | str:
    """Return the document, or the address that the answer leads to."""
    own = {"accept": ACCEPTED, "user-agent": "ecluse-harvest"}
    try:
        with outgoing.call("GET", target, headers=own, timeout=TIMEOUT) as answer:
            if answer.is_redirect:
                return str(answer.headers.get("location", ""))
            if answer.status_code != httpx.codes.OK:
                raise Unreachable(f"The source answers {answer.status_code}: try again later.")
            return Fetched(_read(answer), _media_type(answer, target.url), target.url)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
        raise Unreachable("The source does not answer: nothing was changed.") from None


def _read(answer: httpx.Response) -> bytes:
    ends, data = time.monotonic() + SECONDS, bytearray()
    for part in answer.iter_bytes():
        data += part
        if len(data) > MAXIMUM_BYTES:
            raise Unreachable(f"The source sends over {MAXIMUM_BYTES} bytes: ask it for pages.")
        if time.monotonic() > ends:
            raise Unreachable(f"The source takes over {SECONDS:.0f} s: nothing was changed.")
    return bytes(data)


def _media_type(answer: httpx.Response, url: str) -> str:
    said = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if said in FORMATS or said == "application/json":
        return said
    return SUFFIXES.get(PurePosixPath(urlsplit(url).path).suffix.lower(), said)
