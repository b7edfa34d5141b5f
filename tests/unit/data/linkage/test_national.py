"""A cohort linked by national number: three parties, and what each of them can read."""

from pathlib import Path

import pyarrow as pa
import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.data.linkage import Linked, join_links, name_links, prepare
from ecluse.data.linkage.messages import Message, destroy, receive, send
from ecluse.data.pseudonyms import Label, ProjectPseudonyms, PseudonymKeys
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from ecluse.trust.pseudonyms.national_numbers import pseudonymise_national_number
from ecluse.trust.sealing import create_opening_key
from tests.unit.data.lakes import publish

NATIONAL_KEY = b"k" * 32
ANNE, BORIS, CHLOE, DORA = (f"1990199000{number:03d}" for number in range(1, 5))
PROJECT = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"2" * 32)).project("FR-1")

COHORT = pa.table(
    {
        "subject": ["S-anne", "S-boris", "S-anne", "S-dora", "S-elie"],
        "number": [ANNE, BORIS, ANNE, DORA, "unknown"],
        "weight": [60, 70, 61, 80, 90],
    }
)


def of_register(number: str) -> str:
    return pseudonymise_national_number(number, NATIONAL_KEY)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """The lake knows ANNE, BORIS and CHLOE; it has never seen DORA."""
    persons = [
        (1, "ID-ANNE", of_register(ANNE)),
        (2, "ID-BORIS", of_register(BORIS)),
        (3, "ID-CHLOE", of_register(CHLOE)),
    ]
    return publish(tmp_path / "hub" / "lake", "snds", {}, persons)


def pseudonym(person_id: str, project: ProjectPseudonyms = PROJECT) -> str:
    return project.of(Label.PERSON, [person_id])[0]


def link(cohort: pa.Table, snapshot: Snapshot, *, opted_out: tuple[str, ...] = ()) -> Linked:
    prepared = prepare(cohort, subject="subject", number="number")
    names = name_links(prepared.numbers, NATIONAL_KEY)
    with connect(readable=[snapshot.folder.parent]) as connection:
        return join_links(
            names,
            prepared.data,
            snapshot,
            project=PROJECT,
            opt_out_ids=opted_out,
            connection=connection,
        )


def test_the_project_receives_the_cohort_s_data_under_its_own_pseudonyms(
    snapshot: Snapshot,
) -> None:
    linked = link(COHORT, snapshot)

    assert linked.rows.column_names == ["person_pseudonym", "weight"]
    assert sorted(zip(*linked.rows.to_pydict().values(), strict=True)) == sorted(
        [
            (pseudonym("ID-ANNE"), 60),
            (pseudonym("ID-ANNE"), 61),
            (pseudonym("ID-BORIS"), 70),
        ]
    )


def test_every_subject_is_accounted_for(snapshot: Snapshot) -> None:
    linked = link(COHORT, snapshot)

    assert (linked.subjects, linked.linked) == (4, 2)
    assert (linked.unnamed, linked.not_found) == (1, 1)
    assert (linked.ambiguous, linked.opted_out) == (0, 0)


def test_who_opted_out_is_left_out(snapshot: Snapshot) -> None:
    linked = link(COHORT, snapshot, opted_out=(of_register(ANNE),))

    assert linked.rows.column("person_pseudonym").to_pylist() == [pseudonym("ID-BORIS")]
    assert linked.opted_out == 1


def test_two_subjects_with_one_number_are_told_apart_by_nobody(snapshot: Snapshot) -> None:
    twice = pa.table(
        {"subject": ["a", "b", "c"], "number": [ANNE, ANNE, BORIS], "weight": [1, 2, 3]}
    )

    linked = link(twice, snapshot)

    assert linked.rows.column("weight").to_pylist() == [3]
    assert (linked.linked, linked.ambiguous) == (1, 2)


def test_a_number_of_two_persons_of_the_lake_links_nobody(tmp_path: Path) -> None:
    persons = [(1, "ID-1", of_register(ANNE)), (2, "ID-2", of_register(ANNE))]
    snapshot = publish(tmp_path / "lake", "snds", {}, persons)

    linked = link(COHORT.slice(0, 1), snapshot)

    assert (linked.linked, linked.ambiguous, linked.not_found) == (0, 1, 0)


