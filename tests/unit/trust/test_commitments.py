"""Sets of identifiers: committed to, shown to hold a digest or not, never read without the key."""

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest

from ecluse.domain.errors import BadSignature
from ecluse.trust import commitments
from ecluse.trust.commitments import DigestSet, check_absence, check_presence, keyed_digests
from ecluse.trust.journal import tree

KEY = bytes(range(32))
NAMES = ("N-ANNA", "N-BRUNO", "N-CHLOE", "N-DAVID", "N-EMMA")


def digest(name: str) -> bytes:
    return hmac.digest(KEY, name.encode(), "sha256")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_the_root_is_that_of_the_merkle_tree_of_the_sorted_digests(count: int) -> None:
    made = DigestSet(keyed_digests(NAMES[:count], KEY))

    leaves = [tree.leaf_hash(one) for one in sorted(digest(name) for name in NAMES[:count])]
    assert made.root() == tree.root(leaves)


def test_the_commitment_binds_the_size_and_the_root() -> None:
    made = DigestSet(keyed_digests(("N-ANNA",), KEY))

    root = sha256(b"\x00" + digest("N-ANNA")).digest()
    told = sha256(b"ecluse set of identifiers 1\n" + bytes(7) + b"\x01" + root).hexdigest()
    assert made.commitment() == f"sha256:{told}"


def test_the_same_identifier_twice_is_one_leaf() -> None:
    assert len(DigestSet(keyed_digests(("N-ANNA", "N-ANNA"), KEY))) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_of_the_set_is_shown_to_be_in_it(name: str) -> None:
    made = DigestSet(keyed_digests(NAMES, KEY))
    rank = list(made).index(digest(name))

    check_presence(made.place(rank), size=5, root=made.root())


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("absent", [bytes(32), b"\xff" * 32, b"\x80" + bytes(31)])
def test_a_digest_out_of_the_set_is_shown_to_be_out(count: int, absent: bytes) -> None:
    made = DigestSet(keyed_digests(NAMES[:count], KEY))

    check_absence(absent, made.neighbours(absent), size=count, root=made.root())


@pytest.mark.parametrize("name", NAMES)
def test_nobody_of_the_set_can_be_shown_to_be_out(name: str) -> None:
    made = DigestSet(keyed_digests(NAMES, KEY))
    forged = tuple(made.place(one) for one in range(5) if made[one] != digest(name))[:2]

    with pytest.raises(BadSignature):
        made.neighbours(digest(name))
    with pytest.raises(BadSignature):
        check_absence(digest(name), forged, size=5, root=made.root())


def test_neighbours_that_do_not_follow_each_other_show_nothing() -> None:
    made = DigestSet(keyed_digests(NAMES, KEY))
    hidden = made[2]

    with pytest.raises(BadSignature):
        check_absence(hidden, (made.place(1), made.place(3)), size=5, root=made.root())


def test_one_end_of_the_set_shows_nothing_of_its_middle() -> None:
    made = DigestSet(keyed_digests(NAMES, KEY))
    after_first = (int.from_bytes(made[0], "big") + 1).to_bytes(32, "big")

    with pytest.raises(BadSignature):
        check_absence(after_first, (made.place(0),), size=5, root=made.root())


def test_an_altered_leaf_path_or_rank_is_refused() -> None:
    made = DigestSet(keyed_digests(NAMES, KEY))
    place = made.place(1)

    with pytest.raises(BadSignature):
        check_presence(replace(place, digest=bytes(32)), size=5, root=made.root())
    with pytest.raises(BadSignature):
        check_presence(replace(place, index=0), size=5, root=made.root())
    with pytest.raises(BadSignature):
        check_presence(replace(place, path=place.path[:-1]), size=5, root=made.root())


def test_a_commitment_says_nothing_of_an_identifier_without_its_key() -> None:
    ours = commitments.DigestSet(keyed_digests(("N-ANNA",), KEY))
    guessed = commitments.DigestSet(keyed_digests(("N-ANNA",), bytes(32)))

    assert ours.commitment() != guessed.commitment()
