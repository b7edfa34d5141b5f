from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ecluse.data.agent import Zone
from ecluse.data.agent.notices import describe
from ecluse.data.pseudonyms import Label
from ecluse.domain.documents import (
    ExtractionReceipt,
    Permit,
    Refusal,
    Revocation,
    SnapshotNotice,
)
from ecluse.domain.errors import NotAllowed, NotFound, Unreachable
from ecluse.trust.journal import files, verification
from ecluse.trust.keys import Keyring
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data import studies
from tests.unit.data.agent.worlds import World
from tests.unit.data.lakes import publish
from tests.unit.data.studies import NOW, PERMIT


class AwayMailbox(FolderMailbox):
    """A site that is switched off."""

    def pull(self, after: int) -> list[object]:  # type: ignore[override]
        raise Unreachable("The site does not answer.")

    def deliver(self, data: bytes) -> None:
        raise Unreachable("The site does not answer.")


def actions(world: World) -> list[str]:
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    return [files.Entry.parse(line).action for line in lines]


def test_an_order_becomes_an_extract_and_a_receipt_to_both_sites(world: World) -> None:
    order = world.grant()
    digest = world.send(order)

    world.step()

    (receipt,) = world.bodies(world.public, ExtractionReceipt)
    assert isinstance(receipt, ExtractionReceipt)
    assert receipt.order_digest == digest
    assert world.bodies(world.checking, ExtractionReceipt) == [receipt]
    assert world.extracts() == ["FR-2026-0001/FR-2026-0001-E1"]


def test_both_sites_get_the_same_signed_receipt(world: World) -> None:
    world.send(world.grant())

    world.step()

    public = [one for one in world.delivered(world.public) if one.kind == "ExtractionReceipt"]
    checking = [one for one in world.delivered(world.checking) if one.kind == "ExtractionReceipt"]
    assert public == checking


def test_a_permit_is_forwarded_to_the_checking_room_as_it_was_signed(world: World) -> None:
    world.send(PERMIT)

    world.step()

    sent = (world.public.path / "in" / "00000001-Document.json").read_bytes()
    assert [path.read_bytes() for path in (world.checking.path / "out").glob("*.json")] == [sent]


def test_an_opt_out_list_goes_nowhere_else(world: World) -> None:
    world.send(studies.OPT_OUTS)

    world.step()

    assert world.delivered(world.checking) == []


def test_a_second_step_does_nothing_more(world: World) -> None:
    world.send(world.grant())
    world.step()
    before = world.delivered(world.public)

    world.step()

    assert world.delivered(world.public) == before


def test_a_document_sent_twice_is_refused_as_replayed(world: World) -> None:
    data = world.sign(PERMIT)
    world.post(data, world.public)
    world.step()
    world.post(data, world.public)

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "replayed"


def test_a_revoked_permit_gives_nothing_more(world: World) -> None:
    order = world.grant()
    world.send(Revocation(PERMIT.permit_number, NOW - timedelta(hours=1), "Misuse."))
    world.send(order)

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "revoked"
    assert not world.zone.projects.exists()


def test_a_refusal_names_the_document_and_the_reason(world: World) -> None:
    order = world.grant()
    digest = world.send(replace(order, flux_until=order.flux_until, ordered_by="nobody@x.example"))

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert (refusal.refused_kind, refusal.refused_digest) == ("ExtractionOrder", digest)
    assert refusal.code == "out-of-scope"


def test_bytes_that_are_no_document_are_refused_and_do_not_stop_the_next(world: World) -> None:
    world.post(b"{ not json", world.public)
    world.send(PERMIT)

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.refused_kind) == ("malformed", "unknown")
    assert len(world.bodies(world.checking, Permit)) == 1


def test_an_order_before_its_permit_is_refused(world: World) -> None:
    world.send(studies.order(world.snapshot))

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "out-of-scope"


