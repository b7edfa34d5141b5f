"""One person found again for a significant finding: only with two custodians, never shown."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.data.pseudonyms.reidentification import PURPOSE, Channel, Request, Warrant, reidentify
from ecluse.domain.errors import (
    BadSignature,
    EcluseError,
    Expired,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotYetValid,
    Replayed,
)
from ecluse.trust.pseudonyms.custodians import Approval, Custodian, approve, create_custodian
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from ecluse.trust.sealing import OpeningKey, create_opening_key

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEYS = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"2" * 32))
BORIS = KEYS.project("FR-1").of(Label.PERSON, ["ID-BORIS"])[0]
REQUEST = Request(
    number="RI-2026-1",
    project="FR-1",
    dataset="snds",
    pseudonym=BORIS,
    reason="A tumour seen by two radiologists on the scan of the study, to be treated now.",
    requester="Dr Lise Morel",
    holder="CHU de Valmontagne",
    issued_at=NOW,
)


class World:
    """Two custodians with their folders, the holder's channel, and the journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first = create_custodian(folder / "first", "Alice", FIRST)
        self.second = create_custodian(folder / "second", "Bruno", SECOND)
        self.holder: OpeningKey = create_opening_key(folder / "holder", "chu")
        self.channel = Channel(folder / "answers", self.holder.public())
        self.journal: list[tuple[str, str, str, Mapping[str, str | int]]] = []

    def approvals(self, request: Request = REQUEST) -> tuple[Approval, ...]:
        return (
            approve(self.folder / "first", "Alice", request.digest, purpose=PURPOSE),
            approve(self.folder / "second", "Bruno", request.digest, purpose=PURPOSE),
        )

    def answer(
        self,
        request: Request = REQUEST,
        *,
        approvals: tuple[Approval, ...] | None = None,
        custodians: tuple[Custodian, ...] | None = None,
        now: datetime = NOW,
    ) -> Path:
        warrant = Warrant(
            request,
            self.approvals(request) if approvals is None else approvals,
            custodians or (self.first, self.second),
        )
        return reidentify(
            warrant,
            keys=KEYS,
            persons=[pa.array(["ID-ANNE"]), pa.array(["ID-BORIS", "ID-CHLOE"])],
            channel=self.channel,
            tell=lambda *entry: self.journal.append(entry),
            now=now,
        )

    def refused(self, error: type[EcluseError], **change: object) -> None:
        with pytest.raises(error) as raised:
            self.answer(**change)  # type: ignore[arg-type]
        assert BORIS not in str(raised.value)
        assert "ID-BORIS" not in str(raised.value)
        assert not list(self.folder.glob("answers/*"))
        assert [entry[0] for entry in self.journal][-1] == "reidentification.refused"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_holder_alone_reads_who_the_person_is(world: World) -> None:
    path = world.answer()

    told = json.loads(world.holder.open(path.read_bytes(), purpose=PURPOSE))
    assert told == {"person_id": "ID-BORIS", "pseudonym": BORIS, "request": "RI-2026-1"}
    assert b"ID-BORIS" not in path.read_bytes()
    with pytest.raises(BadSignature):
        create_opening_key(world.folder, "other").open(path.read_bytes(), purpose=PURPOSE)


def test_the_journal_tells_the_search_before_it_begins_and_its_end(world: World) -> None:
    world.answer()

    assert [entry[:2] for entry in world.journal] == [
        ("reidentification.begun", "request RI-2026-1"),
        ("reidentification.answered", "request RI-2026-1"),
    ]
    assert world.journal[0][2] == REQUEST.digest
    assert "ID-BORIS" not in str(world.journal)
    assert BORIS not in str(world.journal)


def test_nothing_is_searched_when_the_journal_cannot_be_written(world: World) -> None:
    warrant = Warrant(REQUEST, world.approvals(), (world.first, world.second))

    def full(*_: object) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        reidentify(
            warrant,
            keys=KEYS,
            persons=iter([pa.array([None])]),
            channel=world.channel,
            tell=full,
            now=NOW,
        )

    assert not world.channel.folder.exists()


@pytest.mark.parametrize("kept", [(), (0,), (1,)])
def test_one_custodian_is_not_enough(world: World, kept: tuple[int, ...]) -> None:
    approvals = world.approvals()

    world.refused(NotAllowed, approvals=tuple(approvals[place] for place in kept))


def test_one_custodian_cannot_sign_for_both(world: World) -> None:
    first = world.approvals()[0]

    world.refused(BadSignature, approvals=(first, dataclasses.replace(first, level=SECOND)))


def test_one_person_who_holds_both_levels_is_refused(world: World) -> None:
    alice = create_custodian(world.folder / "again", "Alice", SECOND)
    approvals = (
        world.approvals()[0],
        approve(world.folder / "again", "Alice", REQUEST.digest, purpose=PURPOSE),
    )

    world.refused(NotAllowed, approvals=approvals, custodians=(world.first, alice))


@pytest.mark.parametrize(
    "change",
    [
        {"pseudonym": "0" * 64},
        {"project": "FR-2"},
        {"reason": "Something else altogether, which nobody has approved."},
        {"requester": "Somebody else"},
        {"holder": "Another hospital"},
    ],
)
def test_a_request_changed_after_it_was_approved_is_refused(
    world: World, change: dict[str, str]
) -> None:
    altered = dataclasses.replace(REQUEST, **change)  # type: ignore[arg-type]

    world.refused(BadSignature, request=altered, approvals=world.approvals())


def test_an_approval_given_for_another_purpose_is_refused(world: World) -> None:
    approvals = (
        world.approvals()[0],
        approve(world.folder / "second", "Bruno", REQUEST.digest, purpose="another"),
    )

    world.refused(BadSignature, approvals=approvals)


@pytest.mark.parametrize(
    ("now", "error"), [(NOW + timedelta(days=31), Expired), (NOW - timedelta(1), NotYetValid)]
)
def test_a_request_is_answered_within_thirty_days(
    world: World, now: datetime, error: type[EcluseError]
) -> None:
    world.refused(error, now=now)


def test_the_same_request_is_answered_once(world: World) -> None:
    world.answer()

    with pytest.raises(Replayed, match="was answered"):
        world.answer()


def test_a_pseudonym_of_another_project_finds_nobody(world: World) -> None:
    world.refused(NotFound, request=dataclasses.replace(REQUEST, project="FR-2"))


@pytest.mark.parametrize(
    "change",
    [
        {"pseudonym": "ID-BORIS"},
        {"number": "../../etc"},
        {"reason": "curious"},
        {"requester": " "},
        {"holder": ""},
    ],
)
def test_a_request_that_cannot_be_judged_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        dataclasses.replace(REQUEST, **change)  # type: ignore[arg-type]


def test_a_request_is_read_as_it_was_written_and_never_printed() -> None:
    assert Request.parse(REQUEST.data() + b"\n") == REQUEST
    assert BORIS not in repr(REQUEST)
