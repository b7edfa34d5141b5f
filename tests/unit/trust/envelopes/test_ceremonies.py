"""Ceremonies: three of five custodians, of three organisations, make a key and open it."""

import shutil
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed, NotFound, UnknownKey
from ecluse.trust import keys
from ecluse.trust.envelopes import ceremonies
from ecluse.trust.envelopes.ceremony_records import load_plan
from ecluse.trust.envelopes.custodians import (
    Custodian,
    CustodianKeys,
    create_custodian,
    load_custodian_keys,
)
from ecluse.trust.envelopes.hybrid import load_hybrid_key, load_receiver, store_receiver
from ecluse.trust.keys import draw_key
from tests.unit.trust.envelopes import KEY, KEYRING, NOW

BODIES = {"alice": "Fund", "bruno": "Fund", "chloe": "Hub", "denis": "Hub", "emma": "Ministry"}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CustodianKeys]:
    folder = tmp_path_factory.mktemp("people")
    for name, body in BODIES.items():
        create_custodian(folder / name, name, body)
    return {name: load_custodian_keys(folder / name, name) for name in BODIES}


@pytest.fixture
def made(tmp_path: Path, people: dict[str, CustodianKeys]) -> Path:
    """A key called `escrow`, three of five."""
    folder = tmp_path / "made"
    ceremonies.start(folder, "escrow", known(people), threshold=3)
    [ceremonies.contribute(folder, one) for one in people.values()]
    ceremonies.finish(folder, KEY, now=NOW)
    return folder


def known(people: dict[str, CustodianKeys]) -> tuple[Custodian, ...]:
    return tuple(one.custodian for one in people.values())


def opening(made: Path, folder: Path, people: dict[str, CustodianKeys], *names: str) -> Path:
    ceremonies.start_opening(folder, made, KEYRING)
    [ceremonies.contribute(folder, people[name], made=made) for name in names]
    return folder


def test_three_of_five_open_what_was_sealed_for_the_key_that_they_made(
    tmp_path: Path, made: Path, people: dict[str, CustodianKeys]
) -> None:
    sealed = load_receiver(made / "escrow.hybrid.pub").seal(b"a data key", purpose="test")

    folder = opening(made, tmp_path / "opening", people, "alice", "chloe", "emma")
    ceremonies.finish_opening(folder, made, KEY, out=tmp_path / "out", now=NOW)

    key = load_hybrid_key(tmp_path / "out" / "escrow.hybrid.key")
    assert key.open(sealed, purpose="test") == b"a data key"


def test_two_of_five_open_nothing(
    tmp_path: Path, made: Path, people: dict[str, CustodianKeys]
) -> None:
    folder = opening(made, tmp_path / "opening", people, "alice", "emma")

    with pytest.raises(NotAllowed, match="2 custodians contributed; 3 open"):
        ceremonies.finish_opening(folder, made, KEY, out=tmp_path / "out", now=NOW)
    assert not (tmp_path / "out").exists()


def test_the_key_is_in_no_file_of_the_ceremony_that_made_it(
    tmp_path: Path, made: Path, people: dict[str, CustodianKeys]
) -> None:
    folder = opening(made, tmp_path / "opening", people, "alice", "bruno", "chloe")
    ceremonies.finish_opening(folder, made, KEY, out=tmp_path / "out", now=NOW)
    raw = load_hybrid_key(tmp_path / "out" / "escrow.hybrid.key").raw()

    files = b"".join(path.read_bytes() for path in made.rglob("*") if path.is_file())

    assert bytes(raw) not in files
    assert not (made / "session.hybrid.key").exists()
    assert not (folder / "session.hybrid.key").exists()


def test_every_custodian_contributes_to_a_key(
    tmp_path: Path, people: dict[str, CustodianKeys]
) -> None:
    folder = tmp_path / "made"
    ceremonies.start(folder, "escrow", known(people), threshold=3)
    [ceremonies.contribute(folder, people[name]) for name in ("alice", "bruno", "chloe", "denis")]

    with pytest.raises(NotAllowed, match="4 of 5"):
        ceremonies.finish(folder, KEY, now=NOW)


def test_a_share_that_was_altered_is_named(
    tmp_path: Path, made: Path, people: dict[str, CustodianKeys]
) -> None:
    """Emma's file holds what somebody else sealed for her under the same purpose."""
    number = load_plan(made).number
    sealed = (
        people["emma"].custodian.receiver().seal(bytes(96), purpose=f"share of emma in {number}")
    )
    folder = opening(made, tmp_path / "opening", people, "alice", "bruno")
    (made / "shares" / "emma").write_text(keys.to_base64url(sealed) + "\n")
    ceremonies.contribute(folder, people["emma"], made=made)

    with pytest.raises(BadSignature, match="share of emma is not the one"):
        ceremonies.finish_opening(folder, made, KEY, out=tmp_path / "out", now=NOW)
    with pytest.raises(BadSignature, match="emma's share"):
        ceremonies.verify(made, KEYRING)


