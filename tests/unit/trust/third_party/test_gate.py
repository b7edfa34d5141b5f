"""What the third party answers, refuses, warns of and writes down."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.documents import Signer
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import draw_key
from ecluse.trust.pseudonyms.custodians import approve, create_custodian
from ecluse.trust.pseudonyms.national_numbers import (
    FileNationalKey,
    name_person,
    synthetic_national_number,
)
from ecluse.trust.third_party.gate import SMALL_BATCH, Gate, digest_batch
from ecluse.trust.third_party.settings import Peer, Settings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = FileNationalKey(bytes(range(32)))
REGISTER = Peer("register", 1001, frozenset({"derive"}), alarm_per_hour=3, most_per_hour=5)
LOADING = Peer("loading", 1002, frozenset({"batch"}), alarm_per_hour=25, most_per_hour=30)
SETTINGS = Settings((REGISTER, LOADING), floor=10)
NUMBERS = [synthetic_national_number(index) for index in range(20)]
NONCE = "0123456789abcdef" * 2


class World:
    """A gate, its journal, and what it said aloud."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.aloud = folder, list[str]()
        signer = draw_key(Signer.AGENT, now=NOW)
        self.journal = FileJournal(folder / "journal", origin="third-party", key=signer)
        custodians = tuple(
            create_custodian(folder / name, name, level)
            for level, name in ((1, "alice"), (2, "bruno"))
        )
        self.gate = Gate(KEY, SETTINGS, self.journal, custodians, self.aloud.append)

    def ask(self, told: JSON, *, uid: int, at: datetime = NOW) -> dict[str, JSON]:
        answer = self.gate.answer(told, uid=uid, now=at)
        assert isinstance(answer, dict)
        return answer

    def name(self, number: str, *, at: datetime = NOW) -> dict[str, JSON]:
        return self.ask({"ask": "derive", "purpose": number}, uid=1001, at=at)

    def batch(
        self, numbers: list[str], *, approvals: tuple[str, ...] = (), at: datetime = NOW
    ) -> dict[str, JSON]:
        digest = digest_batch(numbers, NONCE)
        given: list[JSON] = [
            codec.encode(approve(self.folder / name, name, digest, purpose=SMALL_BATCH))
            for name in approvals
        ]
        asked: list[JSON] = list(numbers)
        told: dict[str, JSON] = {"ask": "batch", "nonce": NONCE, "purposes": asked}
        return self.ask({**told, "approvals": given}, uid=1002, at=at)

    def entries(self) -> list[Entry]:
        return list(self.journal.entries())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.journal.close()


def test_a_citizen_is_named_as_the_key_names_them(world: World) -> None:
    answer = world.name(NUMBERS[0])

    assert answer == {"values": [name_person(NUMBERS[0], KEY).lower()]}


def test_a_batch_is_named_in_the_order_given(world: World) -> None:
    answer = world.batch(NUMBERS)

    assert answer == {"values": [name_person(number, KEY).lower() for number in NUMBERS]}


def test_an_account_that_is_not_known_gets_nothing_and_is_told_aloud(world: World) -> None:
    answer = world.ask({"ask": "derive", "purpose": NUMBERS[0]}, uid=0)

    assert answer["code"] == "not-allowed"
    assert world.aloud == ["alarm: uid 0: unknown account"]
    assert [entry.action for entry in world.entries()] == ["third-party.alarm"]


@pytest.mark.parametrize(
    ("uid", "told"),
    [
        (1001, {"ask": "batch", "purposes": NUMBERS}),
        (1002, {"ask": "derive", "purpose": NUMBERS[0]}),
        (1001, {"ask": "export", "purposes": ["all"]}),
    ],
)
def test_each_account_asks_only_for_what_it_may(world: World, uid: int, told: JSON) -> None:
    answer = world.ask(told, uid=uid)

    assert answer["code"] == "not-allowed"
    assert "values" not in answer


