"""The duties towards a significant finding: find its persons, seal them for their holders.

Whoever wishes not to be told is taken out here, and nobody is told who: what leaves is how many,
and nothing of a few. Source: EHDS art. 58(3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from duckdb import ColumnExpression, DuckDBPyConnection

from ecluse.data.agent.findings_lists import Dossier, receiver_of
from ecluse.data.agent.memberships import KEY
from ecluse.data.agent.papers import fetch_file
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.optouts import names_of
from ecluse.data.pseudonyms import Label, ProjectPseudonyms
from ecluse.domain import codec
from ecluse.domain.documents import (
    FindingAnswer,
    FindingOrder,
    FindingReceipt,
    FindingRecipient,
    Permit,
    WishList,
)
from ecluse.domain.errors import BadSignature, OutOfScope, Replayed
from ecluse.domain.findings import PERSONS, WISHES, ToTell, padded, read_list, told_count
from ecluse.trust import canonical, durable, keys, sealing
from ecluse.trust.documents import Verified
from ecluse.trust.zone import sealed_lines
from ecluse.trust.zone.sealed_files import DataKey

MEMORY: Final = "2GiB"
BATCH: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """The sealed file of who wishes not to be told: read to its end each time, never kept."""

    path: Path
    key: DataKey
    name: str

    def among(self, identifiers: frozenset[str]) -> frozenset[str]:
        """Return which of these are in it. Raises BadSignature, Malformed."""
        lines = sealed_lines.open_lines(self.path, self.key, name=self.name)
        return frozenset(line for line in lines if line in identifiers)


@dataclass(frozen=True, slots=True)
class Found:
    """The persons of a list who are in one dataset: their name there, by pseudonym."""

    person_ids: Mapping[str, str]
    unwilling: frozenset[str]


def keep_wishes(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Keep who wishes not to be told, as it came: sealed.

    Raises Unreachable while its file is not here: it waits; Malformed, BadSignature.
    """
    body = cast(WishList, verified.document.body)
    folder = room.zone.wish_files
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    room.on_progress("finding: fetch")
    wishes = _wishes_of(room, body)
    fetch_file(room, body.file_digest, folder, of=f"the wishes for {body.finding_number}")
    if canonical.digest_file(wishes.path) != body.file_digest:
        raise BadSignature(f"{wishes.path} is not the file of the list: have it sent again.")
    wishes.among(frozenset())
    return Outcome()


