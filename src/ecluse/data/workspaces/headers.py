"""The headers that cross the proxy, each way; every other one stays where it came from.

Cookies of any site, tokens and origins of the browser never reach the notebook server; what it
wants to set in the browser never reaches the browser.
"""

from collections.abc import Iterable
from typing import Final

from ecluse.domain.errors import NotAllowed

Headers = list[tuple[str, str]]

TO_NOTEBOOK: Final = frozenset({"accept", "accept-language", "content-type", "if-none-match"})
SOCKET_TO_NOTEBOOK: Final = frozenset(
    {
        "connection",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "upgrade",
    }
)
TO_BROWSER: Final = frozenset({"content-type", "etag", "last-modified", "location"})
SOCKET_TO_BROWSER: Final = frozenset(
    {"connection", "sec-websocket-accept", "sec-websocket-protocol", "upgrade"}
)
SHOWN: Final = (
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "application/javascript",
    "application/json",
    "application/problem+json",
    "font/",
    "image/svg+xml",
    "image/png",
    "image/x-icon",
    "image/vnd.microsoft.icon",
    "application/wasm",
    "application/font-woff",
    "application/vnd.ms-fontobject",
    "application/x-font-ttf",
)
"""What a page is made of: nothing that a browser would rather save."""

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        # The notebook's page starts by a script of its own and compiles schemas as it runs.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Without allow-downloads, allow-popups, allow-modals: a page of ours saves nothing, opens
        # nothing else, prints nothing.
        "sandbox allow-scripts allow-same-origin allow-forms",
    )
)
ALWAYS: Final[Headers] = [
    ("content-security-policy", POLICY),
    (
        "permissions-policy",
        "clipboard-read=(), clipboard-write=(), display-capture=(), camera=(), microphone=(), "
        "geolocation=(), usb=(), serial=(), bluetooth=(), midi=()",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "private, no-store"),
]


def towards_notebook(
    headers: Iterable[tuple[str, str]], *, token: str, kept: frozenset[str]
) -> Headers:
    """Return what the notebook server is told, with the token that it alone knows."""
    passed = [(name, value) for name, value in headers if name in kept]
    own = [("host", "localhost"), ("authorization", f"token {token}")]
    return [*own, *passed]


def towards_browser(headers: Iterable[tuple[str, str]], *, base: str) -> Headers:
    """Return what the browser is told. Raises NotAllowed: it would save it, or leave."""
    told = list(headers)
    values = dict(told)
    kind = values.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if not kind.startswith(SHOWN) or "attachment" in values.get("content-disposition", ""):
        raise NotAllowed("This would be a download: results leave by the outputs folder.")
    if not values.get("location", base).startswith(base):
        raise NotAllowed("The notebook sends elsewhere: enter again from the checking room.")
    return [*((name, value) for name, value in told if name in TO_BROWSER), *ALWAYS]