def test_a_batch_below_the_floor_is_refused_and_told_aloud(world: World) -> None:
    answer = world.batch(NUMBERS[:9])

    assert answer["code"] == "not-allowed"
    assert "a batch has 10 persons, or two approvals" in str(answer["message"])
    assert [entry.action for entry in world.entries()] == [
        "third-party.refused",
        "third-party.alarm",
    ]
    assert world.aloud == ["alarm: loading: refused: a batch has 10 persons, or two approvals"]


def test_one_person_given_many_times_is_still_one(world: World) -> None:
    answer = world.batch([*NUMBERS[:9], *[NUMBERS[0]] * 5])

    assert answer["code"] == "not-allowed"


def test_a_small_batch_passes_with_the_approval_of_both_custodians(world: World) -> None:
    answer = world.batch(NUMBERS[:2], approvals=("alice", "bruno"))

    assert answer == {"values": [name_person(number, KEY).lower() for number in NUMBERS[:2]]}


@pytest.mark.parametrize("approvals", [("alice",), ("bruno",), ("alice", "alice")])
def test_a_small_batch_does_not_pass_with_one_custodian(
    world: World, approvals: tuple[str, ...]
) -> None:
    assert world.batch(NUMBERS[:2], approvals=approvals)["code"] == "not-allowed"


def test_an_approval_is_for_one_batch(world: World) -> None:
    digest = digest_batch(NUMBERS[:2], NONCE)
    given: list[JSON] = [
        codec.encode(approve(world.folder / name, name, digest, purpose=SMALL_BATCH))
        for name in ("alice", "bruno")
    ]

    told: dict[str, JSON] = {"ask": "batch", "nonce": NONCE, "approvals": given}
    answer = world.ask({**told, "purposes": [NUMBERS[0], NUMBERS[5]]}, uid=1002)

    assert answer["code"] == "not-allowed"


def test_a_rate_makes_one_alarm_then_a_refusal_until_the_hour_has_passed(world: World) -> None:
    """Three persons an hour make an alarm; five are the most."""
    answers = [world.name(NUMBERS[index], at=NOW + timedelta(minutes=index)) for index in range(6)]
    later = world.name(NUMBERS[6], at=NOW + timedelta(minutes=60))

    assert ["values" in answer for answer in answers] == [True] * 5 + [False]
    assert "values" in later
    assert world.aloud == [
        "alarm: register: 3 persons within an hour",
        "alarm: register: refused: 5 persons an hour are the most",
    ]


def test_a_restart_forgets_nothing_of_the_hour(world: World) -> None:
    [world.name(number) for number in NUMBERS[:5]]
    again = Gate(KEY, SETTINGS, world.journal)

    again.remember(NOW + timedelta(minutes=59))
    answer = again.answer(
        {"ask": "derive", "purpose": NUMBERS[6]}, uid=1001, now=NOW + timedelta(minutes=59)
    )

    assert isinstance(answer, dict)
    assert answer["code"] == "not-allowed"


def test_the_journal_says_who_and_how_many_and_never_for_whom(world: World) -> None:
    world.name(NUMBERS[0])
    answer = world.batch(NUMBERS)
    world.batch(NUMBERS[:2])

    text = world.journal.path.read_text()
    assert [(entry.actor, entry.details.get("persons")) for entry in world.entries()] == [
        ("register", 1),
        ("loading", 20),
        ("loading", 2),
        ("loading", None),
    ]
    assert not any(number in text for number in NUMBERS)
    assert isinstance(answer["values"], list)
    assert not any(str(name) in text for name in answer["values"])


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"ask": "derive"},
        {"ask": "batch", "purposes": []},
        {"ask": "batch", "purposes": [1]},
        {"ask": "batch", "purposes": ["x" * 201]},
        {"ask": "batch", "purposes": NUMBERS, "nonce": 3},
        {"ask": "batch", "purposes": NUMBERS, "approvals": "both"},
    ],
)
def test_what_is_no_question_is_refused_without_being_repeated(world: World, told: JSON) -> None:
    answer = world.ask(told, uid=1002)

    assert answer["code"] == "malformed"
    assert NUMBERS[0] not in str(answer)
