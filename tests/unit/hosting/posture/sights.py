"""A sound installation as probes see it, and for each probe one thing of it that is broken."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ecluse.hosting.placement import Host, Placement, Policy, Qualification
from ecluse.hosting.posture import seen
from ecluse.hosting.posture.seen import Seen
from ecluse.hosting.replicas.costs import Prices

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://hub.example/"
HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "set-cookie": "__Host-session=1; HttpOnly; Path=/; SameSite=Lax; Secure",
}
SETTINGS = {
    "DEBUG": False,
    "ECLUSE_DEMO": False,
    "ECLUSE_SCAN": "clamdscan",
    "ECLUSE_SECOND_FACTOR": True,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    "SESSION_COOKIE_AGE": 43_200,
    "SESSION_SAVE_EVERY_REQUEST": False,
}
SPOKEN = seen.Handshake(
    URL,
    "TLSv1.3",
    "TLS_AES_256_GCM_SHA384",
    accepts_old=False,
    refusal="",
    ends_on=date(2027, 3, 1),
)
DATABASE = seen.Database(
    "ecluse_public",
    15,
    ("btree_gist", "plpgsql"),
    (seen.Grant("ecluse-public", "audit_journalentry", "INSERT"),),
    ("audit_journalentry",),
    (),
)


def page(**changed: str) -> seen.Page:
    """The page of a site, with some headers changed; their names with `_` in place of `-`."""
    told = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    return seen.Page(URL, 200, tuple(told.items()))


def host(name: str, **changed: object) -> Host:
    """A host that the policy accepts, in France, until the end of 2027."""
    sound = Host(
        name,
        f"s3+https://{name}.example/bucket",
        "FR",
        "Example SAS",
        "FR",
        (Qualification("SecNumCloud", "2026-001", date(2027, 12, 31)),),
        prices=Prices(Decimal("0.01")),
    )
    return replace(sound, **changed)  # type: ignore[arg-type]


def placed(*hosts: Host) -> Placement:
    """The hosts of a hub that asks two copies, in France or Germany."""
    policy = Policy(2, timedelta(days=30), frozenset({"FR", "DE"}), frozenset({"SecNumCloud"}))
    return Placement(policy, {one.name: one for one in hosts})


SOUND = Seen(
    at=AT,
    pages=(page(),),
    handshakes=(SPOKEN,),
    addresses=(URL, "http://127.0.0.1:8000"),
    settings=SETTINGS,
    files=(seen.File("portal", 0o700, False), seen.File("portal/keys/a.key", 0o600, True)),
    packages=(seen.Package("django", "5.2", "BSD-3-Clause"),),
    databases=(DATABASE,),
    keys=(seen.Key("portal-1", "portal", AT - timedelta(days=300)),),
    journals=(seen.JournalState("zone", 12, ""),),
    backups=(seen.SavedBackup("ecluse-1", AT - timedelta(hours=10), is_whole=True),),
    placement=placed(host("one"), host("two")),
)

BROKEN: dict[str, Seen] = {
    "tls-version": replace(SOUND, handshakes=(replace(SPOKEN, accepts_old=True),)),
    "tls-cipher": replace(SOUND, handshakes=(replace(SPOKEN, cipher="ECDHE-RSA-AES256-SHA384"),)),
    "certificate": replace(SOUND, handshakes=(replace(SPOKEN, ends_on=date(2026, 12, 6)),)),
    "tls-everywhere": replace(SOUND, addresses=("http://hub.example/",)),
    "transport-security": replace(
        SOUND, pages=(page(strict_transport_security="max-age=3600; includeSubDomains"),)
    ),
    "content-policy": replace(
        SOUND,
        pages=(
            page(content_security_policy=HEADERS["content-security-policy"] + " 'unsafe-inline'"),
        ),
    ),
    "page-headers": replace(SOUND, pages=(page(x_content_type_options=""),)),
    "cookies": replace(SOUND, pages=(page(set_cookie="__Host-session=1; HttpOnly; SameSite=Lax"),)),
    "debug-off": replace(SOUND, settings=SETTINGS | {"DEBUG": True}),
    "no-demonstration": replace(SOUND, settings=SETTINGS | {"ECLUSE_DEMO": True}),
    "second-factor": replace(SOUND, settings=SETTINGS | {"ECLUSE_SECOND_FACTOR": False}),
    "password-digest": replace(
        SOUND,
        settings=SETTINGS | {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]},
    ),
    "session-lifetime": replace(SOUND, settings=SETTINGS | {"SESSION_COOKIE_AGE": 86_400}),
    "secret-files": replace(SOUND, files=(seen.File("portal/keys/a.key", 0o640, True),)),
    "rooms-apart": replace(SOUND, files=(seen.File("portal", 0o777, False),)),
    "installed-packages": replace(SOUND, packages=(seen.Package("django", "5.2", ""),)),
    "licences": replace(SOUND, packages=(seen.Package("closed", "1", "BUSL-1.1"),)),
    "vendor-packages": replace(SOUND, packages=(seen.Package("azure-storage-blob", "12", "MIT"),)),
    "database-rights": replace(
        SOUND,
        databases=(
            replace(
                DATABASE, grants=(seen.Grant("ecluse-public", "audit_journalentry", "UPDATE"),)
            ),
        ),
    ),
    "plain-database": replace(SOUND, databases=(replace(DATABASE, extensions=("aws_s3",)),)),
    "key-age": replace(SOUND, keys=(seen.Key("portal-1", "portal", AT - timedelta(days=800)),)),
    "journal": replace(SOUND, journals=(seen.JournalState("zone", 12, "entry 7 was changed"),)),
    "backup-age": replace(
        SOUND, backups=(seen.SavedBackup("ecluse-1", AT - timedelta(days=3), is_whole=True),)
    ),
    "host-placement": replace(SOUND, placement=placed(host("one", country="US"), host("two"))),
    "qualifications": replace(
        SOUND,
        placement=placed(
            host("one", qualifications=(Qualification("HDS", "1", date(2026, 11, 22)),)),
            host("two"),
        ),
    ),
    "operators": replace(SOUND, placement=placed(host("one", operator_country="US"), host("two"))),
    "two-places": replace(SOUND, placement=placed(host("one"))),
    "exit-price": replace(SOUND, placement=placed(host("one", prices=Prices()), host("two"))),
}
"""For each probe, the sound installation with one thing broken: what the probe looks for."""
