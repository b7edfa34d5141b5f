"""What an identity provider answers over HTTP: small, on time, from where it was asked."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from ecluse.domain.errors import Malformed, SetupIncomplete, Unreachable

MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 10
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def check_address(address: str) -> str:
    """Return an address that nobody on the way reads. Raises SetupIncomplete.

    Plain HTTP goes to this very machine alone.
    """
    parts = urlsplit(address)
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not is_here:
        raise SetupIncomplete(f"The identity provider is asked over https only, not {address!r}.")
    return address


def fetch(
    method: str,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Return an answer of status 200, its redirects not followed.

    Raises:
        Unreachable: no answer, another status, or one too heavy.
        SetupIncomplete: not an address to ask.
    """
    check_address(address)
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False) as client,
            client.stream(method, address, data=form, headers=headers) as answer,
        ):
            content = bytearray()
            for block in answer.iter_bytes():
                content.extend(block)
                if len(content) > MOST_BYTES:
                    raise Unreachable("The identity provider answers too much: try again later.")
    except httpx.HTTPError as error:
        raise Unreachable(
            f"The identity provider does not answer ({type(error).__name__}): try again later."
        ) from None
    if answer.status_code != httpx.codes.OK:
        raise Unreachable(f"The identity provider answers {answer.status_code}: try again later.")
    return httpx.Response(answer.status_code, headers=_media(answer), content=bytes(content))


def _media(answer: httpx.Response) -> dict[str, str]:
    return {"Content-Type": answer.headers.get("Content-Type", "")}


def members(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object of an answer. Raises Malformed."""
    try:
        found = json.loads(answer.content)
    except ValueError:
        raise Malformed("The identity provider does not answer in JSON.") from None
    if not isinstance(found, dict):
        raise Malformed("The identity provider does not answer with a JSON object.")
    return found
