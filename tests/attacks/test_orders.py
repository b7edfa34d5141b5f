"""Orders that ask for what they may not have: refused, journalled, nothing on the disk."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ecluse.data.pseudonyms import Label
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    DataFormat,
    ExtractionOrder,
    Permit,
    Refusal,
    Revocation,
    Signer,
    TableScope,
)
from ecluse.trust import canonical, keys
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data import studies
from tests.unit.data.agent.worlds import MADE_AT, SENT_AT, World
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT

PHA = TableScope("ER_PHA_F", ("PHA_PRS_C13",))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@dataclass(frozen=True)
class Found:
    """What an attack left behind: the refusals sent back, and the journal's words for them."""

    codes: list[str]
    journalled: list[object]


def attacked(world: World) -> Found:
    """Let the agent meet the attack, check that nothing is on the disk, tell what it answered."""
    world.step()
    assert not world.zone.projects.exists()
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    entries = [Entry.parse(line) for line in lines]
    bodies = [body for body in world.bodies(world.public, Refusal) if isinstance(body, Refusal)]
    refused = [entry for entry in entries if entry.action == "document.refused"]
    assert [entry.digest for entry in refused] == [body.refused_digest for body in bodies]
    return Found([body.code for body in bodies], [entry.details["code"] for entry in refused])