def test_a_number_that_would_leave_the_folder_is_refused(world: World) -> None:
    order = world.grant()
    world.send(replace(order, order_number="../../evil"))

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "malformed"
    assert not world.zone.projects.exists()


def test_one_site_away_does_not_stop_the_other(world: World) -> None:
    world.checking = AwayMailbox(world.checking.path)
    world.send(world.grant())

    with world.agent() as agent:
        report = agent.step(NOW)

    assert list(report.unreachable or {}) == ["checking"]
    assert len(world.bodies(world.public, ExtractionReceipt)) == 1


def test_what_could_not_be_delivered_is_delivered_later(world: World) -> None:
    back = world.checking
    world.checking = AwayMailbox(back.path)
    world.send(world.grant())
    world.step()
    world.checking = back

    world.step()

    assert len(world.bodies(world.checking, ExtractionReceipt)) == 1


def test_a_new_snapshot_is_announced_once_to_the_public_site(world: World) -> None:
    world.step()
    world.step()

    (notice,) = world.bodies(world.public, SnapshotNotice)
    assert isinstance(notice, SnapshotNotice)
    assert notice.snapshot == world.snapshot.snapshot_id
    assert notice.person_count == 4


def test_a_notice_lists_tables_sources_and_the_days_of_care(world: World) -> None:
    world.step()

    (notice,) = world.bodies(world.public, SnapshotNotice)
    assert isinstance(notice, SnapshotNotice)
    tables = {table.name: [column.name for column in table.columns] for table in notice.tables}
    assert tables["ER_PHA_F"][0] == "event_date"
    assert "event_date" not in tables["ER_PRS_F"]
    assert "person_key" not in tables["IR_BEN_R"]
    assert "drug_atc" in {source.name for source in notice.sources}
    assert (notice.care_from.isoformat(), notice.care_to.isoformat()) == (
        "2021-04-01",
        "2022-09-01",
    )


def test_the_journal_tells_each_fact_once_and_proves_itself(world: World) -> None:
    world.send(world.grant())

    world.step()
    world.step()

    told = actions(world)
    assert told.count("document.received") == 3
    assert told.count("extraction.delivered") == 1
    assert told.count("document.sent") == 4  # notice, permit forwarded, the receipt to two sites
    export = files.read(world.zone.journal / files.ENTRIES)
    keyring = Keyring.load(world.zone.keyring)
    verification.verify(export.lines, export.checkpoints, keyring).require_sound()


def test_checkpoints_are_exchanged_and_kept(world: World) -> None:
    with world.agent() as agent:
        note = agent.step(NOW) and (world.public.path / "out" / "checkpoint").read_text()

    assert note.startswith("ecluse/zone-1\n")


def test_two_agents_cannot_run_in_one_zone(world: World) -> None:
    with world.agent(), pytest.raises(NotAllowed):
        world.agent()


def test_the_pseudonym_key_is_drawn_once(world: World) -> None:
    world.step()
    first = world.zone.pseudonym_keys().project("P").of(Label.PERSON, ["7"])

    assert world.zone.pseudonym_keys().project("P").of(Label.PERSON, ["7"]) == first


def test_a_lost_pseudonym_key_is_never_replaced_once_extracts_exist(world: World) -> None:
    world.send(world.grant())
    world.step()
    (world.zone.keys / "pseudonyms" / "second" / "current").unlink()

    with pytest.raises(NotFound):
        Zone(world.zone.path).pseudonym_keys()


def test_an_illness_begun_long_ago_does_not_stretch_the_days_of_care(tmp_path: Path) -> None:
    old = {"person_key": 1, "event_date": date(1984, 1, 9), "IMB_ALD_DTD": date(1984, 1, 9)}
    tables = {**studies.TABLES, "IR_IMB_R": [old]}
    snapshot = publish(tmp_path, studies.DATASET, tables, studies.PERSONS)

    assert describe(snapshot).care_from == date(2021, 4, 1)