def search(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Find the persons of a finding in the datasets of its holders, and seal them for each.

    Raises:
        Unreachable: a custodian has not allowed the search, or a holder has given no key: it waits.
        OutOfScope, Replayed: the order is for something else, or was obeyed.
        NotFound: the project left no list, or a dataset is gone.
        NotAllowed, BadSignature: an approval is not a custodian's.
    """
    order = cast(FindingOrder, verified.document.body)
    permit = _check_scope(room, order)
    wishes = _wishes(room, order)
    dossier = Dossier(room.zone, order.finding_number)
    listed = dossier.freeze_list(order.permit_number, verified.digest)
    dossier.check_allowed(dossier.request(order, verified.digest, listed, now=now))
    receivers = {one: receiver_of(room.zone, one.holder) for one in order.recipients}
    project = room.zone.pseudonym_keys().project(order.permit_number)
    wanted = read_list(listed)
    found = {one: _found(room, one, project, wanted, wishes) for one in order.recipients}
    # Who wishes in one dataset wishes in all: one person, one pseudonym for the project.
    unwilling = frozenset(name for one in found.values() for name in one.unwilling)
    answers = tuple(
        FindingAnswer(
            recipient.holder,
            recipient.dataset,
            _write(
                dossier.answer(recipient),
                _to_tell(order, recipient, one, unwilling),
                receivers[recipient],
            ),
        )
        for recipient, one in found.items()
    )
    known = frozenset(name for one in found.values() for name in one.person_ids)
    counts = (len(known - unwilling), len(unwilling), len(wanted - known))
    told = [told_count(count, minimum=permit.minimum_count) for count in counts]
    receipt = FindingReceipt(order.finding_number, verified.digest, answers, *told)
    return Outcome((Answer(receipt, ("public",)),), action="finding.searched")


def _write(path: Path, to_tell: ToTell, receiver: X25519PublicKey) -> str:
    """Write whom a holder is to tell, sealed for it; return the digest of the file."""
    message = padded(canonical.encode(codec.encode(to_tell)))
    sealed = sealing.seal(message, receiver, purpose=f"{PERSONS} {to_tell.finding_number}")
    durable.write(path, sealed)
    return canonical.digest(sealed)


def _check_scope(room: Room, order: FindingOrder) -> Permit:
    """Return the permit of an order if it may be obeyed. Raises OutOfScope, Replayed."""
    permit = room.permit(order.permit_digest)
    datasets = {scope.dataset for scope in permit.datasets}
    asked = {one.dataset for one in order.recipients}
    if permit.permit_number != order.permit_number or not asked <= datasets:
        raise OutOfScope(
            f"Finding {order.finding_number} is sent for another permit, or for a dataset that"
            f" {permit.permit_number} does not give."
        )
    if room.state.by_number(FindingOrder.__name__, order.finding_number):
        raise Replayed(f"Finding {order.finding_number} was searched: its answers wait.")
    return permit


def _wishes(room: Room, order: FindingOrder) -> Wishes:
    wishes, _stored = room.find(WishList, order.wish_list_digest)
    if wishes.finding_number != order.finding_number:
        raise OutOfScope(f"The list of wishes is not that of finding {order.finding_number}.")
    return _wishes_of(room, wishes)


def _wishes_of(room: Room, wishes: WishList) -> Wishes:
    """Return the list of a document, whose file may not be here yet. Raises as `open_key`."""
    receiver = sealing.load_opening_key(room.zone.keys / f"{KEY}{sealing.PRIVATE}")
    purpose = f"{WISHES} {wishes.finding_number}"
    key = sealed_lines.open_key(keys.from_base64url(wishes.sealed_key), receiver, purpose=purpose)
    path = room.zone.wish_files / wishes.file_digest.removeprefix("sha256:")
    return Wishes(path, key, purpose)


def _found(
    room: Room,
    recipient: FindingRecipient,
    project: ProjectPseudonyms,
    wanted: frozenset[str],
    wishes: Wishes,
) -> Found:
    """Return who of the list is in a dataset, and which of them wish not to be told."""
    snapshot = room.zone.lake.snapshot(recipient.dataset)
    room.on_progress("finding: search")
    with connect(memory_limit=MEMORY, readable=[snapshot.folder.parent]) as connection:
        rows = _persons(connection, snapshot, project, wanted)
        unwilling = _who_wishes(connection, snapshot, rows, wishes)
    names = dict(zip(rows["pseudonym"].to_pylist(), rows["person_id"].to_pylist(), strict=True))
    return Found(names, unwilling)


def _persons(
    connection: DuckDBPyConnection,
    snapshot: Snapshot,
    project: ProjectPseudonyms,
    wanted: frozenset[str],
) -> pa.Table:
    """Return person_key, person_id and pseudonym of who is wanted: everybody's is made."""
    rows = read_persons(connection, snapshot).project("person_key, person_id")
    searched = pa.array(sorted(wanted), pa.string())
    kept = []
    for batch in rows.to_arrow_reader(BATCH):
        made = project.of(Label.PERSON, batch.column("person_id"))
        table = pa.Table.from_batches([batch]).append_column("pseudonym", made)
        kept.append(table.filter(pc.is_in(made, value_set=searched)))
    empty = pa.table({name: pa.array([], pa.string()) for name in ("pseudonym", "person_id")})
    return pa.concat_tables(kept) if kept else empty.append_column("person_key", [pa.array([])])


def _who_wishes(
    connection: DuckDBPyConnection, snapshot: Snapshot, rows: pa.Table, wishes: Wishes
) -> frozenset[str]:
    """Return the pseudonyms of whoever a wish names by an identifier of their own.

    Those of who insures them are not looked at: a parent's wish says nothing of a child's.
    """
    if not rows.num_rows:
        return frozenset()
    keys_of = rows["person_key"].combine_chunks().cast(pa.int32())
    names = names_of(snapshot, connection, keys=np.unique(keys_of.to_numpy()))
    own = names.filter(ColumnExpression("is_own")).to_arrow_table()
    wishing = wishes.among(frozenset(own["identifier"].to_pylist()))
    listed = own.filter(
        pc.is_in(own["identifier"], value_set=pa.array(sorted(wishing), pa.string()))
    )
    theirs = rows.filter(pc.is_in(keys_of, value_set=pc.unique(listed["person_key"])))
    return frozenset(theirs["pseudonym"].to_pylist())


def _to_tell(
    order: FindingOrder, recipient: FindingRecipient, found: Found, unwilling: frozenset[str]
) -> ToTell:
    persons = sorted(
        person_id for name, person_id in found.person_ids.items() if name not in unwilling
    )
    return ToTell(order.finding_number, recipient.holder, recipient.dataset, tuple(persons))
