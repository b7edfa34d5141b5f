"""What a zone keeps of its extracts: proofs for an auditor, and an answer to one person at a time.

In the study person 3 (OPT-3) is out, persons 1 and 2 are extracted, person 4 has no own number.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ecluse.data.agent.memberships import Quota, zone_key
from ecluse.data.agent.recounts import recount
from ecluse.data.agent.state import State
from ecluse.data.extraction import read_receipt
from ecluse.data.optouts import proofs
from ecluse.data.optouts.proofs import Challenge, Proof
from ecluse.domain import codec
from ecluse.domain.documents import (
    Basis,
    ExtractionOrder,
    ExtractionReceipt,
    ListFile,
    MembershipAnswer,
    MembershipQuestion,
    OptOutList,
    Refusal,
    Signer,
)
from ecluse.domain.errors import BadSignature, NotAllowed, NotFound
from ecluse.domain.memberships import Memberships, Subject
from ecluse.trust import canonical, keys, sealing
from ecluse.trust.commitments import DigestSet, keyed_digests
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT

ORDER = "FR-2026-0001-E1"
REGISTER = Signer.REGISTER
MINE = X25519PrivateKey.generate()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A zone that extracted the small study."""
    made = World(tmp_path)
    zone_key(made.zone)
    made.send(made.grant())
    made.step()
    return made


def receipt_of(world: World) -> ExtractionReceipt:
    (receipt,) = world.bodies(world.public, ExtractionReceipt)
    assert isinstance(receipt, ExtractionReceipt)
    return receipt


def order_of(world: World) -> ExtractionOrder:
    """The order that the zone obeyed."""
    state = State(world.zone.state)
    body = state.by_number("ExtractionOrder", ORDER)[0].document.body
    state.close()
    assert isinstance(body, ExtractionOrder)
    return body


def question(world: World, *identifiers: str, number: str = "Q-1") -> MembershipQuestion:
    """A question on the person of these identifiers, sealed for the zone."""
    told = canonical.encode(codec.encode(Subject(tuple(sorted(identifiers))).padded()))
    receiver = sealing.load_receiver(zone_key(world.zone))
    sealed = sealing.seal(told, receiver, purpose=f"ecluse question on one person {number}")
    reply_to = keys.to_base64url(MINE.public_key().public_bytes_raw())
    return MembershipQuestion(number, keys.to_base64url(sealed), reply_to)


def ask(world: World, *identifiers: str, number: str = "Q-1") -> Memberships:
    """Ask, let the agent answer, and open what it says."""
    asked = question(world, *identifiers, number=number)
    world.post(world.sign(asked, world.keys[REGISTER], issuer=REGISTER), world.public)
    world.step()
    answer = world.bodies(world.public, MembershipAnswer)[-1]
    assert isinstance(answer, MembershipAnswer)
    opened = sealing.OpeningKey(MINE).open(
        keys.from_base64url(answer.sealed), purpose=f"ecluse answer on one person {number}"
    )
    read: Memberships = codec.decode(canonical.decode(opened), Memberships)
    return read


def test_the_receipt_says_how_many_were_left_out_and_why(world: World) -> None:
    kept = studies_receipt(world)

    counts = {one.reason: one.person_count for one in kept.opt_outs.removed}
    assert kept.opt_outs.person_count == 3
    assert counts == {"unnamed": 0, "ehds-71": 1, "national-copy": 0, "both": 0}
    assert [one.basis for one in kept.opt_outs.lists] == [Basis.EHDS, Basis.NATIONAL_COPY]


def test_the_receipt_that_leaves_masks_counts_of_a_few(world: World) -> None:
    told = receipt_of(world).opt_outs

    assert told.person_count is None
    assert {one.reason: one.person_count for one in told.removed}["ehds-71"] is None


def test_everybody_extracted_is_proved_to_be_in_no_list(world: World) -> None:
    receipt = receipt_of(world)

    proof = proofs.prove(world.zone.records().of_order(ORDER), receipt)

    # OPT-1 and OPT-2, PSA-OF-1 and PSA-OF-2, with and without rank 1.
    assert proofs.check(Proof.parse(proof.line()), receipt) == 6


def test_a_proof_shows_no_identifier(world: World) -> None:
    line = proofs.prove(world.zone.records().of_order(ORDER), receipt_of(world)).line()

    assert b"OPT-" not in line
    assert b"PSA-" not in line


def test_an_auditor_s_number_draws_whom_to_show(world: World) -> None:
    receipt, drawn = receipt_of(world), Challenge("314159", 2)

    proof = proofs.prove(world.zone.records().of_order(ORDER), receipt, challenge=drawn)

    assert proofs.check(proof, receipt, challenge=drawn) == 2
    with pytest.raises(BadSignature):
        proofs.check(proof, receipt, challenge=Challenge("271828", 3))
    with pytest.raises(BadSignature):
        proofs.check(proof, receipt)


def test_a_proof_of_other_persons_or_of_another_list_is_refused(world: World) -> None:
    receipt = receipt_of(world)
    proof = proofs.prove(world.zone.records().of_order(ORDER), receipt)

    with pytest.raises(BadSignature):
        proofs.check(replace(proof, persons=replace(proof.persons, size=5)), receipt)
    with pytest.raises(BadSignature):
        proofs.check(replace(proof, lists=proof.lists[1:]), receipt)
    with pytest.raises(BadSignature):
        proofs.check(replace(proof, shown=proof.shown[1:]), receipt)


