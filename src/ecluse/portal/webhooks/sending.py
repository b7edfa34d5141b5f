"""One call to a receiver: pinned to the address judged, short, following nothing, reading nothing.

What the receiver answers is not kept: it may hold anything.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ecluse.domain.errors import EcluseError
from ecluse.portal.webhooks import addresses
from ecluse.trust import outgoing
from ecluse.trust.outgoing import Target

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
DELIVERED = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: a status, or the word for why none came."""

    status: int | None
    failure: str
    milliseconds: int

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.status in DELIVERED


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Call the receiver once; whatever goes wrong is an answer too."""
    began = time.monotonic()
    status, failure = None, ""
    try:
        status = _post(addresses.resolve(url), body, headers)
    except EcluseError:
        failure = "address-refused"
    except httpx.TimeoutException:
        failure = "timeout"
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
        failure = "unreachable"
    return Answer(status, failure, int((time.monotonic() - began) * 1000))


def _post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    own = {**headers, "content-type": "application/json", "user-agent": "ecluse-webhooks"}
    with outgoing.call("POST", target, headers=own, timeout=TIMEOUT, content=body) as answer:
        return answer.status_code
