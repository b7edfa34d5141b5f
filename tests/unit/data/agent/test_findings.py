"""A significant finding in the zone: its persons are found for their holder, and for nobody else.

In the study persons 1 and 2 are extracted (OPT-1, OPT-2); the analysis names both, and a stranger.
"""

import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.data.agent.findings_lists import Dossier, holder_key, waiting
from ecluse.data.agent.memberships import zone_key
from ecluse.domain import codec
from ecluse.domain.documents import (
    CheckReport,
    FindingOrder,
    FindingReceipt,
    FindingRecipient,
    JobOrder,
    JobReceipt,
    Permit,
    Refusal,
    Signer,
    WishList,
)
from ecluse.domain.errors import NotAllowed
from ecluse.domain.findings import ToTell
from ecluse.trust import canonical, keys, sealing
from ecluse.trust.pseudonyms.custodians import create_custodian
from ecluse.trust.zone import sealed_lines
from ecluse.trust.zone.sealed_files import draw_data_key
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import DATASET, NOW, PERMIT

NUMBER = "CS-2026-00001"
STRANGER = "0" * 64
REASON = "Le risque est documenté, et le médecin traitant peut agir aussitôt."
STUDY = {
    "study.toml": """
[study]
title = "Persons"
[actions.cohort]
sql = "cohort.sql"
outputs.persons = ["cohort.parquet"]
[actions.named]
python = "named.py"
needs = ["cohort"]
outputs.persons = ["CS-2026-00001.csv"]
outputs.results = ["done.csv"]
""",
    "cohort.sql": 'CREATE TABLE cohort AS SELECT DISTINCT person_pseudonym FROM "ER_PHA_F";',
    "named.py": f"""
import pyarrow.parquet as pq
rows = pq.read_table("/inputs/cohort/cohort.parquet")["person_pseudonym"].to_pylist()
lines = ["person_pseudonym", *rows, "{STRANGER}"]
open("/outputs/{NUMBER}.csv", "w").write("\\n".join(lines))
open("/outputs/done.csv", "w").write("step,persons\\nall,40\\n")
""",
}


class Hospital:
    """A study that named persons, their holder with its key, and the two custodians with theirs."""

    def __init__(self, world: World, folder: Path, permit: Permit = PERMIT) -> None:
        self.world, self.folder, self.file = world, folder, folder / "wishes"
        zone_key(world.zone)
        self.order = world.grant(permit)
        world.send(self.order)
        world.step()
        self.key = sealing.create_opening_key(folder / "chu", "chu")
        custodians = world.zone.path / "custodians"
        custodians.mkdir()
        for level, name in ((1, "Alice"), (2, "Bruno")):
            made = create_custodian(folder / name, name, level)
            (custodians / f"custodian-{level}.pub").write_bytes(made.line())

    def give_key(self) -> None:
        """Have the zone know the holder's public key."""
        known = holder_key(self.world.zone, "chu")
        known.parent.mkdir(parents=True)
        known.write_bytes((self.folder / "chu" / "chu.opening.pub").read_bytes())

    def study(self) -> None:
        """Have the analysis leave, in the zone, whom it is about."""
        bundle = self.world.checking.path / "bundle.zip"
        with zipfile.ZipFile(bundle, "w") as archive:
            for name, text in STUDY.items():
                archive.writestr(name, text)
        receipts = self.world.documents(self.world.checking, "ExtractionReceipt")
        self.world.send(
            JobOrder(
                job_number=f"{self.order.permit_number}-J1",
                permit_number=self.order.permit_number,
                permit_digest=self.order.permit_digest,
                extraction_number=self.order.order_number,
                extraction_digest=canonical.digest(receipts[-1]),
                code_digest=self.world.checking.store_blob(bundle),
                entry="study.toml",
                submitted_by=self.order.ordered_by,
            )
        )
        self.world.step()

    def send(self, *unwilling: str, **changes: object) -> str:
        """Send who wishes not to be told, then the order; return the order's digest."""
        receiver = sealing.load_receiver(zone_key(self.world.zone))
        signed = self.send_wishes(unwilling, receiver)
        made = FindingOrder(
            finding_number=NUMBER,
            permit_number=PERMIT.permit_number,
            permit_digest=self.order.permit_digest,
            wish_list_digest=canonical.digest(signed),
            reason=REASON,
            recipients=(FindingRecipient("chu", DATASET),),
        )
        return self.world.send(replace(made, **changes))  # type: ignore[arg-type]

    def send_wishes(self, unwilling: Iterable[str], receiver: X25519PublicKey) -> bytes:
        """Send who wishes not to be told, sealed for `receiver`; return the signed document."""
        key, purpose = draw_data_key(), f"ecluse wishes not to be told {NUMBER}"
        self.file.write_bytes(b"".join(sealed_lines.seal_lines(unwilling, key, name=purpose)))
        sealed_key = sealed_lines.seal_key(key, receiver, purpose=purpose)
        size, digest = self.file.stat().st_size, self.world.public.store_blob(self.file)
        wishes = WishList(NUMBER, NOW, digest, size, keys.to_base64url(sealed_key))
        register = Signer.REGISTER
        signed = self.world.sign(wishes, self.world.keys[register], issuer=register)
        self.world.post(signed, self.world.public)
        return signed

    def approve(self, *names: str) -> None:
        """Have custodians sign the request that waits, and the agent go on."""
        for name in names:
            Dossier(self.world.zone, NUMBER).approve(self.folder / name, name)
        self.world.step()

    def search(self, *unwilling: str) -> FindingReceipt:
        """Do all of it; return what the zone tells."""
        self.give_key()
        self.study()
        self.send(*unwilling)
        self.world.step()
        self.approve("Alice", "Bruno")
        (receipt,) = self.world.bodies(self.world.public, FindingReceipt)
        assert isinstance(receipt, FindingReceipt)
        return receipt

    def refusal(self) -> Refusal:
        """What the zone answers when it does not obey."""
        self.world.step()
        (refusal,) = self.world.bodies(self.world.public, Refusal)
        assert isinstance(refusal, Refusal)
        return refusal

    def sealed(self) -> bytes:
        """The file that awaits the holder."""
        return (
            Dossier(self.world.zone, NUMBER).answer(FindingRecipient("chu", DATASET)).read_bytes()
        )

    def opened(self) -> ToTell:
        """What that file tells the holder."""
        purpose = f"ecluse persons of a significant finding {NUMBER}"
        message = self.key.open(self.sealed(), purpose=purpose)
        told: ToTell = codec.decode(canonical.decode(message.rstrip(b" ")), ToTell)
        return told