def test_with_its_key_the_signed_list_is_shown_to_be_the_one_applied(world: World) -> None:
    receipt = receipt_of(world)
    proof = proofs.prove(world.zone.records().of_order(ORDER), receipt, with_key=True)
    key = bytes.fromhex(str(proof.digest_key))

    signed = DigestSet(keyed_digests(OPT_OUTS.opt_out_ids, key))
    shorter = DigestSet(keyed_digests(OPT_OUTS.opt_out_ids[1:], key))

    proofs.check_list(proof, Basis.EHDS, signed)
    with pytest.raises(BadSignature):
        proofs.check_list(proof, Basis.EHDS, shorter)


def test_an_extract_that_held_an_opposed_person_could_not_be_proved(world: World) -> None:
    records, receipt = world.zone.records(), receipt_of(world)
    forged = records.keep(receipt.opt_out_list_digest, ORDER, "FR-2026-0001", ["OPT-1", "OPT-3"])
    lying = replace(receipt, opt_outs=replace(receipt.opt_outs, persons=forged))

    with pytest.raises(BadSignature):
        proofs.prove(records.of_order(ORDER), lying)


def test_records_that_are_not_what_the_receipt_binds_prove_nothing(world: World) -> None:
    records, receipt = world.zone.records(), receipt_of(world)
    records.keep(receipt.opt_out_list_digest, ORDER, "FR-2026-0001", ["OPT-1"])

    with pytest.raises(BadSignature):
        proofs.prove(records.of_order(ORDER), receipt)


def test_the_files_of_an_extract_hold_the_persons_of_its_record(world: World) -> None:
    records, kept = world.zone.records(), studies_receipt(world)
    order = order_of(world)

    assert recount(world.zone, order, kept, records.of_order(ORDER)) == 2

    records.keep(kept.opt_out_list_digest, ORDER, "FR-2026-0001", ["OPT-1", "OPT-2"])
    with pytest.raises(BadSignature):
        recount(world.zone, order, kept, records.of_order(ORDER))


def test_an_extract_without_a_record_is_said_to_be_so(world: World) -> None:
    with pytest.raises(NotFound):
        world.zone.records().of_order("FR-2026-0001-E9")


@pytest.mark.parametrize("identifier", ["OPT-1", "PSA-OF-1", "PSA-OF-11"])
def test_a_person_of_an_extract_is_told_its_project_by_any_number(
    world: World, identifier: str
) -> None:
    found = ask(world, identifier)

    assert (found.projects, found.is_listed) == (("FR-2026-0001",), False)


def test_a_person_who_is_out_is_told_no_project_and_why(world: World) -> None:
    found = ask(world, "OPT-3")

    assert (found.projects, found.is_listed) == ((), True)


def test_a_stranger_is_told_no_project(world: World) -> None:
    found = ask(world, "OPT-77")

    assert (found.projects, found.is_listed) == ((), False)


def test_answers_have_one_size_whoever_is_asked_about(world: World) -> None:
    ask(world, "OPT-1", number="Q-1")
    ask(world, "OPT-3", number="Q-2")
    ask(world, "OPT-77", number="Q-3")

    sizes = {len(one.sealed) for one in world.bodies(world.public, MembershipAnswer)}
    assert len(sizes) == 1


def test_what_a_killed_extraction_left_is_no_use_of_data(world: World) -> None:
    records, receipt = world.zone.records(), receipt_of(world)
    records.keep(receipt.opt_out_list_digest, "FR-2026-0002-E1", "FR-2026-0002", ["OPT-77"])

    assert ask(world, "OPT-77").projects == ()


def test_the_answer_outlives_the_data(world: World) -> None:
    world.zone.extract_keys().destroy("FR-2026-0001")

    assert ask(world, "OPT-1").projects == ("FR-2026-0001",)


def test_a_zone_answers_so_many_questions_a_day_and_no_more(tmp_path: Path) -> None:
    quota = Quota(tmp_path, most=2)
    quota.take(now=NOW)
    quota.take(now=NOW)

    with pytest.raises(NotAllowed):
        quota.take(now=NOW)
    quota.take(now=NOW + timedelta(days=1))


def test_a_list_waits_for_its_file_and_is_then_applied(tmp_path: Path) -> None:
    world = World(tmp_path)
    data = b"OPT-3\nOPT-9\n"
    file = ListFile(Basis.EHDS, canonical.digest(data), len(data), 2)
    long = OptOutList(PERMIT.permit_number, PERMIT.decided_at, (), files=(file,))
    order = world.grant(opt_outs=long)
    world.step()
    waiting = world.zone.opt_out_files.glob("*")
    nothing = list(waiting)
    (tmp_path / "file").write_bytes(data)
    world.public.store_blob(tmp_path / "file")

    world.send(order)
    world.step()

    kept = studies_receipt(world)
    assert nothing == []
    assert kept.attrition[-1].person_count == 2
    assert {one.reason: one.person_count for one in kept.opt_outs.removed}["ehds-71"] == 1


def test_a_question_for_another_zone_is_refused(world: World) -> None:
    other = X25519PrivateKey.generate().public_key()
    sealed = sealing.seal(b"{}", other, purpose="ecluse question on one person Q-1")
    asked = replace(question(world, "OPT-1"), sealed=keys.to_base64url(sealed))

    world.post(world.sign(asked, world.keys[REGISTER], issuer=REGISTER), world.public)
    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad-signature"


def studies_receipt(world: World) -> ExtractionReceipt:
    """The whole receipt, beside the extract."""
    folder = world.zone.extract(PERMIT.permit_number, ORDER)
    return read_receipt(folder, world.zone.seals(PERMIT.permit_number))
