"""What settings read from the machine: the home, the secret key, the database, the addresses."""

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def home() -> Path:
    """Return the folder of this installation: ECLUSE_HOME, else `.ecluse` in the current folder."""
    return Path(os.environ.get("ECLUSE_HOME") or ".ecluse").expanduser().absolute()


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """Return a setting that has few values, the first by default. Raises ImproperlyConfigured."""
    chosen = os.environ.get(name) or choices[0]
    if chosen not in choices:
        raise ImproperlyConfigured(f"{name} is {chosen!r}: give one of {', '.join(choices)}.")
    return chosen


def secret_key(site: str) -> str:
    """Return the site's secret: ECLUSE_SECRET_KEY, what systemd hands over, or set-up drew.

    Raises:
        ImproperlyConfigured: there is neither; a site never starts with a guessable secret.
    """
    given = os.environ.get("ECLUSE_SECRET_KEY")
    if given:
        return given
    handed = Path(os.environ.get("CREDENTIALS_DIRECTORY", "")) / "secret-key"
    if handed.is_absolute() and handed.is_file():
        return handed.read_text(encoding="utf-8").strip()
    path = home() / "config.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))[f"{site}_secret_key"])
    except (OSError, ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            f"{path} holds no secret for the {site} site: run `ecluse demo`, or set "
            "ECLUSE_SECRET_KEY."
        ) from error


def database(name: str) -> dict[str, object]:
    """Return Django's description of database `name` on the server of DATABASE_URL.

    The address may name a unix socket: `postgresql://user@/?host=/folder`.
    """
    url = urlsplit(os.environ.get("DATABASE_URL") or "postgresql:///")
    if url.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"DATABASE_URL is {url.scheme}://…: only postgresql:// works.")
    options = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(options.pop("user", url.username or "")),
        "PASSWORD": unquote(options.pop("password", url.password or "")),
        "HOST": options.pop("host", unquote(url.hostname or "")),
        "PORT": options.pop("port", str(url.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **options},
    }


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over; without a host, nowhere."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    is_tls: bool = False
    starts_tls: bool = False


def mail_server(url: str) -> MailServer:
    """Return the server of `smtp://name:secret@host:port` or `smtps://…`; nothing, no server.

    Over `smtp` the talk is encrypted before anything is said, except to this very machine.
    """
    if not url:
        return MailServer()
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("ECLUSE_SMTP_URL is smtp://host:port or smtps://host:port.")
    is_tls = parts.scheme == "smtps"
    return MailServer(
        parts.hostname,
        parts.port or (465 if is_tls else 587),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        is_tls=is_tls,
        starts_tls=not is_tls and parts.hostname not in LOCAL_HOSTS,
    )


def allowed_hosts(url: str) -> list[str]:
    """Return the names under which a site answers: its address, and this machine's own."""
    return sorted({urlsplit(url).hostname or "127.0.0.1", *LOCAL_HOSTS})


def origins(*urls: str) -> list[str]:
    """Return where these addresses are, without their paths; of none that is empty."""
    found = (urlsplit(url) for url in urls if url)
    return [f"{parts.scheme}://{parts.netloc}" for parts in found]


def is_secure(url: str) -> bool:
    """Whether browsers reach the site over TLS, so that cookies never travel in clear."""
    return urlsplit(url).scheme == "https"


def cookie_name(name: str, url: str) -> str:
    """Return the name of a cookie: over TLS, browsers refuse it from any other host or in clear."""
    return f"__Host-{name}" if is_secure(url) else name


def package_folder(name: str) -> Path:
    """Return the folder of an installed package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"Package {name} is missing: pip install 'ecluse[portal]'.")
    return Path(spec.origin).parent