@pytest.mark.parametrize(
    ("permit", "code"),
    [
        (replace(PERMIT, valid_until=date(2026, 1, 31)), "expired"),
        (replace(PERMIT, valid_from=date(2026, 3, 1)), "not-yet-valid"),
        (replace(PERMIT, data_format=DataFormat.ANONYMISED), "out-of-scope"),
        (replace(PERMIT, permit_number="FR-2026-0002"), "out-of-scope"),
        (replace(PERMIT, decided_at=PERMIT.decided_at + timedelta(hours=1)), "stale-opt-outs"),
    ],
    ids=["expired", "not begun", "anonymised data", "of another project", "newer than its list"],
)
def test_an_order_under_such_a_permit_is_refused(world: World, permit: Permit, code: str) -> None:
    world.send(world.grant(permit))

    assert attacked(world) == Found([code], [code])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"snapshot": "20200101T000000Z-00000000"}, "not-found"),
        ({"snapshot": "../../../etc"}, "invalid-input"),
        ({"dataset": "hospital-omop"}, "out-of-scope"),
        ({"permit_digest": "sha256:" + "0" * 64}, "out-of-scope"),
        ({"tables": (TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_PRU")),)}, "out-of-scope"),
        ({"tables": (TableScope("ER_BIO_F", ("BIO_PRS_IDE",)),)}, "out-of-scope"),
        ({"tables": (PHA, PHA)}, "out-of-scope"),
        ({"tables": ()}, "out-of-scope"),
        ({"care_from": date(2021, 12, 31)}, "out-of-scope"),
        ({"care_to": date(2024, 1, 1)}, "out-of-scope"),
        ({"ordered_by": "stranger@x.example"}, "out-of-scope"),
        ({"pseudonym_domain": "FR-2026-0002"}, "out-of-scope"),
        ({"opt_out_list_digest": "sha256:" + "0" * 64}, "stale-opt-outs"),
        ({"cohort": cohort_of(AtLeast(Events("stay_main_diagnosis", ("B20",))))}, "out-of-scope"),
        ({"cohort": cohort_of(AtLeast(Events("persons", ("1",))))}, "out-of-scope"),
        ({"order_number": "../escape"}, "malformed"),
        ({"order_number": ""}, "malformed"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_an_order_so_changed_is_refused(
    world: World, changes: dict[str, object], code: str
) -> None:
    world.send(replace(world.grant(), **changes))  # type: ignore[arg-type]

    assert attacked(world) == Found([code], [code])


def test_an_order_after_the_revocation_is_refused(world: World) -> None:
    order = world.grant()
    world.send(Revocation(PERMIT.permit_number, SENT_AT, "Misuse."))
    world.send(order)

    assert attacked(world) == Found(["revoked"], ["revoked"])


def test_an_older_opt_out_list_is_refused(world: World) -> None:
    older = replace(OPT_OUTS, as_of=OPT_OUTS.as_of - timedelta(days=1), opt_out_ids=())
    world.send(world.grant(opt_outs=older))

    assert attacked(world) == Found(["stale-opt-outs"], ["stale-opt-outs"])


def test_an_order_for_another_zone_is_refused(world: World) -> None:
    order = world.grant()
    world.post(world.sign(order, audience=("agent:zone-2",)), world.public)

    assert attacked(world) == Found(["out-of-scope"], ["out-of-scope"])


def test_an_order_past_its_last_instant_is_refused(world: World) -> None:
    order = world.grant()
    world.post(world.sign(order, expires_at=NOW - timedelta(minutes=1)), world.public)

    assert attacked(world) == Found(["expired"], ["expired"])


def test_an_order_from_the_future_is_refused(world: World) -> None:
    order = world.grant()
    world.post(world.sign(order, issued_at=NOW + timedelta(days=1)), world.public)

    assert attacked(world) == Found(["not-yet-valid"], ["not-yet-valid"])


def test_an_order_signed_by_the_checking_room_is_refused(world: World) -> None:
    order = world.grant()
    key = world.keys[Signer.CHECKING_ROOM]
    world.post(world.sign(order, key=key, issuer=Signer.CHECKING_ROOM), world.public)

    assert attacked(world) == Found(["wrong-signer"], ["wrong-signer"])


def test_an_order_signed_by_an_unknown_key_is_refused(world: World, tmp_path: Path) -> None:
    order = world.grant()
    stranger = keys.create_key(tmp_path / "stranger", Signer.PORTAL, now=MADE_AT)
    world.post(world.sign(order, key=stranger), world.public)

    assert attacked(world) == Found(["unknown-key"], ["unknown-key"])


def test_an_order_with_one_character_changed_is_refused(world: World) -> None:
    order = world.sign(world.grant())
    world.post(order.replace(b"M01A", b"M01B"), world.public)

    assert attacked(world) == Found(["bad-signature"], ["bad-signature"])


@pytest.mark.parametrize(
    "code", ["A10' OR 1=1 --", 'A10"', "A10;DROP", "A%", "A_", "*", "", "../A10", "A" * 33]
)
def test_a_code_that_is_not_a_code_never_reaches_an_engine(world: World, code: str) -> None:
    data = world.sign(world.grant())
    world.post(data.replace(b'["M01A"]', canonical.encode([code])), world.public)

    assert attacked(world) == Found(["malformed"], ["malformed"])


@pytest.mark.parametrize("source", ["drug_atc'; --", "DRUG_ATC", "", "a" * 41])
def test_a_source_that_is_not_a_name_never_reaches_an_engine(world: World, source: str) -> None:
    data = world.sign(world.grant())
    world.post(data.replace(b'"drug_atc"', canonical.encode(source)), world.public)

    assert attacked(world) == Found(["malformed"], ["malformed"])


@pytest.mark.parametrize("name", ['PHA_PRS_C13"; --', "person_key", "event_date; --", "*"])
def test_a_column_that_the_permit_gives_and_no_table_has_is_refused(
    world: World, name: str
) -> None:
    scope = TableScope("ER_PHA_F", ("PHA_PRS_C13", name))
    datasets = (replace(PERMIT.datasets[0], tables=(scope,)),)
    world.send(replace(world.grant(replace(PERMIT, datasets=datasets)), tables=(scope,)))

    assert attacked(world) == Found(["out-of-scope"], ["out-of-scope"])


class TestReplay:
    """The same order again, and another under the same number."""

    @pytest.fixture
    def order(self, world: World) -> ExtractionOrder:
        return world.grant()

    def codes_after(self, world: World, again: Callable[[], object]) -> list[str]:
        world.step()
        before = _fingerprint(world)
        again()
        world.step()
        assert _fingerprint(world) == before
        bodies = world.bodies(world.public, Refusal)
        return [body.code for body in bodies if isinstance(body, Refusal)]

    def test_the_same_order_again_is_refused(self, world: World, order: ExtractionOrder) -> None:
        data = world.sign(order)
        world.post(data, world.public)

        assert self.codes_after(world, lambda: world.post(data, world.public)) == ["replayed"]

    def test_the_same_order_by_the_other_site_is_refused(
        self, world: World, order: ExtractionOrder
    ) -> None:
        data = world.sign(order)
        world.post(data, world.public)

        self.codes_after(world, lambda: world.post(data, world.checking))

        (refusal,) = world.bodies(world.checking, Refusal)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "replayed"

    def test_the_same_identifier_with_another_content_is_refused(
        self, world: World, order: ExtractionOrder
    ) -> None:
        identifier = "11111111-1111-4111-8111-111111111111"
        world.post(world.sign(order, id=identifier), world.public)
        other = world.sign(replace(order, order_number="FR-2026-0001-E2"), id=identifier)

        assert self.codes_after(world, lambda: world.post(other, world.public)) == ["replayed"]

    def test_another_order_under_the_same_number_is_refused(
        self, world: World, order: ExtractionOrder
    ) -> None:
        world.send(order)
        other = replace(order, cohort=cohort_of(AtLeast(Events("drug_atc", ("A10",)))))

        assert self.codes_after(world, lambda: world.send(other)) == ["replayed"]


def _fingerprint(world: World) -> dict[str, str]:
    """The digest of every file of every extract."""
    paths = sorted(world.zone.projects.glob("*/*/*"))
    return {str(path): canonical.digest_file(path) for path in paths}


def test_two_projects_share_no_pseudonym(world: World) -> None:
    first, second = (studies.KEY.project(domain) for domain in ("FR-2026-0001", "FR-2026-0002"))
    values = [person_id for _, person_id, _ in studies.PERSONS]

    shared = set(first.of(Label.PERSON, values)) & set(second.of(Label.PERSON, values))

    assert shared == set()


def test_refusals_and_journal_never_hold_a_value_of_a_row(world: World) -> None:
    world.send(replace(world.grant(), ordered_by="stranger@x.example"))

    world.step()

    journal = (world.zone.journal / files.ENTRIES).read_bytes()
    answers = b"".join(path.read_bytes() for path in (world.public.path / "out").glob("*.json"))
    identities = [person_id.encode() for _, person_id, _ in studies.PERSONS]
    assert [name for name in identities if name in journal + answers] == []


def test_a_mailbox_folder_is_only_read(world: World) -> None:
    world.send(world.grant())
    before = {path.name: path.read_bytes() for path in (world.public.path / "in").iterdir()}

    world.step()

    assert isinstance(world.public, FolderMailbox)
    assert {p.name: p.read_bytes() for p in (world.public.path / "in").iterdir()} == before