@pytest.fixture
def hospital(world: World, tmp_path: Path) -> Hospital:
    """The extract of the small study, its holder and the custodians."""
    return Hospital(world, tmp_path)


def test_the_holder_alone_reads_the_names_that_its_deliveries_gave(hospital: Hospital) -> None:
    receipt = hospital.search()

    assert hospital.opened() == ToTell(NUMBER, "chu", DATASET, ("IDENTITY-OF-1", "IDENTITY-OF-2"))
    assert receipt.answers[0].digest == canonical.digest(hospital.sealed())


def test_whoever_wishes_not_to_be_told_is_not_in_the_list(hospital: Hospital) -> None:
    hospital.search("OPT-1", "OPT-77")

    assert hospital.opened().person_ids == ("IDENTITY-OF-2",)


def test_wishes_too_many_for_a_document_are_obeyed(hospital: Hospital) -> None:
    hospital.search(*(f"{rank:064x}" for rank in range(300_000)), "OPT-1")

    assert hospital.opened().person_ids == ("IDENTITY-OF-2",)


def test_an_order_waits_for_the_file_of_wishes(hospital: Hospital) -> None:
    hospital.give_key()
    hospital.study()
    hospital.send("OPT-1")
    (kept,) = hospital.world.public.path.rglob(canonical.digest_file(hospital.file)[7:])
    kept.rename(hospital.folder / "late")

    hospital.world.step()
    assert not list(waiting(hospital.world.zone))

    (hospital.folder / "late").rename(kept)
    hospital.world.step()
    hospital.approve("Alice", "Bruno")
    assert hospital.opened().person_ids == ("IDENTITY-OF-2",)


def test_counts_of_a_few_do_not_leave_and_neither_does_a_name(hospital: Hospital) -> None:
    receipt = hospital.search("OPT-1")

    assert (receipt.to_tell_count, receipt.unwilling_count, receipt.not_found_count) == (
        *(None, None, None),
    )
    left = b"".join(path.read_bytes() for path in hospital.world.public.path.rglob("out/*"))
    left += b"".join(path.read_bytes() for path in hospital.world.checking.path.rglob("out/*"))
    assert b"IDENTITY-OF" not in left
    assert b"OPT-1" not in left


def test_counts_that_the_permit_lets_be_said_are_those_of_persons(
    world: World, tmp_path: Path
) -> None:
    hospital = Hospital(world, tmp_path, replace(PERMIT, minimum_count=1))

    receipt = hospital.search("OPT-1")

    # Person 2 is to be told, person 1 does not wish it, the stranger is nobody.
    assert (receipt.to_tell_count, receipt.unwilling_count, receipt.not_found_count) == (1, 1, 1)


