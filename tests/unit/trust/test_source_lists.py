"""A list for a data holder: who of its persons is out, and nothing else, for its key alone."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ecluse.domain.documents import Basis
from ecluse.domain.errors import BadSignature, InvalidInput, Malformed
from ecluse.trust import keys, sealing, source_lists
from ecluse.trust.sealing import OpeningKey

HOLDER = OpeningKey(X25519PrivateKey.generate())
LISTED = {Basis.EHDS: ["N-ANNA", "N-BRUNO"], Basis.NATIONAL_COPY: ["N-BRUNO"]}
CALL = "FR-2026-0001-H1"


def test_the_holder_finds_who_of_its_persons_is_out_and_under_which_right() -> None:
    made = source_lists.draw_list(LISTED)

    sealed = source_lists.seal_list(made, HOLDER.public(), call_number=CALL)

    read = source_lists.open_list(sealed, HOLDER, call_number=CALL)
    assert read.bases_of(["N-ANNA"]) == {Basis.EHDS}
    assert read.bases_of(["OTHER", "N-BRUNO"]) == {Basis.EHDS, Basis.NATIONAL_COPY}
    assert read.bases_of(["N-CLAIRE"]) == frozenset()
    assert read.commitments() == made.commitments()


def test_two_lists_of_the_same_persons_have_nothing_in_common() -> None:
    first, second = source_lists.draw_list(LISTED), source_lists.draw_list(LISTED)

    shared = set(first.digests[Basis.EHDS]) & set(second.digests[Basis.EHDS])

    assert shared == set()
    assert first.commitments() != second.commitments()


@pytest.mark.parametrize("call_number", ["FR-2026-0001-H2", ""])
def test_the_list_of_a_call_opens_for_no_other(call_number: str) -> None:
    sealed = source_lists.seal_list(
        source_lists.draw_list(LISTED), HOLDER.public(), call_number=CALL
    )

    with pytest.raises(BadSignature):
        source_lists.open_list(sealed, HOLDER, call_number=call_number)


def test_another_holder_opens_nothing() -> None:
    sealed = source_lists.seal_list(
        source_lists.draw_list(LISTED), HOLDER.public(), call_number=CALL
    )

    with pytest.raises(BadSignature):
        source_lists.open_list(sealed, OpeningKey(X25519PrivateKey.generate()), call_number=CALL)


def test_a_list_that_says_more_than_it_holds_is_refused() -> None:
    content = bytes(32) + (3).to_bytes(8, "big") + bytes(32)
    sealed = sealing.seal(content, HOLDER.public(), purpose=f"{source_lists.PURPOSE} {CALL}")

    with pytest.raises(Malformed):
        source_lists.open_list(sealed, HOLDER, call_number=CALL)


@pytest.mark.parametrize("text", ["", "abc", "é" * 43, keys.to_base64url(bytes(31))])
def test_what_is_no_public_half_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        source_lists.read_receiver(text)