def test_a_custodian_cannot_bring_the_share_of_another(
    tmp_path: Path, made: Path, people: dict[str, CustodianKeys]
) -> None:
    folder = opening(made, tmp_path / "opening", people)
    shutil.copy(made / "shares" / "alice", made / "shares" / "bruno")

    with pytest.raises(BadSignature, match="another key or another purpose"):
        ceremonies.contribute(folder, people["bruno"], made=made)


def test_a_contribution_of_another_ceremony_is_refused(
    tmp_path: Path, people: dict[str, CustodianKeys]
) -> None:
    for name in ("one", "two"):
        ceremonies.start(tmp_path / name, "escrow", known(people), threshold=3)
        [ceremonies.contribute(tmp_path / name, one) for one in people.values()]
    shutil.copy(tmp_path / "one" / "contributions" / "emma", tmp_path / "two" / "contributions")

    with pytest.raises(BadSignature, match="for another ceremony"):
        ceremonies.finish(tmp_path / "two", KEY, now=NOW)


def test_a_contribution_that_another_signed_is_refused(
    tmp_path: Path, people: dict[str, CustodianKeys]
) -> None:
    folder = tmp_path / "made"
    ceremonies.start(folder, "escrow", known(people), threshold=3)
    [ceremonies.contribute(folder, one) for one in people.values()]
    shutil.copy(folder / "contributions" / "alice", folder / "contributions" / "emma")

    with pytest.raises(BadSignature, match="altered"):
        ceremonies.finish(folder, KEY, now=NOW)


def test_a_stranger_under_the_name_of_a_custodian_is_refused(
    tmp_path: Path, people: dict[str, CustodianKeys]
) -> None:
    ceremonies.start(tmp_path / "made", "escrow", known(people), threshold=3)
    create_custodian(tmp_path / "stranger", "alice", "Fund")

    with pytest.raises(BadSignature, match="other keys than these"):
        ceremonies.contribute(
            tmp_path / "made", load_custodian_keys(tmp_path / "stranger", "alice")
        )
    with pytest.raises(NotFound, match="takes no part"):
        load_plan(tmp_path / "made").custodian("zoe")


def test_no_organisation_reaches_the_threshold_alone(
    tmp_path: Path, people: dict[str, CustodianKeys]
) -> None:
    with pytest.raises(InvalidInput, match="2 custodians are of Fund"):
        ceremonies.start(tmp_path / "made", "escrow", known(people), threshold=2)
    with pytest.raises(InvalidInput, match="threshold of 6 among 5"):
        ceremonies.start(tmp_path / "made", "escrow", known(people), threshold=6)
    with pytest.raises(InvalidInput, match="same name"):
        ceremonies.start(tmp_path / "made", "escrow", known(people)[:1] * 3, threshold=3)


def test_the_transcript_proves_each_file_and_who_signed_it(
    made: Path, people: dict[str, CustodianKeys]
) -> None:
    found = ceremonies.verify(made, KEYRING)

    assert [one.custodian for one in found.contributions] == list(BODIES)
    assert [one.number for one in found.shares] == [1, 2, 3, 4, 5]
    assert found.key_id == load_receiver(made / "escrow.hybrid.pub").key_id
    with pytest.raises(UnknownKey):
        ceremonies.verify(made, type(KEYRING)([draw_key(Signer.AGENT, now=NOW).public()]))


@pytest.mark.parametrize(
    ("name", "said", "altered"),
    [
        ("plan.json", b'"threshold":3', b'"threshold":2'),
        ("contributions/bruno", b'"key_id":"bruno"', b'"key_id":"emma"'),
        ("shares/denis", b"\n", b"\n\n"),
        ("transcript.json", b"2026-03-02", b"2026-03-01"),
    ],
)
def test_a_file_that_changes_after_the_end_is_found(
    made: Path, name: str, said: bytes, altered: bytes
) -> None:
    path = made / name
    before = path.read_bytes()
    path.write_bytes(before.replace(said, altered, 1))

    assert path.read_bytes() != before
    with pytest.raises(BadSignature):
        ceremonies.verify(made, KEYRING)


def test_another_public_key_in_the_folder_is_found(
    made: Path, people: dict[str, CustodianKeys]
) -> None:
    store_receiver(made, "escrow", people["alice"].custodian.receiver())

    with pytest.raises(BadSignature, match="public key of escrow"):
        ceremonies.verify(made, KEYRING)


def test_a_ceremony_that_ended_does_not_end_twice(made: Path) -> None:
    with pytest.raises(InvalidInput, match="has ended"):
        ceremonies.finish(made, KEY, now=NOW)
