"""Stamps of a third party's clock over checkpoints, by a real authority without a network."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed
from ecluse.trust.journal import checkpoints, stamps, tree
from ecluse.trust.journal.stamps import Stamp
from tests.unit.trust.authority import Authority, open_authority
from tests.unit.trust.build import AGENT

NOTE = checkpoints.sign_checkpoint("test/zone", 3, tree.leaf_hash(b"root"), AGENT)
OTHER = checkpoints.sign_checkpoint("test/zone", 4, tree.leaf_hash(b"root"), AGENT)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def made(authority: Authority) -> Stamp:
    return stamps.stamp(NOTE, authority.ask, stamps.load_roots([authority.root]))


def test_a_stamp_gives_the_instant_of_the_authority(authority: Authority, made: Stamp) -> None:
    at = stamps.verify_stamp(made, stamps.load_roots([authority.root]))

    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_witnesses_of_a_note_do_not_change_what_is_stamped(authority: Authority) -> None:
    cosigned = NOTE + "— one.example AAAA\n"
    made = stamps.stamp(cosigned, authority.ask, stamps.load_roots([authority.root]))

    assert made.note == NOTE


def test_a_stamp_of_another_note_is_refused(authority: Authority, made: Stamp) -> None:
    with pytest.raises(BadSignature, match="does not hold"):
        stamps.verify_stamp(Stamp(OTHER, made.answer), stamps.load_roots([authority.root]))


def test_a_stamp_of_an_unknown_authority_is_refused(made: Stamp, tmp_path: Path) -> None:
    other = open_authority(tmp_path)

    with pytest.raises(BadSignature):
        stamps.verify_stamp(made, stamps.load_roots([other.root]))


@pytest.mark.parametrize("place", [10, 60, 200, -60, -5])
def test_an_altered_stamp_is_refused(authority: Authority, made: Stamp, place: int) -> None:
    altered = bytearray(made.answer)
    altered[place] ^= 1

    with pytest.raises(BadSignature):
        stamps.verify_stamp(Stamp(NOTE, bytes(altered)), stamps.load_roots([authority.root]))


def test_an_old_answer_of_the_authority_is_not_taken_for_a_new_one(
    authority: Authority, made: Stamp
) -> None:
    with pytest.raises(BadSignature):
        stamps.stamp(NOTE, lambda _: made.answer, stamps.load_roots([authority.root]))


def test_stamps_are_kept_one_a_line(made: Stamp, tmp_path: Path) -> None:
    path = stamps.stamps_path(tmp_path / "journal.jsonl")
    stamps.add_stamp(path, made)
    stamps.add_stamp(path, made)

    assert stamps.read_stamps(path) == (made, made)
    assert stamps.read_stamps(tmp_path / "absent") == ()


def test_what_is_no_stamp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        Stamp.parse(b'{"answer":"","more":1,"note":""}')
    with pytest.raises(InvalidInput, match="https"):
        stamps.over_http("ftp://authority.example")
    with pytest.raises(InvalidInput, match="no certificate"):
        stamps.load_roots([tmp_path / "absent.pem"])