def test_the_list_of_one_person_is_as_long_as_that_of_two(
    hospital: Hospital, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hospital.search()
    folder = tmp_path_factory.mktemp("other")
    other = Hospital(World(folder), folder)
    other.search("OPT-1")

    assert len(hospital.sealed()) == len(other.sealed())


def test_the_list_is_no_output_and_no_checker_receives_it(hospital: Hospital) -> None:
    hospital.study()

    (receipt,) = hospital.world.bodies(hospital.world.checking, JobReceipt)
    (report,) = hospital.world.bodies(hospital.world.checking, CheckReport)
    assert isinstance(receipt, JobReceipt)
    assert isinstance(report, CheckReport)
    assert [file.name for file in receipt.outputs] == ["done.csv"]
    assert [file.name for file in report.files] == ["done.csv"]


def test_nothing_is_searched_until_both_custodians_allow_it(hospital: Hospital) -> None:
    hospital.give_key()
    hospital.study()
    hospital.send()
    hospital.world.step()
    hospital.approve("Alice")

    ((asked, signed),) = waiting(hospital.world.zone)
    assert (asked.finding_number, asked.reason, signed) == (NUMBER, REASON, (1,))
    assert hospital.world.bodies(hospital.world.public, FindingReceipt) == []
    assert hospital.world.bodies(hospital.world.public, Refusal) == []


def test_somebody_who_is_no_custodian_of_the_zone_allows_nothing(
    hospital: Hospital, tmp_path: Path
) -> None:
    hospital.study()
    hospital.send()
    hospital.world.step()
    create_custodian(tmp_path / "Mallory", "Mallory", 1)

    with pytest.raises(NotAllowed):
        hospital.approve("Mallory")


def test_an_approval_made_with_another_key_is_refused(hospital: Hospital, tmp_path: Path) -> None:
    hospital.study()
    hospital.send()
    hospital.world.step()
    create_custodian(tmp_path / "forged", "Alice", 1)
    (tmp_path / "Alice").rename(tmp_path / "hers")
    (tmp_path / "forged").rename(tmp_path / "Alice")

    hospital.approve("Alice", "Bruno")

    assert hospital.refusal().code == "bad-signature"


def test_a_holder_that_gave_no_key_is_waited_for(hospital: Hospital) -> None:
    hospital.study()
    hospital.send()
    hospital.world.step()
    hospital.approve("Alice", "Bruno")
    before = hospital.world.bodies(hospital.world.public, FindingReceipt)
    hospital.give_key()
    hospital.world.step()

    assert before == []
    assert len(hospital.world.bodies(hospital.world.public, FindingReceipt)) == 1


def test_a_project_that_named_nobody_is_told_how(hospital: Hospital) -> None:
    hospital.give_key()
    hospital.send()

    refusal = hospital.refusal()
    assert refusal.code == "not-found"
    assert f"{NUMBER}.csv" in refusal.reason


def test_the_persons_are_those_named_when_the_search_was_asked(hospital: Hospital) -> None:
    """What the project writes later changes nothing of what the custodians allowed."""
    hospital.give_key()
    hospital.study()
    hospital.send()
    hospital.world.step()
    (hospital.world.zone.path / "jobs").rename(hospital.folder / "gone")

    hospital.approve("Alice", "Bruno")

    assert hospital.opened().person_ids == ("IDENTITY-OF-1", "IDENTITY-OF-2")


def test_another_order_takes_the_list_as_it_is_then(hospital: Hospital) -> None:
    hospital.study()
    hospital.send()
    hospital.world.step()
    (hospital.world.zone.path / "jobs").rename(hospital.folder / "gone")

    hospital.send(reason="Le risque est documenté ; le projet a corrigé sa liste depuis.")

    assert hospital.refusal().code == "not-found"


def test_data_of_another_dataset_are_not_searched(hospital: Hospital) -> None:
    hospital.study()
    hospital.send(recipients=(FindingRecipient("chu", "another"),))

    assert hospital.refusal().code == "out-of-scope"


def test_the_list_goes_with_the_data_of_the_project(hospital: Hospital) -> None:
    hospital.give_key()
    hospital.study()
    hospital.send()
    hospital.world.step()
    hospital.world.zone.extract_keys().destroy(PERMIT.permit_number)

    hospital.approve("Alice", "Bruno")

    assert hospital.refusal().code == "not-found"


def test_wishes_sealed_for_another_zone_are_refused(hospital: Hospital) -> None:
    stranger = sealing.create_opening_key(hospital.folder / "far", "far").public()

    hospital.send_wishes((), stranger)

    assert hospital.refusal().code == "bad-signature"
