"""Probes of what a site shows to a visitor: TLS, headers, cookies, and its settings."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from ecluse.hosting.posture.seen import Seen, Verdict, judged, unseen

MODERN: Final = ("TLSv1.2", "TLSv1.3")
STRONG: Final = ("TLS_AES_", "TLS_CHACHA20_", "ECDHE-")
SEALED: Final = ("GCM", "CHACHA20", "CCM")
ONE_YEAR_SECONDS: Final = 31_536_000
RENEWED_BEFORE: Final = timedelta(days=14)
HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY: Final = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors")
UNSAFE: Final = ("'unsafe-inline'", "'unsafe-eval'", "*")
PAGE_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def tls_version(seen: Seen) -> Verdict:
    """TLS 1.2 or 1.3 is spoken, and nothing older is accepted."""
    if not seen.handshakes:
        return unseen("an https address")
    wrong = [f"{h.address} speaks {h.version}" for h in seen.handshakes if h.version not in MODERN]
    wrong += [f"{h.address} still accepts TLS 1.1" for h in seen.handshakes if h.accepts_old]
    return judged({h.address: h.version for h in seen.handshakes}, wrong)


def tls_cipher(seen: Seen) -> Verdict:
    """The cipher authenticates what it encrypts, under keys of one session only."""
    if not seen.handshakes:
        return unseen("an https address")
    facts = {h.address: h.cipher for h in seen.handshakes}
    return judged(facts, [f"{a} uses {c}" for a, c in facts.items() if not _is_strong(c)])


def _is_strong(cipher: str) -> bool:
    return cipher.startswith(STRONG) and any(one in cipher for one in SEALED)


def certificate(seen: Seen) -> Verdict:
    """The certificate is believed by this machine, and does not end within two weeks."""
    if not seen.handshakes:
        return unseen("an https address")
    wrong = [f"{h.address}: {h.refusal}" for h in seen.handshakes if h.refusal]
    soon = seen.at.date() + RENEWED_BEFORE
    wrong += [
        f"{h.address} has a certificate until {h.ends_on}"
        for h in seen.handshakes
        if h.ends_on and h.ends_on < soon
    ]
    return judged({h.address: h.ends_on for h in seen.handshakes}, wrong)


def tls_everywhere(seen: Seen) -> Verdict:
    """Every address that leaves this machine is https."""
    if not seen.addresses:
        return unseen("the addresses of the installation")
    parts = {address: urlsplit(address) for address in seen.addresses}
    clear = [a for a, p in parts.items() if p.scheme == "http" and p.hostname not in HERE]
    facts = {a: p.scheme for a, p in parts.items()}
    return judged(facts, [f"{address} is in clear" for address in clear])


def transport_security(seen: Seen) -> Verdict:
    """Browsers are told to use TLS for a year, and for names below."""
    pages = [page for page in seen.pages if page.url.startswith("https://")]
    if not pages:
        return unseen("a page served over https")
    facts = {page.url: page.header("strict-transport-security") for page in pages}
    wrong = [f"{u} says {v or 'nothing'!r}" for u, v in facts.items() if not _lasts_a_year(v)]
    return judged(facts, wrong)


def _lasts_a_year(value: str) -> bool:
    parts = [part.strip().lower() for part in value.split(";")]
    ages = [part.removeprefix("max-age=") for part in parts if part.startswith("max-age=")]
    is_long = any(age.isdecimal() and int(age) >= ONE_YEAR_SECONDS for age in ages)
    return is_long and "includesubdomains" in parts


def content_policy(seen: Seen) -> Verdict:
    """A content security policy lets our own files load, and no inline script."""
    if not seen.pages:
        return unseen("a page")
    facts = {page.url: page.header("content-security-policy") for page in seen.pages}
    wrong = [f"{url} lacks {p}" for url, told in facts.items() for p in POLICY if p not in told]
    wrong += [f"{url} allows {w}" for url, told in facts.items() for w in UNSAFE if w in told]
    return judged(facts, wrong)


def page_headers(seen: Seen) -> Verdict:
    """Browsers do not guess types, tell no address to other sites, and frame nothing."""
    if not seen.pages:
        return unseen("a page")
    told = {(page.url, name): page.header(name) for page in seen.pages for name in PAGE_HEADERS}
    wrong = [f"{u} lacks {name}" for (u, name), v in told.items() if v != PAGE_HEADERS[name]]
    return judged({f"{url} {name}": value for (url, name), value in told.items()}, wrong)


def cookies(seen: Seen) -> Verdict:
    """Cookies are for this host, over TLS, from our own pages; sessions are closed to scripts."""
    told = [cookie for page in seen.pages for cookie in page.cookies()]
    if not told:
        return unseen("a page that sets a cookie")
    facts = {cookie.partition("=")[0]: _flags(cookie) for cookie in told}
    wrong = [f"{name} lacks {one}" for name, flags in facts.items() for one in _lacks(name, flags)]
    return judged(facts, wrong)


def _flags(cookie: str) -> str:
    parts = (part.strip().lower() for part in cookie.split(";")[1:])
    return " ".join(sorted(part for part in parts if not part.startswith(("expires", "max-age"))))


def _lacks(name: str, flags: str) -> list[str]:
    asked = ["secure", "samesite=", *([] if "csrf" in name else ["httponly"])]
    lacking = [one.rstrip("=") for one in asked if one not in flags]
    return lacking if name.startswith("__Host-") else [*lacking, "the prefix __Host-"]


def debug_off(seen: Seen) -> Verdict:
    """The site shows none of its inside when it fails."""
    if seen.settings is None:
        return unseen("the settings of a site")
    facts = {"DEBUG": seen.settings.get("DEBUG")}
    return judged(facts, [] if facts["DEBUG"] is False else ["DEBUG is on"])


def no_demonstration(seen: Seen) -> Verdict:
    """The site is no demonstration: no account is offered, no invented number is taken."""
    if seen.settings is None:
        return unseen("the settings of a site")
    facts = {name: seen.settings.get(name) for name in ("ECLUSE_DEMO", "ECLUSE_SCAN")}
    wrong = ["this is a demonstration"] if facts["ECLUSE_DEMO"] else []
    wrong += ["files are not searched for viruses"] if facts["ECLUSE_SCAN"] in ("off", "") else []
    return judged(facts, wrong)


def second_factor(seen: Seen) -> Verdict:
    """The roles that read what citizens ask give a second code when they sign in."""
    if seen.settings is None:
        return unseen("the settings of a site")
    facts = {"ECLUSE_SECOND_FACTOR": seen.settings.get("ECLUSE_SECOND_FACTOR")}
    wrong = [] if facts["ECLUSE_SECOND_FACTOR"] is True else ["no second code is asked"]
    return judged(facts, wrong)


def password_digest(seen: Seen) -> Verdict:
    """Passwords are kept under Argon2 alone, and have twelve characters at least."""
    if seen.settings is None:
        return unseen("the settings of a site")
    used = seen.settings.get("PASSWORD_HASHERS")
    names = tuple(map(str, used)) if isinstance(used, list | tuple) else ()
    wrong = [f"{name} keeps passwords" for name in names if "Argon2" not in name]
    wrong += [] if names else ["no digest of passwords is set"]
    return judged({"PASSWORD_HASHERS": " ".join(names)}, wrong)


def session_lifetime(seen: Seen) -> Verdict:
    """A session ends twelve hours after the sign-in, and is closed to scripts."""
    if seen.settings is None:
        return unseen("the settings of a site")
    names = ("SESSION_COOKIE_AGE", "SESSION_COOKIE_HTTPONLY", "SESSION_SAVE_EVERY_REQUEST")
    facts = {name: seen.settings.get(name) for name in names}
    age = facts["SESSION_COOKIE_AGE"]
    wrong = [] if isinstance(age, int) and age <= 12 * 3600 else ["sessions outlive twelve hours"]
    wrong += ["sessions are extended"] if facts["SESSION_SAVE_EVERY_REQUEST"] else []
    return judged(facts, wrong)
