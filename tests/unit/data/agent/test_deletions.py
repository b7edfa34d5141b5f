"""The end of a permit's data: what is destroyed, what no copy opens any more, what is certified."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.data.agent.workshops import Workshop
from ecluse.data.extraction import open_files
from ecluse.data.workspaces import homes
from ecluse.domain.documents import (
    CheckReport,
    DeletionCertificate,
    DeletionOrder,
    ExtractionOrder,
    ExtractionReceipt,
    Refusal,
    Revocation,
    Suspension,
)
from ecluse.domain.errors import NotFound
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import NOW, PERMIT

NUMBER = PERMIT.permit_number
REVOCATION = Revocation(NUMBER, SENT_AT, "Misuse.")
CODE = {"analysis.py": 'open("/outputs/counts.csv", "w").write("n\\n40\\n")\n'}


def deletion(order: ExtractionOrder) -> DeletionOrder:
    return DeletionOrder(NUMBER, order.permit_digest, SENT_AT, "nora.blanc@hub.example")


def certificates(world: World) -> list[DeletionCertificate]:
    """The certificates that the public site was sent."""
    found = world.bodies(world.public, DeletionCertificate)
    return [body for body in found if isinstance(body, DeletionCertificate)]


def refused(world: World) -> list[str]:
    """The codes of the refusals that the public site was sent."""
    bodies = world.bodies(world.public, Refusal)
    return [body.code for body in bodies if isinstance(body, Refusal)]


def destroy(world: World, order: ExtractionOrder) -> DeletionCertificate:
    """Revoke the permit and have its data destroyed; return the certificate."""
    world.send(REVOCATION)
    world.send(deletion(order))
    world.step()
    (certificate,) = certificates(world)
    return certificate


def test_no_copy_of_an_extract_opens_after_the_destruction(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    extract = world.zone.extract(NUMBER, order.order_number)
    backup = Path(shutil.copytree(extract, tmp_path / "backup" / extract.name))
    before = open_files(backup, world.zone.seals(NUMBER)).read("ER_PHA_F.parquet")

    destroy(world, order)

    assert before.startswith(b"PAR1")
    assert not extract.exists()
    with pytest.raises(NotFound, match="nobody"):
        open_files(backup, world.zone.seals(NUMBER))


def test_the_certificate_names_each_file_and_each_key_that_is_no_more(
    world: World, order: ExtractionOrder
) -> None:
    keys = world.zone.extract_keys().ids(NUMBER)
    (receipt,) = world.bodies(world.public, ExtractionReceipt)

    certificate = destroy(world, order)

    (extract,) = certificate.extracts
    assert isinstance(receipt, ExtractionReceipt)
    assert (extract.order_number, extract.files) == (order.order_number, receipt.files)
    assert (len(keys), certificate.key_ids) == (1, keys)
    assert certificate.agent == "agent:zone-1"
    assert world.zone.extract_keys().ids(NUMBER) == ()


def test_the_certificate_reaches_both_sites_and_the_journal(
    world: World, order: ExtractionOrder
) -> None:
    destroy(world, order)

    lines = files.read(world.zone.journal / files.ENTRIES).lines
    told = [Entry.parse(line).action for line in lines]
    assert len(world.documents(world.checking, "DeletionCertificate")) == 1
    assert told.count("permit.data-destroyed") == 1


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed here")
def test_the_folder_and_the_outputs_of_its_jobs_go_too(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, CODE)
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    blob = world.zone.blob(report.files[0].digest)
    was_there = blob.exists()

    certificate = destroy(world, order)

    assert (was_there, blob.exists()) == (True, False)
    assert certificate.jobs == (f"{NUMBER}-J1",)
    assert certificate.outputs == (report.files[0].digest,)
    assert list((world.zone.path / "jobs").iterdir()) == []


def test_the_workspace_of_the_permit_goes_too_and_its_home_opens_no_more(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    workshop = Workshop(world.zone, NUMBER)
    key = workshop.key()
    home = tmp_path / "home"
    home.mkdir()
    (home / "notes.txt").write_text("persons: 40")
    homes.seal(home, workshop.home, key, known={})

    certificate = destroy(world, order)

    assert certificate.workspace is not None
    assert certificate.workspace.key_ids == (key.key_id,)
    assert certificate.workspace.file_count == 3  # its index, the notes, the name of its key
    assert key.key_id in certificate.key_ids
    assert not workshop.folder.exists()
    with pytest.raises(NotFound):
        world.zone.seals(NUMBER).find(key.key_id)


def test_what_a_killed_renewal_left_of_the_extract_goes_too(
    world: World, order: ExtractionOrder
) -> None:
    left = world.zone.projects / f".replaced-{NUMBER}"
    shutil.copytree(world.zone.projects / NUMBER, left)

    destroy(world, order)

    assert not left.exists()


@pytest.mark.parametrize(
    "withdrawals",
    [(), (Suspension(NUMBER, SENT_AT, "A doubt."),)],
    ids=["in force", "suspended"],
)
def test_the_data_of_a_permit_that_is_not_over_are_kept(
    world: World, order: ExtractionOrder, withdrawals: tuple[Suspension, ...]
) -> None:
    sent = [world.send(one) for one in withdrawals]
    world.send(deletion(order))

    world.step()

    assert len(sent) == len(withdrawals)
    assert refused(world) == ["out-of-scope"]
    assert len(world.extracts()) == len(world.zone.extract_keys().ids(NUMBER)) == 1


def test_the_data_of_a_permit_that_has_ended_are_destroyed(
    world: World, order: ExtractionOrder
) -> None:
    world.send(deletion(order))

    with world.agent() as agent:
        agent.step(NOW + timedelta(days=366 * 11))

    assert len(world.documents(world.public, "DeletionCertificate")) == 1
    assert world.extracts() == []


def test_nothing_is_done_under_a_permit_whose_data_were_destroyed(
    world: World, order: ExtractionOrder
) -> None:
    destroy(world, order)
    world.send(replace(REVOCATION, annulled_at=SENT_AT))
    world.send(replace(order, order_number=f"{NUMBER}-E2"))

    world.step()

    assert refused(world) == ["out-of-scope"]
    assert world.extracts() == []


def test_a_second_order_to_destroy_is_refused(world: World, order: ExtractionOrder) -> None:
    destroy(world, order)
    world.send(deletion(order))

    world.step()

    assert (refused(world), len(certificates(world))) == (["replayed"], 1)


def test_the_extracts_of_another_permit_stay(world: World, order: ExtractionOrder) -> None:
    other = world.zone.projects / f"{NUMBER}1"
    shutil.copytree(world.zone.projects / NUMBER, other)

    destroy(world, order)

    assert [path.name for path in sorted(world.zone.projects.iterdir())] == [f"{NUMBER}1"]


def test_the_order_that_names_the_permit_of_another_destroys_nothing(
    world: World, order: ExtractionOrder
) -> None:
    world.send(REVOCATION)
    world.send(replace(deletion(order), permit_number="FR-2026-0002"))

    world.step()

    assert (refused(world), len(world.extracts())) == (["out-of-scope"], 1)