def test_links_are_drawn_anew_and_keep_nothing_of_the_subjects_nor_their_order() -> None:
    first = prepare(COHORT, subject="subject", number="number")
    second = prepare(COHORT, subject="subject", number="number")

    links = first.numbers.column("link_id").to_pylist()
    assert links == sorted(links)
    assert first.data.column("link_id").to_pylist() == sorted(
        first.data.column("link_id").to_pylist()
    )
    assert not set(links) & set(second.numbers.column("link_id").to_pylist())
    assert first.data.column_names == ["link_id", "weight"]
    assert first.numbers.column_names == ["link_id", "national_number"]


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        (pa.table({"subject": ["a"], "weight": [1]}), "needs the columns"),
        (pa.table({"subject": ["a"], "number": [ANNE], "link_id": ["x"]}), "none called link_id"),
        (pa.table({"subject": ["a", None], "number": [ANNE, BORIS]}), "1 rows have no subject"),
        (pa.table({"subject": ["a", "a"], "number": [ANNE, BORIS]}), "1 subjects have two"),
    ],
)
def test_a_cohort_that_cannot_be_prepared_is_refused(cohort: pa.Table, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        prepare(cohort, subject="subject", number="number")


def test_messages_of_two_sendings_are_never_mixed(snapshot: Snapshot) -> None:
    one = prepare(COHORT, subject="subject", number="number")
    other = prepare(COHORT, subject="subject", number="number")

    with (
        pytest.raises(InvalidInput, match="not of one sending"),
        connect(readable=[snapshot.folder.parent]) as connection,
    ):
        join_links(
            name_links(one.numbers, NATIONAL_KEY),
            other.data,
            snapshot,
            project=PROJECT,
            opt_out_ids=(),
            connection=connection,
        )


def test_no_party_sees_more_than_its_part(snapshot: Snapshot, tmp_path: Path) -> None:
    """Each party's folder is its custody: what it can read is what it opens there."""
    third, hub = tmp_path / "third party", tmp_path / "hub"
    third_key = create_opening_key(third, "third")
    hub_key = create_opening_key(hub, "hub")

    # The holder.
    prepared = prepare(COHORT, subject="subject", number="number")
    send(prepared.numbers, third / "numbers.sealed", third_key.public(), Message.NUMBERS)
    send(prepared.data, hub / "data.sealed", hub_key.public(), Message.DATA)
    # The third party.
    numbers = receive(third / "numbers.sealed", third_key, Message.NUMBERS)
    names = name_links(numbers, NATIONAL_KEY)
    send(names, hub / "names.sealed", hub_key.public(), Message.NAMES)
    destroy(third / "numbers.sealed")
    # The hub.
    seen_by_hub = [
        receive(hub / "names.sealed", hub_key, Message.NAMES),
        receive(hub / "data.sealed", hub_key, Message.DATA),
    ]

    third_saw = str(numbers.to_pydict())
    hub_saw = "".join(str(table.to_pydict()) for table in seen_by_hub)
    sealed = b"".join(path.read_bytes() for path in tmp_path.rglob("*.sealed"))
    hidden_from_third = ["S-anne", "weight", pseudonym("ID-ANNE")]
    assert ANNE in third_saw
    assert not [word for word in hidden_from_third if word in third_saw]
    assert of_register(ANNE) in hub_saw
    assert not [word for word in (ANNE, "S-anne") if word in hub_saw]
    assert not [word for word in (b"PAR1", of_register(ANNE).encode()) if word in sealed]
    assert not (third / "numbers.sealed").exists()


@pytest.mark.parametrize("kind", [Message.DATA, Message.NAMES])
def test_a_message_opens_for_its_own_purpose_alone(tmp_path: Path, kind: Message) -> None:
    key = create_opening_key(tmp_path, "hub")
    send(COHORT, tmp_path / "numbers.sealed", key.public(), Message.NUMBERS)

    with pytest.raises(BadSignature, match="another purpose"):
        receive(tmp_path / "numbers.sealed", key, kind)


def test_a_message_opens_with_its_receiver_s_key_alone(tmp_path: Path) -> None:
    mine, other = create_opening_key(tmp_path, "mine"), create_opening_key(tmp_path, "other")
    send(COHORT, tmp_path / "data.sealed", mine.public(), Message.DATA)

    with pytest.raises(BadSignature):
        receive(tmp_path / "data.sealed", other, Message.DATA)
    with pytest.raises(InvalidInput, match="exists"):
        send(COHORT, tmp_path / "data.sealed", mine.public(), Message.DATA)
    with pytest.raises(NotFound):
        receive(tmp_path / "absent.sealed", mine, Message.DATA)


def test_the_third_party_s_key_is_never_too_short() -> None:
    numbers = pa.table({"link_id": ["a"], "national_number": [ANNE]})

    with pytest.raises(InvalidInput, match="32 bytes"):
        name_links(numbers, b"short")


def test_what_is_linked_is_never_printed(snapshot: Snapshot) -> None:
    prepared = prepare(COHORT, subject="subject", number="number")

    assert ANNE not in repr(prepared)
    assert "ID-ANNE" not in repr(link(COHORT, snapshot))
