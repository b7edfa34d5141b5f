"""Duties towards documents that are kept: permits, withdrawals, opt-out lists, requests, keys."""

from datetime import datetime
from pathlib import Path
from typing import cast

from ecluse.data.agent.rooms import Outcome, Room
from ecluse.data.optouts import Listing
from ecluse.domain import permits
from ecluse.domain.documents import (
    OptOutList,
    OutputRequest,
    Permit,
    Revocation,
    Suspension,
    number_of,
)
from ecluse.domain.errors import NotFound, OutOfScope, Replayed, Unreachable
from ecluse.trust import rotation
from ecluse.trust.documents import Verified


def keep_permit(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a permit and forward it to the checking room. Raises InvalidInput, Replayed."""
    permits.check_terms(cast(Permit, verified.document.body))
    _check_first(room, verified)
    return Outcome(forward_to=("checking",))


def keep_revocation(_room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a revocation, or its annulment, which binds from now on, and forward it."""
    body = cast(Revocation, verified.document.body)
    action = "permit.revoked" if body.annulled_at is None else "permit.restored"
    return Outcome(forward_to=("checking",), action=action)


def keep_suspension(_room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a suspension, or its lifting, which binds from now on, and forward it."""
    body = cast(Suspension, verified.document.body)
    action = "permit.suspended" if body.lifted_at is None else "permit.suspension-lifted"
    return Outcome(forward_to=("checking",), action=action)


def keep_opt_outs(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep the opt-out list of a decision, its files, and what it commits to.

    Raises Replayed; Unreachable while its files are not here: it waits; BadSignature, Malformed.
    """
    _check_first(room, verified)
    body = cast(OptOutList, verified.document.body)
    listing = Listing(body, folder=room.zone.opt_out_files)
    _fetch_files(room, body)
    listing.check_files()
    listing.make_indexes()
    room.zone.records().make_list(listing, verified.digest)
    return Outcome()


def _fetch_files(room: Room, body: OptOutList) -> None:
    folder = room.zone.opt_out_files
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in body.files:
        room.on_progress("opt-outs: fetch")
        fetch_file(room, file.digest, folder, of=f"the opt-out list for {body.permit_number}")


def fetch_file(room: Room, digest: str, folder: Path, *, of: str) -> Path:
    """Return the file of a digest, fetched from the public site if it is not in `folder`.

    Raises Unreachable: it is not there yet.
    """
    target = folder / digest.removeprefix("sha256:")
    if not target.is_file():
        try:
            room.mailboxes["public"].fetch_blob(digest, target)
        except NotFound:
            raise Unreachable(
                f"The file of {of} is not at the public site yet: it is asked for again."
            ) from None
    return target


def _check_first(room: Room, verified: Verified) -> None:
    """Pass if no other document of this kind bears this number: neither changes once obeyed."""
    kind, number = verified.document.kind, number_of(verified.document.body)
    if room.state.by_number(kind, number):
        raise Replayed(
            f"Another {kind} {number} was received before and stays the one that counts: give a "
            "new decision a number of its own."
        )


def keep_request(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep a request to take outputs out: its release will be compared with it."""
    request = cast(OutputRequest, verified.document.body)
    if not room.state.by_number("CheckReport", request.job_number):
        raise OutOfScope(f"Job {request.job_number} has no checked output here.")
    return Outcome()


def keep_key(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Believe a signer's next key from now on, and forward the word to the other site."""
    rotation.accept_rotation(room.keyring(), verified, now).save(room.zone.keyring)
    return Outcome(forward_to=("public", "checking"), action="key.rotated")
