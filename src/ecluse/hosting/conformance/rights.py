"""What is tried of versions, locks and rights: what a host must refuse."""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from ecluse.domain.errors import NotAllowed
from ecluse.hosting.conformance.bench import (
    Bench,
    Check,
    Departure,
    NotTried,
    expect,
    expect_refused,
)
from ecluse.hosting.stores.multipart import content_md5
from ecluse.hosting.stores.signed_requests import Credentials, SignedRequests

LOCKED_FOR: Final = timedelta(hours=1)
STALE: Final = timedelta(hours=2)


def versions_kept(bench: Bench) -> None:
    """A deleted object keeps its versions, each readable."""
    raw, key = SignedRequests(bench.versioned, bench.owner), bench.key()
    for body in (b"first", b"second"):
        raw.send("PUT", key, body=body)
    bench.locking.delete(key)
    found = bench.locking.versions(key)
    kept = [one for one in found if not one.is_deletion]
    expect(len(kept) == 2 and len(found) == 3, f"{len(kept)} versions of 2 are kept.")  # noqa: PLR2004
    read = {raw.send("GET", key, query={"versionId": one.version_id}).content for one in kept}
    expect(read == {b"first", b"second"}, "Versions give other bytes.")


def version_deleted(bench: Bench) -> None:
    """A version that is deleted for good is no longer listed, nor readable."""
    raw, key = SignedRequests(bench.versioned, bench.owner), bench.key()
    raw.send("PUT", key, body=b"to erase")
    version = bench.locking.versions(key)[0]
    bench.locking.delete(key, version_id=version.version_id)
    expect(not bench.locking.versions(key), "A version deleted for good is still listed.")
    answer = raw.send("GET", key, query={"versionId": version.version_id})
    expect(not answer.is_success, "A version deleted for good is still served.")


def locked(bench: Bench) -> None:
    """A locked version is not deleted, not even by the owner."""
    key = _lock(bench)
    version = bench.locking.versions(key)[0].version_id
    try:
        bench.locking.delete(key, version_id=version)
    except NotAllowed:
        return
    raise Departure("A locked version was deleted.")


def lock_only_grows(bench: Bench) -> None:
    """A lock cannot be shortened."""
    key = _lock(bench)
    try:
        bench.locking.lock(key, until=datetime.now(UTC) + timedelta(minutes=1))
    except NotAllowed:
        return
    raise Departure("A lock was shortened.")


def nobody_reads(bench: Bench) -> None:
    """Who gives no identity reads nothing and lists nothing."""
    key = bench.key()
    bench.raw.send("PUT", key, body=b"closed")
    nobody = SignedRequests(bench.plain, None)
    expect_refused(nobody.send("GET", key), "Reading without an identity")
    expect_refused(nobody.send("GET"), "Listing without an identity")
    expect_refused(nobody.send("PUT", key, body=b"open"), "Writing without an identity")


def wrong_secret(bench: Bench) -> None:
    """A known name with another secret is refused."""
    forged = Credentials(bench.owner.access_key, secrets.token_hex(20))
    expect_refused(SignedRequests(bench.plain, forged).send("GET"), "A wrong secret")


def altered_body(bench: Bench) -> None:
    """A body that is not the one that was signed is refused."""
    headers = {"x-amz-content-sha256": hashlib.sha256(b"signed").hexdigest()}
    answer = bench.raw.send("PUT", bench.key(), body=b"altered", headers=headers)
    expect_refused(answer, "A body that was not signed")


def old_request(bench: Bench) -> None:
    """A request signed two hours ago is refused: it cannot be played again."""
    late = SignedRequests(bench.plain, bench.owner, clock=lambda: datetime.now(UTC) - STALE)
    expect_refused(late.send("GET"), "A request of two hours ago")


def reader_reads(bench: Bench) -> None:
    """The identity that may only read does read."""
    key = bench.key()
    bench.raw.send("PUT", key, body=b"shared")
    expect(_reader(bench).send("GET", key).content == b"shared", "The reader cannot read.")


def reader_writes_nothing(bench: Bench) -> None:
    """The identity that may only read neither writes nor deletes."""
    key, reader = bench.key(), _reader(bench)
    bench.raw.send("PUT", key, body=b"kept")
    expect_refused(reader.send("PUT", key, body=b"changed"), "Writing as a reader")
    expect_refused(reader.send("DELETE", key), "Deleting as a reader")
    expect(bench.raw.send("GET", key).content == b"kept", "A reader changed an object.")


def denied_by_policy(bench: Bench) -> None:
    """A policy that denies deletions is obeyed, by the owner too."""
    key = bench.key()
    bench.raw.send("PUT", key, body=b"kept")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bench.plain.name}/{key}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    set_ = bench.raw.send(
        "PUT", query={"policy": ""}, headers=content_md5(policy), body=policy.encode()
    )
    expect(set_.is_success, f"A policy cannot be set ({set_.status_code}).")
    refused = bench.raw.send("DELETE", key)
    bench.raw.send("DELETE", query={"policy": ""})
    expect_refused(refused, "Deleting against the policy")


def key_of_ours(bench: Bench) -> None:
    """What is encrypted with a key that we send is not served for another key (SSE-C)."""
    key, secret = bench.key(), secrets.token_bytes(32)
    answer = bench.raw.send("PUT", key, body=b"sealed", headers=_customer_key(secret))
    expect(answer.is_success, f"SSE-C is not known ({answer.status_code}).")
    opened = bench.raw.send("GET", key, headers=_customer_key(secret))
    expect(opened.content == b"sealed", "SSE-C does not give the object back.")
    other = _customer_key(secrets.token_bytes(32))
    expect_refused(bench.raw.send("GET", key, headers=other), "Another SSE-C key")


CHECKS: Final = (
    Check("versions", "Les versions survivent à la suppression", versions_kept),
    Check("version-deleted", "Une version effacée l'est pour de bon", version_deleted),
    Check("locked", "Un objet verrouillé ne s'efface pas", locked),
    Check("lock-grows", "Un verrou ne se raccourcit pas", lock_only_grows),
    Check("nobody", "Sans identité, rien", nobody_reads),
    Check("wrong-secret", "Un faux secret est refusé", wrong_secret),
    Check("altered-body", "Un contenu non signé est refusé", altered_body, required=False),
    Check("old-request", "Une requête de deux heures est refusée", old_request),
    Check("reader-reads", "Le lecteur lit", reader_reads),
    Check("reader-writes", "Le lecteur n'écrit ni n'efface", reader_writes_nothing),
    Check("policy", "Une règle qui interdit d'effacer est tenue", denied_by_policy),
    Check("customer-key", "Une autre clé n'ouvre pas (SSE-C)", key_of_ours, required=False),
)


def _lock(bench: Bench) -> str:
    key = bench.key()
    bench.locking.put_if_absent(key, b"locked")
    bench.locking.lock(key, until=datetime.now(UTC) + LOCKED_FOR)
    return key


def _reader(bench: Bench) -> SignedRequests:
    if bench.reader is None:
        raise NotTried("No identity that may only read was given.")
    return SignedRequests(bench.plain, bench.reader)


def _customer_key(secret: bytes) -> dict[str, str]:
    stem = "x-amz-server-side-encryption-customer"
    digest = hashlib.md5(secret, usedforsecurity=False).digest()
    return {
        f"{stem}-algorithm": "AES256",
        f"{stem}-key": base64.b64encode(secret).decode(),
        f"{stem}-key-md5": base64.b64encode(digest).decode(),
    }
