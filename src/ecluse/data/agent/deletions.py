"""The duty towards the end of a permit: destroy its data, and sign what was destroyed.

What is to be destroyed is written down first, so that an agent killed in the middle goes on and
certifies the same things. Keys go before files: from then on no copy opens, wherever it lies.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from ecluse.data import extraction
from ecluse.data.agent.jobs import KEPT
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.agent.workshops import KEY, Workshop
from ecluse.domain import codec, permits
from ecluse.domain.documents import (
    CheckReport,
    DeletionCertificate,
    DeletionOrder,
    DestroyedExtract,
    DestroyedWorkspace,
    JobReceipt,
    Permit,
)
from ecluse.domain.errors import EcluseError, NotFound, OutOfScope, Replayed, Unreachable
from ecluse.trust import durable
from ecluse.trust.documents import Verified

OWNER_ONLY: Final = 0o700


@dataclass(frozen=True)
class Inventory:
    """What of a permit's data is to be destroyed; see `DeletionCertificate`."""

    order_digest: str
    extracts: tuple[DestroyedExtract, ...]
    other_key_ids: tuple[str, ...]
    jobs: tuple[str, ...]
    outputs: tuple[str, ...]
    workspace: DestroyedWorkspace | None
    began_at: datetime


def destroy(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Destroy all that the zone holds of a permit that is over, and certify it to both sites.

    Raises:
        OutOfScope: the permit is in force, or was never received here.
        Replayed: its data were destroyed already.
        Unreachable: files of it still wait to be delivered.

    Source: EHDS art. 68(12).
    """
    order = cast(DeletionOrder, verified.document.body)
    permit, _ = room.find(Permit, order.permit_digest)
    _check(room, order, permit, now=now)
    inventory = _inventory(room, order, verified.digest)
    _check_delivered(room, inventory)
    _keep(room.zone.deletion(order.permit_number), inventory)
    room.on_progress("deletion: listed")
    room.zone.extract_keys().destroy(order.permit_number)
    room.on_progress("deletion: keys")
    for folder in room.zone.holdings(order.permit_number):
        remove(folder)
    for digest in inventory.outputs:
        room.zone.blob(digest).unlink(missing_ok=True)
    room.on_progress("deletion: files")
    _check_nothing_left(room, order)
    answer = Answer(_certificate(room, order, inventory), ("public", "checking"))
    return Outcome((answer,), action="permit.data-destroyed")


def _check(room: Room, order: DeletionOrder, permit: Permit, *, now: datetime) -> None:
    number = order.permit_number
    if permit.permit_number != number:
        raise OutOfScope(f"The order names permit {number} and the document of another.")
    if room.state.by_number("DeletionCertificate", number):
        raise Replayed(f"The data of permit {number} were destroyed already: see the certificate.")
    permits.check_over(permit, room.withdrawals(number), now=now)


def _inventory(room: Room, order: DeletionOrder, digest: str) -> Inventory:
    """Return what is to be destroyed: as it was written before a crash, or as it lies now."""
    path = room.zone.deletion(order.permit_number)
    if path.exists():
        kept = codec.decode(json.loads(path.read_bytes()), Inventory)
        return cast(Inventory, kept)
    number = order.permit_number
    extracts = tuple(_extracts(room, number))
    workspace = _workspace(room, number)
    sealed = {key for extract in extracts for key in extract.key_ids}
    sealed.update(workspace.key_ids if workspace is not None else ())
    keys = room.zone.extract_keys().ids(number)
    folders = room.zone.holdings(number)
    shared = f"{number}-{KEPT}"  # what steps of several jobs left: removed, but no job
    names = {path.name for path in folders if path.parent.name == "jobs"} - {shared}
    return Inventory(
        order_digest=digest,
        extracts=extracts,
        other_key_ids=tuple(key for key in keys if key not in sealed),
        jobs=tuple(sorted(names)),
        outputs=tuple(sorted(_outputs(room, number))),
        workspace=workspace,
        began_at=room.clock(),
    )


def _extracts(room: Room, number: str) -> Iterator[DestroyedExtract]:
    """Yield each whole extract by what its own receipt says of it."""
    folder, seals = room.zone.projects / number, room.zone.seals(number)
    whole = (path for path in folder.glob("*") if path.is_dir() and not path.name.startswith("."))
    for extract in sorted(whole):
        try:
            key = extraction.open_files(extract, seals).key
            files = extraction.read_receipt(extract, seals).files
        except EcluseError:  # damaged, or its key is gone: destroyed all the same
            yield DestroyedExtract(extract.name, (), ())
            continue
        yield DestroyedExtract(extract.name, (key.key_id,) if key is not None else (), files)


def _workspace(room: Room, number: str) -> DestroyedWorkspace | None:
    """Return what the interactive workspace holds, None where the permit has none."""
    folder = Workshop(room.zone, number).folder
    if not folder.is_dir():
        return None
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file()]
    key = folder / KEY
    names = (key.read_text(encoding="ascii").strip(),) if key.is_file() else ()
    return DestroyedWorkspace(names, len(sizes), sum(sizes))


def _outputs(room: Room, number: str) -> set[str]:
    """Return the digests of what the jobs of this permit left, and of no other permit."""
    ours: set[str] = set()
    others: set[str] = set()
    for kind in ("JobReceipt", "CheckReport"):
        for stored in room.state.of_kind(kind):
            body = stored.document.body
            if isinstance(body, JobReceipt):
                found = {file.digest for file in body.outputs}
            else:
                found = {file.digest for file in cast(CheckReport, body).files}
            (ours if cast(JobReceipt, body).permit_number == number else others).update(found)
    return {digest for digest in ours - others if room.zone.blob(digest).exists()}


def _check_delivered(room: Room, inventory: Inventory) -> None:
    """Pass if nothing that is to be destroyed is on its way out. Raises Unreachable."""
    going = {
        f"sha256:{one.path.name}"
        for name in room.mailboxes
        for one in room.state.waiting(name)
        if one.path is not None
    }
    count = len(going & set(inventory.outputs))
    if count:
        raise Unreachable(f"{count} files still wait to be delivered: destroyed afterwards.")


def _keep(path: Path, inventory: Inventory) -> None:
    path.parent.mkdir(mode=OWNER_ONLY, exist_ok=True)
    durable.write(path, json.dumps(codec.encode(inventory), sort_keys=True).encode())


def remove(folder: Path) -> None:
    """Remove a folder whole, its closed parts too; nothing if there is none."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(OWNER_ONLY)
    shutil.rmtree(folder)
    durable.sync_folder(folder.parent)


def _check_nothing_left(room: Room, order: DeletionOrder) -> None:
    """Pass if the zone holds no key and no folder of the permit any more. Raises NotFound."""
    number = order.permit_number
    left = [path for path in room.zone.holdings(number) if path.exists()]
    if left or room.zone.extract_keys().ids(number):
        raise NotFound(
            f"{len(left)} folders of permit {number} could not be removed: look at the rights on"
            " the zone's folder, then order again."
        )


def _certificate(room: Room, order: DeletionOrder, inventory: Inventory) -> DeletionCertificate:
    return DeletionCertificate(
        permit_number=order.permit_number,
        permit_digest=order.permit_digest,
        order_digest=inventory.order_digest,
        agent=room.name,
        extracts=inventory.extracts,
        other_key_ids=inventory.other_key_ids,
        jobs=inventory.jobs,
        outputs=inventory.outputs,
        workspace=inventory.workspace,
        began_at=inventory.began_at,
        finished_at=room.clock(),
    )
